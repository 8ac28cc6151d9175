import { ConnectionError } from "@warren/message";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { crashingExchange, type FakeChannel, internalError } from "./fake-broker.test-support.ts";
import { LedgerBench } from "./ledger-bench.test-support.ts";
import { Turns } from "./turns.ts";

/** Two publishers on one socket, and the connections they had. */
class Pair {
  readonly one: LedgerBench;
  readonly other: LedgerBench;
  lossCount = 0;
  #socket = new Set<FakeChannel>();
  #channels: readonly FakeChannel[] = [];

  constructor() {
    const turns = new Turns();
    this.one = new LedgerBench({ maxInFlight: 5 }, turns);
    this.other = new LedgerBench({ maxInFlight: 5 }, turns);
  }

  get channels(): readonly FakeChannel[] {
    return this.#channels;
  }

  /** Connects again unless it is connected. */
  up(): readonly FakeChannel[] {
    if (this.#socket.size > 0) return this.#channels;
    this.lossCount++;
    this.#socket = new Set();
    this.#channels = [this.one, this.other].map((bench) => bench.up(this.#socket));
    return this.#channels;
  }

  async finish(): Promise<void> {
    for (let turn = 0; this.one.ledger.unsettledCount + this.other.ledger.unsettledCount > 0; turn++) {
      expect(turn).toBeLessThan(1_000);
      for (const channel of this.up()) channel.confirmAll();
      await Promise.resolve();
    }
  }
}

test("a publish over which the broker closes the connection ends as unknown, and all others are confirmed", async () => {
  const pair = new Pair();
  pair.one.publishMany(3);
  pair.one.publish({ exchange: crashingExchange });
  pair.one.publishMany(3);
  pair.other.publishMany(3);
  await pair.finish();
  expect(pair.one.outcome(4)).toMatchObject({
    status: "unknown",
    stored: "maybe",
    error: { code: "BROKER_INTERNAL_ERROR", message: expect.stringContaining("541 INTERNAL_ERROR") },
  });
  expect(pair.one.statuses.filter((status) => status === "confirmed")).toHaveLength(6);
  expect(pair.other.statuses).toEqual(Array(3).fill("confirmed"));
  // Together with others, then alone twice; and the first connection of all.
  expect(pair.lossCount).toBe(4);
});

test("while turns are taken one publish is in flight on the whole socket, new ones included", async () => {
  const pair = new Pair();
  pair.one.publishMany(2);
  pair.up()[0]!.closeConnection(internalError());
  pair.other.publishMany(2);
  const [one, other] = pair.up();
  expect([one!.written.length, other!.written.length]).toEqual([1, 0]);
  one!.confirmAll();
  expect([one!.written.length, other!.written.length]).toEqual([1, 1]);
  pair.one.publishMany(3);
  expect(one!.written).toHaveLength(1);
  other!.confirmAll();
  expect(one!.written).toHaveLength(2);
  one!.confirmAll();
  expect(pair.one.ledger.inFlightCount + pair.other.ledger.inFlightCount).toBe(4);
  await pair.finish();
  expect([...pair.one.statuses, ...pair.other.statuses]).toEqual(Array(7).fill("confirmed"));
});

test("one that is alone when the connection goes for any other reason is not blamed, however often", async () => {
  const pair = new Pair();
  pair.one.publish();
  pair.up()[0]!.closeConnection(internalError());
  pair.up()[0]!.closeConnection(internalError());
  for (let at = 0; at < 5; at++) pair.up()[0]!.closeConnection(new ConnectionError("CHANNEL_LOST", "320"));
  await pair.finish();
  expect(pair.one.outcome(1)).toMatchObject({ status: "confirmed", attempts: 8 });
});

test("one that shares the socket with what is not waited for any more is not blamed", async () => {
  const pair = new Pair();
  pair.other.publish();
  pair.up()[0]!.closeConnection(internalError());
  for (let at = 0; at < 5; at++) {
    const guilty = pair.one.publish();
    const [, other] = pair.up();
    expect(other!.written).toHaveLength(0);
    pair.one.ledger.giveUp(guilty, new ConnectionError("CONNECTION_CLOSED", "enough"));
    expect(other!.written).toHaveLength(1);
    other!.closeConnection(internalError());
  }
  await pair.finish();
  expect(pair.other.statuses).toEqual(["confirmed"]);
});

test("one that shares the socket with what was given up and answered all the same is alone", async () => {
  const pair = new Pair();
  pair.other.publish({ exchange: crashingExchange });
  pair.up()[0]!.closeConnection(internalError());
  for (let at = 0; at < 2; at++) {
    const socket = new Set<FakeChannel>();
    const channel = pair.one.up(socket);
    const request = pair.one.publish();
    const [message] = channel.process(1);
    pair.one.ledger.giveUp(request, new ConnectionError("CONNECTION_CLOSED", "enough"));
    channel.confirm(message!);
    pair.other.up(socket).confirmAll();
  }
  expect(pair.other.statuses).toEqual(["unknown"]);
  await pair.finish();
});

test("a publisher that ends while it has its turn does not keep the others waiting", async () => {
  const pair = new Pair();
  pair.one.publishMany(2);
  pair.other.publishMany(2);
  pair.up()[0]!.closeConnection(internalError());
  const [, other] = pair.up();
  expect(other!.written).toHaveLength(0);
  pair.one.ledger.end(new ConnectionError("CONNECTION_CLOSED", "closed"));
  expect(other!.written).toHaveLength(1);
  await pair.finish();
  expect(pair.other.statuses).toEqual(["confirmed", "confirmed"]);
});

test("a publisher whose channel is gone for another reason does not keep the others waiting", async () => {
  const pair = new Pair();
  pair.one.publishMany(2);
  pair.other.publishMany(2);
  pair.up()[0]!.closeConnection(internalError());
  const [one, other] = pair.up();
  one!.close();
  await Promise.resolve();
  expect(other!.written).toHaveLength(1);
});

test("one that others joined when the turns were over counts as alone no more", () => {
  const pair = new Pair();
  pair.one.publish({ deliveryTimeoutMs: 1_000 });
  pair.up()[0]!.closeConnection(internalError());
  const socket = new Set<FakeChannel>();
  const channel = pair.other.up(socket);
  pair.other.publish();
  pair.one.advance(1_000);
  pair.one.up(socket);
  pair.one.publish({ exchange: crashingExchange });
  channel.closeConnection(internalError());
  pair.other.up().closeConnection(internalError());
  pair.other.up().confirmAll();
  expect(pair.other.statuses).toEqual(["confirmed"]);
});

test("what has timed out while its channel is away takes no turn", () => {
  const pair = new Pair();
  pair.one.publishMany(2, { deliveryTimeoutMs: 1_000 });
  pair.up()[0]!.closeConnection(internalError());
  pair.one.advance(1_000);
  const channel = pair.other.up();
  pair.other.publishMany(3);
  expect(channel.written).toHaveLength(3);
});

const step = fc.oneof(
  fc.record({
    kind: fc.constant("publish" as const),
    by: fc.constantFrom("one" as const, "other" as const),
    exchange: fc.oneof({ weight: 5, arbitrary: fc.constant("") }, fc.constant(crashingExchange)),
  }),
  fc.record({ kind: fc.constant("process" as const), at: fc.nat(1), count: fc.nat(4) }),
  fc.record({ kind: fc.constant("confirm" as const), at: fc.nat(1) }),
  fc.record({ kind: fc.constantFrom("lose" as const, "loseChannel" as const, "up" as const), at: fc.nat(1) }),
);

test("whatever two publishers on a socket do, the guilty ones are found and nobody else is blamed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const pair = new Pair();
      const expected = { one: [] as string[], other: [] as string[] };
      for (const each of steps) {
        if (each.kind === "publish") {
          pair[each.by].publish({ exchange: each.exchange });
          expected[each.by].push(each.exchange === crashingExchange ? "unknown" : "confirmed");
          continue;
        }
        const channel = pair.channels[each.at];
        if (each.kind === "up") pair.up();
        else if (channel?.open !== true) continue;
        else if (each.kind === "process") channel.process(each.count);
        else if (each.kind === "confirm") for (const message of channel.unanswered) channel.confirm(message);
        else if (each.kind === "lose") channel.closeConnection(new ConnectionError("CHANNEL_LOST", "reset"));
        else channel.close();
        await Promise.resolve();
      }
      for (const channel of pair.channels)
        channel.closeConnection(new ConnectionError("CHANNEL_LOST", "reset"));
      await pair.finish();
      expect({ one: pair.one.statuses, other: pair.other.statuses }).toEqual(expected);
    }),
    { numRuns: 1_000 },
  );
}, 30_000);
