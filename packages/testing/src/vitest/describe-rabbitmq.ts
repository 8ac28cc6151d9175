import { afterAll, beforeAll, describe } from "vitest";
import { LaunchError } from "../launch-error.ts";
import type { RabbitMqNode } from "../rabbitmq/rabbitmq-node.ts";
import { resolveRabbitMqOptions, type RabbitMqOptions } from "../rabbitmq/rabbitmq-options.ts";
import { startRabbitMq } from "../rabbitmq/start-rabbitmq.ts";
import { whyNoRabbitMq } from "./why-missing.ts";

/**
 * A `describe` block with a RabbitMQ node of its own to break and to reconfigure, started before the block's tests and
 * removed after them. Call `node()` inside of tests and hooks.
 *
 * Where that RabbitMQ cannot be had the block is skipped and says why; `WARREN_REQUIRE_REAL=1` makes it an error.
 *
 * ```ts
 * describeRabbitMq("orders on RabbitMQ 4", { version: "4" }, (node) => {
 *   test("survive a crash of the broker", async () => {
 *     await node().kill();
 *     await node().start();
 *   });
 * });
 * ```
 *
 * @throws ConfigError INVALID_OPTION
 */
export function describeRabbitMq(
  name: string,
  options: RabbitMqOptions,
  body: (node: () => RabbitMqNode) => void,
): void {
  const { version, startTimeoutMs } = resolveRabbitMqOptions("describeRabbitMq", options);
  let started: RabbitMqNode | undefined;
  const node = (): RabbitMqNode => {
    if (started === undefined)
      throw new LaunchError(`The node of "${name}" runs in its tests and hooks only.`);
    return started;
  };
  describe(name, async () => {
    const missing = await whyNoRabbitMq(version);
    if (missing !== undefined) {
      describe.skip(missing, () => {
        body(node);
      });
      return;
    }
    beforeAll(async () => {
      started = await startRabbitMq(options);
    }, startTimeoutMs);
    afterAll(async () => {
      await started?.close();
    });
    body(node);
  });
}
