// A page with inputs of its own: direct mode, whose engine is a file that the bundler has to bring along.

import { createSealer } from "cardseal/direct";

const sealer = createSealer({ vault: "https://vault.example" });
const value = (id) => document.getElementById(id).value;

document.querySelector("button").addEventListener("click", async () => {
  const context = await fetch("/context?via=direct").then((answer) => answer.text());
  const card = { number: value("number"), expiry: value("expiry"), cvc: value("cvc") };
  const token = await sealer.tokenize(await sealer.seal(context, card));
  document.querySelector("output").textContent = token.id;
});
