"use client";

import { useEffect, useState } from "react";

export default function Page() {
  const [token, setToken] = useState();
  useEffect(() => {
    import("cardseal/elements");
  }, []);

  function pay(event) {
    event.preventDefault();
    setToken(new FormData(event.target).get("payment_token"));
  }

  return (
    <form onSubmit={pay}>
      <card-form vault="https://vault.example" context="/context">
        <card-number />
        <card-expiry />
        <card-cvc />
      </card-form>
      <button type="submit">Pay</button>
      <output>{token}</output>
    </form>
  );
}
