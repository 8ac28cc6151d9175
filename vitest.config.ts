import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// The packages' own sources, not what was built from them; `__vitest__` is where the global setup runs.
const conditions = ["dev", "node"];

/** Unit tests need nothing but Node; broker tests (`*.broker.test.ts`) need a RabbitMQ, see packages/testing; the
 *  conformance tests say what a RabbitMQ does and hold the embedded broker to it. */
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  environments: { __vitest__: { resolve: { conditions } } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["packages/*/src/**/*.test.ts", "examples/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/*.broker.test.ts", "**/dist/**", "**/node_modules/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "broker",
          include: [
            "packages/*/src/**/*.broker.test.ts",
            "examples/**/*.broker.test.ts",
            "test/**/*.broker.test.ts",
          ],
          exclude: ["**/dist/**", "**/node_modules/**"],
          globalSetup: ["packages/testing/src/vitest/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // They wait for brokers more than they compute; two cores carry two of them with the nodes that they start.
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: "conformance",
          include: ["packages/testing/{conformance/topics,differential}/*.test.ts"],
          globalSetup: ["packages/testing/conformance/global-setup.ts"],
          testTimeout: 15_000,
          hookTimeout: 60_000,
          maxWorkers: Math.max(2, availableParallelism() - 1),
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
