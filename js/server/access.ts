// Access tokens of one client (RFC 6749 section 4.4), each used until shortly before it ends. They never leave this process.

import { call, type Route } from "./call.js";
import { VaultError } from "./error.js";

/** Who asks. */
export interface Client {
  readonly clientId: string;
  /** Without it the client certificate of the connection stands for it (RFC 8705). */
  readonly clientSecret?: string | undefined;
  /** What is asked for; everything that the client may do if left out. */
  readonly scopes?: readonly string[] | undefined;
}

/** Milliseconds before its end at which an access token is no longer used. */
const MARGIN = 30_000;

interface Granted {
  readonly token: string;
  readonly until: number;
}

export class Access {
  readonly #route: Route;
  readonly #client: Client;
  #granted: Granted | undefined;
  /** Of all that need one at the same time, one asks. */
  #asking: Promise<Granted> | undefined;

  constructor(route: Route, client: Client) {
    this.#route = route;
    this.#client = client;
  }

  async token(): Promise<string> {
    if (this.#granted && performance.now() < this.#granted.until) return this.#granted.token;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    this.#granted = await this.#asking;
    return this.#granted.token;
  }

  /** The vault does not take this one any more. */
  drop(token: string): void {
    if (this.#granted?.token === token) this.#granted = undefined;
  }

  async #ask(): Promise<Granted> {
    const { clientId, clientSecret, scopes } = this.#client;
    const asked = performance.now();
    const body = new URLSearchParams({ grant_type: "client_credentials" });
    if (scopes) body.set("scope", scopes.join(" "));
    if (clientSecret === undefined) body.set("client_id", clientId);
    const answer = (await call(this.#route, {
      method: "POST",
      path: "/oauth/token",
      headers: clientSecret === undefined ? {} : { Authorization: basic(clientId, clientSecret) },
      body,
    })) as { readonly access_token?: unknown; readonly expires_in?: unknown };
    const { access_token: token, expires_in: seconds } = answer ?? {};
    if (typeof token !== "string" || typeof seconds !== "number") {
      throw new VaultError("response_malformed", "The vault gave no access token.");
    }
    return { token, until: asked + Math.max(seconds * 1000 - MARGIN, 0) };
  }
}

/** RFC 6749 section 2.3.1: both are form-encoded first. */
function basic(id: string, secret: string): string {
  const encode = (text: string): string => new URLSearchParams({ "": text }).toString().slice(1);
  return `Basic ${btoa(`${encode(id)}:${encode(secret)}`)}`;
}
