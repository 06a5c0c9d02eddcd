"use client";

import { CardCvc, CardExpiry, CardForm, CardNumber, useCardFields } from "cardseal/react";
import { useState } from "react";

const context = () => fetch("/context").then((answer) => answer.text());

export function Checkout() {
  return (
    <CardForm vault="https://vault.example" context={context}>
      <CardNumber />
      <CardExpiry />
      <CardCvc />
      <Pay />
    </CardForm>
  );
}

function Pay() {
  const fields = useCardFields();
  const [token, setToken] = useState();
  return (
    <>
      <button type="button" onClick={async () => setToken((await fields.tokenize()).id)}>
        Pay
      </button>
      <output>{token}</output>
    </>
  );
}
