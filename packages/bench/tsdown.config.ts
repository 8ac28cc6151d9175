import { defineConfig } from "tsdown";

/** Only the measured process is built; it loads the Warren packages as they are published. */
export default defineConfig({
  entry: ["src/child.ts"],
  platform: "node",
  target: "node20.19",
  format: "esm",
  clean: true,
});
