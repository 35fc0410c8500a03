import { defineConfig } from "vite";

export default defineConfig({
  base: "./",
  build: {
    chunkSizeWarningLimit: 5000,
    rolldownOptions: { checks: { moduleLevelDirective: false } }, // "use client" in a dependency: means nothing here
  },
  worker: { format: "es" },
  experimental: {
    // The document is answered at /graphql and its assets lie at /graphiql/: only the document's addresses need the folder.
    renderBuiltUrl: (file, { hostType }) => (hostType === "html" ? `graphiql/${file}` : { relative: true }),
  },
});
