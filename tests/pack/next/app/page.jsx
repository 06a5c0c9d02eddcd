// A page that the server renders, checkout and all.

import { Checkout } from "./checkout";

export default function Page() {
  return (
    <main>
      <h1>Shop</h1>
      <Checkout />
    </main>
  );
}
