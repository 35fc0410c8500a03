import { ToolbarButton } from "@graphiql/react";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { getIntrospectionQuery, Kind, parse } from "graphql";
import { createElement as h, Fragment, useState } from "react";
import { createRoot } from "react-dom/client";
import { exampleTabs } from "./examples.js";
import { Session } from "./session.js";
import { tabStorage } from "./storage.js";

/** Shows GraphiQL in `element`, for the endpoint that answered this document. */
export async function show(element) {
  const session = new Session();
  await session.start();
  const defaultTabs = tabStorage.isEmpty() ? await exampleTabs(session) : undefined;
  const send = createGraphiQLFetcher({
    url: window.location.pathname,
    fetch: session.fetch,
    enableIncrementalDelivery: false,
  });
  const fetcher = (asked, options) => send(withoutStaleName(withOneOf(asked)), options);
  createRoot(element).render(h(Page, { session, fetcher, defaultTabs }));
}

// For 100 ms after a change of tabs GraphiQL still sends the previous tab's operationName. Where there is only one
// operation to choose from, none need be chosen.
function withoutStaleName({ operationName, ...asked }) {
  return countOperations(asked.query) === 1 ? asked : { operationName, ...asked };
}

// GraphiQL's introspection does not ask which input objects are @oneOf, and so marks no mistake in them.
const INTROSPECTION = getIntrospectionQuery({
  inputValueDeprecation: true,
  oneOf: true,
  schemaDescription: true,
  specifiedByUrl: true,
});

function withOneOf(asked) {
  return asked.operationName === "IntrospectionQuery" ? { ...asked, query: INTROSPECTION } : asked;
}

function countOperations(query) {
  try {
    return parse(query).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
  } catch {
    return 0; // no document at all: the server says where it goes wrong
  }
}

function Page({ session, fetcher, defaultTabs }) {
  return h(
    GraphiQL,
    {
      fetcher,
      defaultTabs,
      initialVariables: defaultTabs?.[0].variables, // GraphiQL takes the first tab's query from defaultTabs, and no more
      storage: tabStorage,
      defaultEditorToolsVisibility: "variables",
    },
    h(GraphiQL.Logo, null, h(Account, { session })),
    h(GraphiQL.Toolbar, null, ({ prettify, merge, copy }) => h(Fragment, null, prettify, merge, copy, h(Examples))),
  );
}

function Account({ session }) {
  const [account, setAccount] = useState(session.account);
  const [isSwitching, setSwitching] = useState(false);
  if (!session.accounts.length) return h("span", { className: "gatehouse-name" }, "Gatehouse");

  const choose = async (event) => {
    setSwitching(true);
    try {
      await session.switchTo(event.target.value);
    } catch (error) {
      window.alert(error.message);
    }
    setAccount(session.account);
    setSwitching(false);
  };
  return h(
    "label",
    { className: "gatehouse-account" },
    h("span", null, "Signed in as"),
    h(
      "select",
      { value: account, onChange: choose, disabled: isSwitching },
      session.accounts.map((name) => h("option", { key: name, value: name }, name)),
    ),
  );
}

function Examples() {
  const restore = () => {
    if (!window.confirm("Replace all tabs by the examples?")) return;
    tabStorage.clearTabs();
    window.location.reload();
  };
  const icon = h(
    "svg",
    { className: "graphiql-toolbar-icon", viewBox: "0 0 16 16", fill: "none", stroke: "currentColor", "aria-hidden": true },
    h("path", { strokeWidth: 1.5, d: "M2 3h4.5L8 4.5 9.5 3H14v10H9.5L8 14.5 6.5 13H2zM8 4.5v10" }),
  );
  return h(ToolbarButton, { onClick: restore, label: "Open the examples afresh" }, icon);
}
