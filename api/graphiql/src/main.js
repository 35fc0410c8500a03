// The page as it is built and served by Gatehouse itself.
import "graphiql/setup-workers/vite";
import "graphiql/style.css";
import "./page.css";
import { show } from "./page.js";

await show(document.getElementById("graphiql"));
