import { Component, CUSTOM_ELEMENTS_SCHEMA, signal } from "@angular/core";
import "cardseal/elements";

@Component({
  selector: "shop-checkout",
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <form (submit)="pay($event)">
      <card-form vault="https://vault.example" [context]="context">
        <label for="number">Card number</label>
        <card-number id="number"></card-number>
        <card-expiry></card-expiry>
        <card-cvc></card-cvc>
      </card-form>
      <button>Pay</button>
      <output>{{ token() }}</output>
    </form>
  `,
})
export class Checkout {
  readonly token = signal("");
  readonly context = () => fetch("/context").then((answer) => answer.text());

  pay(event: SubmitEvent): void {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    this.token.set(String(form.get("payment_token")));
  }
}
