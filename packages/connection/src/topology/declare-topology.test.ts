import { BrokerError } from "@warren/message";
import { expect, it } from "vitest";
import { declareTopology } from "./declare-topology.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import { defineTopology } from "./define-topology.ts";

/** RabbitMQ 4.3 compares `x-consumer-timeout` after `x-queue-leader-locator`, so that a look does not get as far. */
it("names an argument that only the refused declaration itself has told", async () => {
  const refuse = (received: string, current: string, argument: string): Promise<never> => {
    const replyText = `PRECONDITION_FAILED - inequivalent arg '${argument}' for queue 'jobs' in vhost '/': received ${received} but current is ${current}`;
    return Promise.reject(
      new BrokerError("BROKER_PRECONDITION_FAILED", replyText, {
        replyCode: 406,
        replyText,
        scope: "channel",
      }),
    );
  };
  const fine = (): Promise<void> => Promise.resolve();
  const port: DeclaringPort = {
    withChannel: (use) =>
      use({
        declareExchange: fine,
        checkExchange: fine,
        checkQueue: fine,
        bindQueue: fine,
        bindExchange: fine,
        declareQueue: (_, { arguments: args }) =>
          args["x-queue-leader-locator"] === 0
            ? refuse("the value '0' of type 'byte'", "none", "x-queue-leader-locator")
            : refuse("'60000'", "'90000'", "x-consumer-timeout"),
      }),
  };
  const topology = defineTopology({
    queues: { jobs: { retry: false, deadLetter: false, arguments: { "x-consumer-timeout": 60_000 } } },
  });
  await expect(declareTopology(port, topology, "create")).rejects.toMatchObject({
    code: "TOPOLOGY_DRIFT",
    sentence: expect.stringContaining(
      `queue "jobs": x-consumer-timeout wanted 60000, actual 90000; there may be more`,
    ),
  });
});
