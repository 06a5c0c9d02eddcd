// What a merchant's backend says to the vault: it gets an access token and asks for capture contexts. Both stay on the server.

/**
 * @typedef {object} Settings
 * @property {string} api the merchant API's origin
 * @property {string} clientId
 * @property {string} clientSecret
 */

/**
 * @typedef {object} ContextRequest
 * @property {string[]} origins where the fields may stand
 * @property {("brand" | "bin")[]} [expose] what the page may learn while the card is typed
 * @property {string} [ref] the shop's own order id; it comes back with the token
 */

/** Seconds before its end at which an access token is no longer used. */
const MARGIN = 30;

/** @param {Settings} settings */
export function vaultClient({ api, clientId, clientSecret }) {
  /** @type {{ token: string, until: number } | undefined} */
  let access;

  async function accessToken() {
    if (access && performance.now() < access.until) return access.token;
    const response = await fetch(`${api}/oauth/token`, {
      method: "POST",
      headers: {
        Authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString("base64")}`,
        "Content-Type": "application/x-www-form-urlencoded",
      },
      body: new URLSearchParams({ grant_type: "client_credentials", scope: "capture:create" }),
    });
    const answer = await read(response);
    access = { token: answer.access_token, until: performance.now() + (answer.expires_in - MARGIN) * 1000 };
    return access.token;
  }

  return {
    /** A fresh capture context, as the compact JWS that the page needs. @param {ContextRequest} request @returns {Promise<string>} */
    async captureContext(request) {
      const response = await fetch(`${api}/v1/capture-contexts`, {
        method: "POST",
        headers: { Authorization: `Bearer ${await accessToken()}`, "Content-Type": "application/json" },
        body: JSON.stringify(request),
      });
      if (response.status === 401) access = undefined;
      return (await read(response)).context;
    },
  };
}

/** The vault's answer, or an error with the vault's own code. @param {Response} response */
async function read(response) {
  const answer = await response.json();
  if (response.ok) return answer;
  throw new Error(`the vault answered ${response.status} ${answer.code}`);
}
