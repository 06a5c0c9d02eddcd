// A page of webpack's: the fields, and the token shown.

import { createFields } from "cardseal";

const fields = createFields({
  vault: "https://vault.example",
  context: () => fetch("/context").then((answer) => answer.text()),
});
fields.mount("number", "#card-number");
fields.mount("expiry", "#card-expiry");
fields.mount("cvc", "#card-cvc");

document.querySelector("#pay").addEventListener("click", async () => {
  document.querySelector("output").textContent = (await fields.tokenize()).id;
});
