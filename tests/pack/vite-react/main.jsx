// A page of React's: the components, the hook, and the token shown.

import { CardCvc, CardExpiry, CardForm, CardNumber, useCardFields } from "cardseal/react";
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

const context = () => fetch("/context").then((answer) => answer.text());

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

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <CardForm vault="https://vault.example" context={context}>
      <CardNumber />
      <CardExpiry />
      <CardCvc />
      <Pay />
    </CardForm>
  </StrictMode>,
);
