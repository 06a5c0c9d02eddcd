// A shop's test with WebdriverIO: a mistyped card is told, then one is paid with.

import { expectFieldError, fillCard, TEST_CARDS } from "cardseal/testing/webdriverio";
import { remote } from "webdriverio";

const browser = await remote({
  logLevel: "error",
  capabilities: {
    browserName: "chrome",
    "goog:chromeOptions": { binary: process.env.CHROMIUM, args: ["--headless=new", "--no-sandbox"] },
    "wdio:chromedriverOptions": { binary: process.env.CHROMEDRIVER },
  },
});
try {
  await browser.url(process.env.SHOP);
  await fillCard(browser, { ...TEST_CARDS.mastercard, number: "4242424242424241" });
  await expectFieldError(browser, "number", "Check the card number.");
  const wrong = await expectFieldError(browser, "number", "Looks good.", { timeout: 500 }).catch(String);
  await fillCard(browser);
  const right = await expectFieldError(browser, "number", undefined, { timeout: 500 }).catch(String);
  const missing = await fillCard(browser, undefined, { within: "footer", timeout: 500 }).catch(String);
  await browser.$("button*=Pay").click();
  const body = browser.$("body");
  await browser.waitUntil(async () => /tok_\w+/.test(await body.getText()));
  const [token] = /tok_\w+/.exec(await body.getText());
  process.stdout.write(JSON.stringify({ token, wrong, right, missing }));
} finally {
  await browser.deleteSession();
}
