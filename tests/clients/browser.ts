/** Gives fetch the cookies that a browser would keep. Node keeps none. */
export function keepCookies(): Map<string, string> {
  const jar = new Map<string, string>();
  const send = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    if (init?.credentials === "include" && jar.size) {
      headers.set("cookie", [...jar].map((pair) => pair.join("=")).join("; "));
    }
    const answer = await send(input, { ...init, headers });
    for (const cookie of answer.headers.getSetCookie()) {
      const [name = "", value = ""] = (cookie.split(";")[0] ?? "").split("=");
      if (value) jar.set(name, value);
      else jar.delete(name);
    }
    return answer;
  };
  return jar;
}

declare const process: { argv: string[] };

/** Runs a page's program with the API's address, and prints as JSON what it shows and what it wrote to the console. */
export async function report(page: (url: string, shown: (values: object) => void) => Promise<void>) {
  const print = console.log;
  const warnings: string[] = [];
  console.log = console.warn = console.error = (...texts: unknown[]) => void warnings.push(texts.join(" "));
  await page(process.argv[2] ?? "", (values) => print(JSON.stringify({ ...values, warnings })));
}
