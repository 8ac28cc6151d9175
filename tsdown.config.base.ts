import type { UserConfig } from "tsdown";

/** What every package is built with; a package's own tsdown.config.ts spreads it. */
export const baseConfig = {
  entry: ["src/index.ts"],
  platform: "node",
  target: "node20.19",
  format: "esm",
  dts: true,
  sourcemap: true,
  clean: true,
  logLevel: "error",
  publint: { level: "error" },
  attw: { profile: "esm-only", level: "error" },
} satisfies UserConfig;
