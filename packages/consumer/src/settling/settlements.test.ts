import type { Connection, ConsumeChannel } from "@warren/connection";
import { expect, test } from "vitest";
import { ConfirmedPublishes } from "../moving/confirmed-publishes.ts";
import { resolveConsumerOptions } from "../consumer-options.ts";
import { delivered } from "../delivery.test-support.ts";
import { onAny } from "../handling/handler.ts";
import { Settlements } from "./settlements.ts";
import { Gate } from "../world.test-support.ts";

const options = resolveConsumerOptions({
  queue: "billing",
  handlers: [onAny(() => undefined)],
  deadLetter: { queue: "dead" },
});
const failure = { code: "HANDLER_FAILED", reason: "boom" } as const;

function writtenTo(): { readonly channel: ConsumeChannel; readonly written: readonly unknown[] } {
  const written: unknown[] = [];
  const channel = {
    ack: (...frame: unknown[]) => written.push(["ack", ...frame]),
    nack: (...frame: unknown[]) => written.push(["nack", ...frame]),
  };
  return { channel: channel as unknown as ConsumeChannel, written };
}

test("a delivery whose move is abandoned is given back, and not acknowledged", async () => {
  const { channel, written } = writtenTo();
  const moves = { publish: () => Promise.resolve("abandoned") };
  const settlements = new Settlements(channel, moves as unknown as ConfirmedPublishes, options);
  const delivery = delivered();
  settlements.arrived(delivery);
  await settlements.settle(delivery, { kind: "dead-letter", failure });
  settlements.flush();
  expect(written).toEqual([["nack", 1, 1, false, true]]);
  expect(settlements.heldCount).toBe(0);
});

test("a delivery whose move fails in a way that nobody foresaw is told of, and goes back only after a pause", async () => {
  const { channel, written } = writtenTo();
  const told = new Gate();
  const publishes = { publish: () => Promise.reject(new Error("a bug")), close: () => Promise.resolve() };
  const connection = { channels: { confirm: () => publishes } } as unknown as Connection;
  const moves = new ConfirmedPublishes(connection, "move billing", () => told.open());
  const settlements = new Settlements(channel, moves, options);
  const delivery = delivered();
  settlements.arrived(delivery);
  const settled = settlements.settle(delivery, { kind: "dead-letter", failure });
  await told.opened;
  expect(moves.refusal).toMatchObject({
    code: "MOVE_FAILED",
    sentence: "a message could not be moved: a bug",
  });
  expect(written).toEqual([]);
  expect(settlements.heldCount).toBe(1);
  // Its pause ends with the consumer.
  await moves.close(100);
  await settled;
  expect(written).toEqual([["nack", 1, 1, false, true]]);
  expect(moves.refusal).toBeUndefined();
});
