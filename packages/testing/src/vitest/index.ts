/**
 * Brokers for the tests of a vitest run: one for each test file ({@link useBroker}), the same with spies on its messages
 * ({@link useWatchedBroker}), and RabbitMQ nodes for tests that break or reconfigure theirs ({@link describeRabbitMq},
 * {@link testOnRabbitMq}).
 *
 * ```ts
 * // orders.test.ts
 * const broker = useWatchedBroker();
 *
 * test("an order is charged", async () => {
 *   await using connection = await connect(broker.url, { topology });
 *   // …
 *   await broker.handled(OrderPlaced);
 * });
 * ```
 *
 * That is an embedded broker. With the global set-up the same tests run on a real one where there is one, and `WARREN_BROKER`
 * (`embedded` or `real`) decides.
 *
 * ```ts
 * // vitest.config.ts
 * export default defineConfig({ test: { globalSetup: ["@warren/testing/vitest/global-setup"] } });
 * ```
 */

// For applications
export { useBroker, type UseBrokerOptions } from "./use-broker.ts";
export type { TestBroker } from "./test-broker.ts";
export {
  useWatchedBroker,
  type UseWatchedBrokerOptions,
  type WatchedTestBroker,
} from "./use-watched-broker.ts";
export { describeRabbitMq } from "./describe-rabbitmq.ts";
export { testOnRabbitMq } from "./test-on.ts";

// For library authors
export type { ProvidedBroker } from "./provided-broker.ts";
export type { SkippableTest } from "./test-on.ts";
