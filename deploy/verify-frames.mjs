/**
 * Compares what a vault's origin serves to browsers with what a release of Cardseal is: the documents of the frames, their
 * security headers, and every script, module and text they may load. Run it at least weekly (PCI DSS 11.6.1); it says a line
 * a difference to standard error, and exits with 1 if there is any, with 2 if it could not look.
 * It must never send anything but these GETs, nor depend on a package.
 *
 *   node verify-frames.mjs --vault https://vault.example --merchant shop --package node_modules/cardseal
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

const KINDS = ["coordinator", "number", "expiry", "month", "year", "cvc", "name", "postal_code", "card"];

/** What a document says besides its policy. */
const OF_DOCUMENTS = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-cache",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "cross-origin",
  "cross-origin-embedder-policy": "require-corp",
  "origin-agent-cluster": "?1",
};

const OF_ASSETS = {
  "cache-control": "public, max-age=31536000, immutable",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

/** Before and after the fonts and the embedding origins, which are the operator's. */
const POLICY =
  /^default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self';( style-src 'self'; font-src 'self';)? form-action 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'; frame-ancestors (.+)$/;

/** @typedef {{ vault: string, merchant: string, package: string, origin?: string[] | undefined }} Wanted */

/**
 * @param {Wanted} wanted
 * @returns {Promise<string[]>} a sentence for each difference
 */
export async function differences({ vault, merchant, package: folder, origin }) {
  /** @type {Record<string, string>} */
  const sri = JSON.parse(readFileSync(`${folder}/dist/sri.json`, "utf8"));
  const { release } = JSON.parse(readFileSync(`${folder}/dist/scripts.json`, "utf8"));
  /** @type {string[]} */
  const found = [];
  /** @type {(at: string, headers: Headers, wanted: Record<string, string>) => void} */
  const compare = (at, headers, wanted) => {
    const https = vault.startsWith("https:") ? { "strict-transport-security": "max-age=63072000" } : {};
    for (const [name, value] of Object.entries({ ...wanted, ...https })) {
      if (headers.get(name) !== value) found.push(`${at}: ${name} is ${headers.get(name)}, not ${value}`);
    }
  };

  for (const kind of KINDS) {
    const at = `/f/${merchant}/${release}/${kind}`;
    const answer = await fetch(vault + at, { redirect: "error" });
    if (answer.status !== 200) {
      found.push(`${at}: status ${answer.status}`);
      continue;
    }
    compare(at, answer.headers, OF_DOCUMENTS);
    const policy = answer.headers.get("content-security-policy") ?? "none";
    const ancestors = POLICY.exec(policy)?.[2];
    if (!ancestors) found.push(`${at}: content-security-policy is ${policy}`);
    else if (origin && ancestors !== origin.join(" ")) found.push(`${at}: may be embedded by ${ancestors}`);
    const html = await answer.text();
    // All that a document of the release consists of: elements that load, each with the integrity of the release.
    const rest = html
      .replace(
        /^<!doctype html><html lang="[\w-]+" dir="(ltr|rtl)"><head><meta charset="utf-8"><title>[^<]+<\/title>/,
        "",
      )
      .replace(/<\/head><body><\/body><\/html>$/, "")
      .replace(/<(?:script|link) [^<>]*>(?:<\/script>)?/g, (element) => {
        const [, address = ""] = /(?:src|href)="(\/assets\/[\w.-]+)"/.exec(element) ?? [];
        const [, integrity] = /integrity="(sha384-[^"]+)"/.exec(element) ?? [];
        // The sheet that names the operator's own fonts is in no release.
        const sheet = element.startsWith('<link rel="stylesheet"') && address && integrity;
        return sheet || (integrity && sri[address] === integrity) ? "" : element;
      });
    if (rest) found.push(`${at}: holds ${rest}, which is not of release ${release}`);
  }

  for (const [at, integrity] of Object.entries(sri).filter(([at]) => at.startsWith("/assets/"))) {
    const answer = await fetch(vault + at, { redirect: "error" });
    if (answer.status !== 200) {
      found.push(`${at}: status ${answer.status}`);
      continue;
    }
    compare(at, answer.headers, OF_ASSETS);
    const digest = createHash("sha384").update(Buffer.from(await answer.arrayBuffer()));
    if (`sha384-${digest.digest("base64")}` !== integrity)
      found.push(`${at}: its bytes are not those of release ${release}`);
  }
  return found;
}

if (process.argv[1]?.endsWith("verify-frames.mjs")) {
  try {
    const options = /** @type {const} */ ({
      vault: { type: "string" },
      merchant: { type: "string" },
      package: { type: "string" },
      origin: { type: "string", multiple: true },
    });
    const { vault, merchant, package: folder, origin } = parseArgs({ options }).values;
    if (!vault || !merchant || !folder) throw new Error("give --vault, --merchant and --package");
    const found = await differences({ vault, merchant, package: folder, origin });
    for (const sentence of found) console.error(sentence);
    console.log(`differences: ${found.length}`);
    process.exitCode = found.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(`verify-frames: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 2;
  }
}
