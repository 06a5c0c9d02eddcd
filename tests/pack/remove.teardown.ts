// Takes the consumers away again.

import { rm } from "node:fs/promises";
import { test } from "@playwright/test";
import { PLACE } from "./place.ts";

test("the consumers are removed", async () => {
  await rm(PLACE, { recursive: true, force: true });
});
