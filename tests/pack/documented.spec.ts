// What the guides show of a consumer is what is tested: each sample that names a file is that file.

import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";

test("each sample that names a file of a consumer is that file", () => {
  const guides = readdirSync("docs").filter((guide) => guide.endsWith(".md"));
  const samples = guides.flatMap((guide) => {
    const text = readFileSync(`docs/${guide}`, "utf8");
    return [...text.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)];
  });
  expect(samples.length).toBeGreaterThan(9);
  for (const [, file = "", sample] of samples) {
    expect(sample, file).toBe(readFileSync(`tests/pack/${file}`, "utf8"));
  }
});

test("the quick start's script is the README's, with the sandbox for its vault", () => {
  const [, ten = ""] =
    /```ts\n(import \{ createFields[\s\S]*?)```/.exec(readFileSync("README.md", "utf8")) ?? [];
  const [, page = ""] = /```html\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8")) ?? [];
  const script = readFileSync("tests/pack/vite/src/main.ts", "utf8");
  expect(script).toBe(ten.replace("https://vault.example", "http://localhost:8400"));
  const lines = page.trim().split("\n");
  expect(lines).toHaveLength(4);
  const html = readFileSync("tests/pack/vite/index.html", "utf8");
  for (const line of lines) expect(html).toContain(`  ${line}\n`);
});
