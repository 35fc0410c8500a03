// Uses the guide's urql client as a page does, and prints what the page would show.
import { keepCookies, report } from "./browser.js";
import { DeactivateDocument, PageDocument, SignInDocument, type PageQuery } from "./gql/graphql.js";
import { newClient } from "./urql.js";

await report(async (url, shown) => {
  const cookies = keepCookies();
  const signedIn = await newClient(url).mutation(SignInDocument, {}).toPromise();
  const session = signedIn.data?.signIn?.session;
  const client = newClient(url, session?.accessToken);
  const pages: (PageQuery | undefined)[] = [];
  const first = await client.query(PageDocument, {}).toPromise();
  client.query(PageDocument, {}).subscribe((page) => void pages.push(page.data));

  const ids = first.data?.users?.nodes.filter(({ role }) => role === "PORTAL_USER").map(({ id }) => id) ?? [];
  const deactivated = await client.mutation(DeactivateDocument, { ids: ids.slice(0, 2) }).toPromise();

  const reloaded = await newClient(url).query(PageDocument, {}).toPromise();
  const expired = await newClient(url, "expired").query(PageDocument, {}).toPromise();
  shown({
    cookies: [...cookies.keys()],
    refreshToken: session?.refreshToken,
    deactivated: deactivated.data?.deactivateUsers?.summary,
    pages,
    reloaded: reloaded.data,
    expired: expired.data,
  });
});
