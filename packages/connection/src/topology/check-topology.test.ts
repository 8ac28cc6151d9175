import type { BrokerError } from "@warren/message";
import { expect, test } from "vitest";
import { toWarrenError } from "../channel/broker-refusal.ts";
import { checkTopology } from "./check-topology.ts";
import type { DeclaringPort } from "./declaring-channel.ts";
import { defineTopology } from "./define-topology.ts";

test("what is missing is told with one way out, which is not the topology that names it already", async () => {
  const replyText = "NOT_FOUND - no queue 'jobs' in vhost '/'";
  const thrown = Object.assign(new Error(`closed by server: 404 (NOT-FOUND) with message "${replyText}"`), {
    code: 404,
    classId: 50,
    methodId: 10,
  });
  const unused = (): Promise<never> => Promise.reject(new Error("a check declares nothing"));
  const port: DeclaringPort = {
    withChannel: (use) =>
      use({
        declareExchange: unused,
        checkExchange: unused,
        declareQueue: unused,
        bindQueue: unused,
        bindExchange: unused,
        checkQueue: () => Promise.reject(toWarrenError(thrown)),
      }),
  };
  const topology = defineTopology({ queues: { jobs: { retry: false, deadLetter: false } } });
  const error = await checkTopology(port, topology).catch((refusal: unknown) => refusal as BrokerError);
  expect(error).toMatchObject({
    code: "BROKER_NOT_FOUND",
    sentence: expect.stringMatching(
      /^not on the broker: queue "jobs"; a check declares nothing: .* declare: "create"$/,
    ),
    cause: { sentence: replyText },
  });
});
