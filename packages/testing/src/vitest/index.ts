/**
 * One broker for a whole vitest run with a virtual host for each test file ({@link useBroker}), and nodes of their own
 * for tests that break or reconfigure theirs ({@link describeRabbitMq}).
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
export { describeRabbitMq } from "./describe-rabbitmq.ts";

// For library authors
export type { ProvidedBroker } from "./provided-broker.ts";
