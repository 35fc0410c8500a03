// GraphiQL's memory, under a prefix of its own: on localhost every project's GraphiQL shares one origin sooner or later,
// and another one's tabs would hide the examples.
const PREFIX = "gatehouse:";
const TABS = ["graphiql:tabState", "graphiql:query", "graphiql:variables", "graphiql:headers"];

// In variables, in a query, and in either quoted once more.
const PASSWORD = /password\\*"?\s*:\s*\\*"[^"\\]/i;

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

export const tabStorage = {
  getItem: (key) => localStorage.getItem(PREFIX + key),
  /** Keeps no password: not in the tabs, not in the history. */
  setItem(key, value) {
    if (!PASSWORD.test(value)) localStorage.setItem(PREFIX + key, value);
  },
  removeItem: (key) => localStorage.removeItem(PREFIX + key),
  get length() {
    return keys().length;
  },
  clear() {
    keys().forEach((key) => localStorage.removeItem(key));
  },

  isEmpty: () => localStorage.getItem(PREFIX + TABS[0]) === null,
  clearTabs() {
    TABS.forEach((key) => localStorage.removeItem(PREFIX + key));
  },
};
