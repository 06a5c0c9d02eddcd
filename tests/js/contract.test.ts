// The contract of the vault's HTTP interface, as far as a shop's tests meet it: the sandbox, which is the vault, and the test
// vault of cardseal/testing/vault have to answer alike.

import { test as base } from "@playwright/test";
import { BACKEND } from "./contract/backend.ts";
import { CAPTURE } from "./contract/capture.ts";
import { Hands, PLACES } from "./contract/hands.ts";

for (const [name, start] of Object.entries(PLACES)) {
  const test = base.extend<object, { hands: Hands }>({
    hands: [
      // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures from the pattern.
      async ({}, use) => {
        const place = await start();
        await use(new Hands(place));
        await place.stop();
      },
      { scope: "worker" },
    ],
  });
  test.describe(name, () => {
    for (const [sentence, run] of Object.entries({ ...BACKEND, ...CAPTURE }))
      test(sentence, ({ hands }) => run(hands));
  });
}
