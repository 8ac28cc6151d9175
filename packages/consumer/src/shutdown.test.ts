import type { Connection } from "@warren/connection";
import { DeliveryError, type WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { resolveConsumerOptions } from "./consumer-options.ts";
import { on } from "./handling/handler.ts";
import { Session } from "./session.ts";
import { shutDown } from "./shutdown.ts";
import { orderMessage } from "./world.test-support.ts";

test("what is complained of handlers that hang is taken back before the channel is closed, and does not come again", async () => {
  const steps: string[] = [];
  const channel = {
    complain: (failure: WarrenError | undefined) => steps.push(failure?.code ?? "nothing"),
    cancel: () => Promise.resolve(),
    settled: () => Promise.resolve(),
    close() {
      steps.push("close");
      return Promise.resolve();
    },
  };
  const connection = { channels: { consume: () => channel } } as unknown as Connection;
  const handlers = [on(orderMessage("orders"), () => undefined)];
  const session = new Session(connection, resolveConsumerOptions({ queue: "billing", handlers }), {
    up: () => undefined,
    down: () => undefined,
    failed: () => undefined,
    complains: () => undefined,
    closing: () => Promise.resolve(),
  });
  session.stalled(new DeliveryError("HANDLERS_STALLED", "it has begun nothing"));
  await shutDown(session, 1_000);
  expect(steps).toEqual(["HANDLERS_STALLED", "nothing", "close"]);
});
