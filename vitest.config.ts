import { defineConfig } from "vitest/config";

const resolve = { conditions: ["dev", "node"] };
const ssr = { resolve: { conditions: ["dev", "node"] } };

/** Unit tests need nothing but Node; broker tests (`*.broker.test.ts`) need a RabbitMQ, see packages/testing. */
export default defineConfig({
  test: {
    projects: [
      {
        resolve,
        ssr,
        test: {
          name: "unit",
          include: ["packages/*/{src,test}/**/*.test.ts", "test/**/*.test.ts"],
          exclude: ["**/*.broker.test.ts", "**/dist/**", "**/node_modules/**"],
        },
      },
      {
        resolve,
        ssr,
        test: {
          name: "broker",
          include: [
            "packages/*/{src,test}/**/*.broker.test.ts",
            "examples/**/*.broker.test.ts",
            "test/**/*.broker.test.ts",
          ],
          exclude: ["**/dist/**", "**/node_modules/**"],
          globalSetup: ["packages/testing/src/vitest/global-setup.ts"],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
