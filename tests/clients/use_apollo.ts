// Uses the guide's Apollo client as a page does, and prints what the page would show.
import { newClient } from "./apollo.js";
import { keepCookies, report } from "./browser.js";
import { DeactivateDocument, PageDocument, SignInDocument } from "./gql/graphql.js";

await report(async (url, shown) => {
  const cookies = keepCookies();
  const signedIn = await newClient(url).mutate({ mutation: SignInDocument });
  const session = signedIn.data?.signIn?.session;
  const client = newClient(url, session?.accessToken);
  const pages: unknown[] = [];
  const first = await client.query({ query: PageDocument });
  client.watchQuery({ query: PageDocument }).subscribe((page) => void (page.data && pages.push(page.data)));

  const ids = first.data?.users?.nodes.filter(({ role }) => role === "PORTAL_USER").map(({ id }) => id) ?? [];
  const deactivated = await client.mutate({ mutation: DeactivateDocument, variables: { ids: ids.slice(0, 2) } });

  const reloaded = await newClient(url).query({ query: PageDocument });
  const stale = newClient(url, "expired");
  const expired = await Promise.all([
    stale.query({ query: PageDocument }),
    stale.query({ query: PageDocument, fetchPolicy: "network-only" }),
  ]);
  shown({
    cookies: [...cookies.keys()],
    refreshToken: session?.refreshToken,
    deactivated: deactivated.data?.deactivateUsers?.summary,
    pages,
    reloaded: reloaded.data,
    expired: expired[1].data,
  });
});
