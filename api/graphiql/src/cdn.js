// The page when it was not built: the same sources, unbundled, with GraphiQL itself from a CDN (cdn.html holds the versions,
// older than package.json's on purpose: the set that GraphiQL's own CDN example is tested with).
import "graphiql/setup-workers/esm.sh";
import { show } from "./page.js";

console.info(
  "Gatehouse: GraphiQL was not built here, so this page loads it from https://esm.sh. " +
    "To serve it from Gatehouse itself: cd api/graphiql && npm ci --ignore-scripts && npm run build, then restart the server.",
);
await show(document.getElementById("graphiql"));
