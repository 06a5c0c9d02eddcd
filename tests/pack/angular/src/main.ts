// Angular's own build links its libraries beforehand; here its compiler does it in the browser.
import "@angular/compiler";
import { provideZonelessChangeDetection } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { Checkout } from "./checkout";

bootstrapApplication(Checkout, { providers: [provideZonelessChangeDetection()] });
