import type { ConsumeChannel } from "@warren/connection";
import { expect, test } from "vitest";
import type { ConfirmedPublishes, PublishEnd } from "./confirmed-publishes.ts";
import { resolveConsumerOptions } from "./consumer-options.ts";
import { delivered } from "./delivery.test-support.ts";
import { onAny } from "./handler.ts";
import { Settlements } from "./settlements.ts";

test.each<{ what: string; publish: () => Promise<PublishEnd> }>([
  { what: "is abandoned", publish: () => Promise.resolve("abandoned") },
  { what: "fails in a way that nobody foresaw", publish: () => Promise.reject(new Error("bug")) },
])("a delivery whose move $what is given back, and not acknowledged", async ({ publish }) => {
  const written: unknown[] = [];
  const channel = {
    ack: (...frame: unknown[]) => written.push(["ack", ...frame]),
    nack: (...frame: unknown[]) => written.push(["nack", ...frame]),
  };
  const options = resolveConsumerOptions({
    queue: "billing",
    handlers: [onAny(() => undefined)],
    deadLetter: { queue: "dead" },
  });
  const settlements = new Settlements(
    channel as unknown as ConsumeChannel,
    { publish } as unknown as ConfirmedPublishes,
    options,
  );
  const delivery = delivered();
  settlements.arrived(delivery);
  const failure = { code: "HANDLER_FAILED", reason: "boom" } as const;
  await settlements.settle(delivery, { kind: "dead-letter", failure });
  settlements.flush();
  expect(written).toEqual([["nack", 1, 1, false, true]]);
  expect(settlements.heldCount).toBe(0);
});
