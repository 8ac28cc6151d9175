/**
 * One broker for a whole vitest run, and a virtual host of its own for each test file.
 *
 * ```ts
 * // vitest.config.ts
 * export default defineConfig({ test: { globalSetup: ["@warren/testing/vitest/global-setup"] } });
 * ```
 *
 * ```ts
 * // orders.test.ts
 * const broker = useBroker();
 *
 * test("an order is stored", async () => {
 *   await using connection = await connect(broker.url);
 * });
 * ```
 */

// For applications
export { useBroker, type TestBroker } from "./use-broker.ts";

// For library authors
export type { ProvidedBroker } from "./provided-broker.ts";
