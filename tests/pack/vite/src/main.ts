import { createFields } from "cardseal";

const fields = createFields({
  vault: "http://localhost:8400",
  context: () => fetch("/context").then((answer) => answer.text()),
});
fields.mount("number", "#card-number");
fields.mount("expiry", "#card-expiry");
fields.mount("cvc", "#card-cvc");

const pay = async () => document.body.append((await fields.tokenize()).id); // of { id, brand, last4 }
document.querySelector("#pay")?.addEventListener("click", pay);
