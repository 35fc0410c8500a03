// Who the page's requests come from. In development the server hands out tokens for its demo accounts at dev/token;
// in production there is no such route, and the reader puts an Authorization header into the headers editor.
const TOKEN_URL = "dev/token";
const REMEMBERED = "gatehouse:account";
const MARGIN_MS = 60_000;
const ACCEPT = "application/graphql-response+json, application/json;q=0.9";

export class Session {
  account = null;
  accounts = [];
  #token = null;
  #expiresAt = 0;
  #last = Promise.resolve();

  /** Signs in as the account chosen last, or as the server's first choice. Without demo accounts `accounts` stays empty. */
  async start() {
    const remembered = localStorage.getItem(REMEMBERED);
    try {
      if (remembered && (await this.#grant(remembered))) return;
      await this.#grant(null);
    } catch (error) {
      console.warn("Gatehouse: no demo account", error);
    }
  }

  /** Every later request comes from this account. */
  async switchTo(account) {
    if (!(await this.#grant(account))) throw new Error(`The server gives no token for ${account}`);
    localStorage.setItem(REMEMBERED, account);
  }

  /** Like window.fetch, signed: a given Authorization header wins, a token that was refused is replaced once. */
  fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (!headers.has("accept")) headers.set("accept", ACCEPT);
    if (headers.has("authorization")) return fetch(input, { ...init, headers });

    const send = async () => {
      const token = await this.#current();
      if (token) headers.set("authorization", `Bearer ${token}`);
      return fetch(input, { ...init, headers });
    };
    const response = await send();
    if (this.#token && (await isUnauthenticated(response)) && (await this.#grant(this.account))) return send();
    return response;
  };

  async #current() {
    await this.#last.catch(() => {});
    if (this.#token && Date.now() > this.#expiresAt - MARGIN_MS) await this.#grant(this.account);
    return this.#token;
  }

  // One after the other, so that a slow renewal never overwrites the account that was chosen meanwhile.
  #grant(account) {
    this.#last = this.#last.catch(() => {}).then(() => this.#ask(account));
    return this.#last;
  }

  async #ask(account) {
    const query = account ? `?account=${encodeURIComponent(account)}` : "";
    const response = await fetch(TOKEN_URL + query, { headers: { accept: "application/json" }, cache: "no-store" });
    if (!response.ok) return false;
    const grant = await response.json();
    this.#token = grant.accessToken;
    this.#expiresAt = Date.now() + grant.expiresIn * 1000;
    this.account = grant.account;
    this.accounts = grant.accounts;
    return true;
  }
}

async function isUnauthenticated(response) {
  if (response.status === 401) return true;
  const answer = await response.clone().json().catch(() => null);
  return Boolean(answer?.errors?.some((error) => error.extensions?.code === "UNAUTHENTICATED"));
}
