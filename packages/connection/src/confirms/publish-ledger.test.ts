import { BrokerError, ConnectionError } from "@warren/message";
import { IllegalOperationError } from "amqplib";
import { expect, test } from "vitest";
import {
  crashingExchange,
  type FakeChannel,
  missingExchange,
  noExchange,
  unroutable,
} from "./fake-broker.test-support.ts";
import { LedgerBench } from "./ledger-bench.test-support.ts";

function idsOn(channel: FakeChannel): readonly (string | undefined)[] {
  return channel.written.map(({ messageId }) => messageId);
}

const ids = (from: number, to: number): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, at) => `m-${from + at}`);

test("no more than the window is written before confirms come", () => {
  const bench = new LedgerBench({ maxInFlight: 3 });
  const channel = bench.up();
  bench.publishMany(5);
  expect(idsOn(channel)).toEqual(ids(1, 3));
  channel.process(3);
  channel.confirm(channel.written[1]!);
  expect(idsOn(channel)).toEqual(ids(1, 4));
  expect(bench.ledger.inFlightCount).toBe(3);
  expect(bench.ledger.unsettledCount).toBe(4);
});

test("what was in flight when the channel was lost goes first on the next, in its order, with its ids", () => {
  const bench = new LedgerBench({ maxInFlight: 4 });
  const first = bench.up();
  bench.publishMany(6);
  first.process(4);
  first.confirm(first.written[1]!);
  first.close();
  bench.publish();
  const second = bench.up();
  expect(idsOn(second)).toEqual(["m-1", "m-3", "m-4", "m-5"]);
  second.confirmAll();
  second.confirmAll();
  expect(idsOn(second)).toEqual(["m-1", "m-3", "m-4", "m-5", "m-6", "m-7"]);
  expect(bench.statuses).toEqual(Array(7).fill("confirmed"));
  expect(bench.outcome(3)).toMatchObject({ attempts: 2 });
  expect(bench.outcome(7)).toMatchObject({ attempts: 1 });
});

test("without replay an outcome is unknown once it was written, and nothing is lost when it was not", () => {
  const bench = new LedgerBench({ maxInFlight: 1 });
  const first = bench.up();
  bench.publish({ replay: false });
  bench.publish({ replay: false });
  first.close();
  expect(bench.outcome(1)).toMatchObject({ status: "unknown", stored: "maybe" });
  expect(bench.statuses).toEqual(["unknown", undefined]);
  bench.up().confirmAll();
  expect(bench.statuses).toEqual(["unknown", "confirmed"]);
});

test("a return makes its publish returned when the ack comes; others on the same key are not touched", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish({ routingKey: unroutable });
  bench.publish();
  channel.confirmAll();
  expect(bench.outcome(1)).toMatchObject({ status: "returned", stored: "no", replyCode: 312 });
  expect(bench.outcome(2)).toMatchObject({ status: "confirmed" });
});

test("a nack says that another queue may have it", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish();
  const [message] = channel.process(1);
  channel.confirm(message!, false, false);
  expect(bench.outcome(1)).toMatchObject({ status: "nacked", stored: "maybe" });
});

test("a replay that is returned does not say that the lost copy is not stored", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publish({ routingKey: unroutable });
  first.close();
  bench.up().confirmAll();
  expect(bench.outcome(1)).toMatchObject({ status: "returned", stored: "maybe" });
});

test("a return on a lost channel is forgotten: the replay is asked again", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publish({ routingKey: unroutable });
  first.process(1);
  first.close();
  const second = bench.up();
  second.confirm(second.written[0]!);
  expect(bench.outcome(1)).toMatchObject({ status: "confirmed" });
});

test("one publish to a missing exchange among a thousand is the only one refused", () => {
  const bench = new LedgerBench({ maxInFlight: 1_000, maxWaiting: 10 });
  bench.publishMany(500);
  bench.publish({ exchange: missingExchange });
  bench.publishMany(500);
  let channel = bench.up();
  let channelCount = 1;
  channel.process(100);
  for (const message of channel.unanswered) channel.confirm(message);
  while (bench.ledger.unsettledCount > 0) {
    channel.confirmAll();
    if (!channel.open) {
      channel = bench.up();
      channelCount++;
    }
  }
  expect(bench.outcome(501)).toMatchObject({ status: "refused", stored: "no" });
  expect(bench.statuses.filter((status) => status === "confirmed")).toHaveLength(1_000);
  expect(channelCount).toBe(3);
});

test("while the culprit is looked for, only one publish is in flight", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publishMany(3);
  bench.publish({ exchange: missingExchange });
  bench.publishMany(2);
  first.process(4);
  const second = bench.up();
  expect(idsOn(second)).toEqual(["m-1"]);
  second.confirmAll();
  expect(idsOn(second)).toEqual(ids(1, 2));
  for (let at = 0; at < 3; at++) second.confirmAll();
  expect(second.open).toBe(false);
  expect(bench.statuses[3]).toBe("refused");
  const third = bench.up();
  expect(idsOn(third)).toEqual(ids(5, 6));
});

test("one that is alone when the channel is closed over it is refused without a second try", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish({ exchange: missingExchange });
  channel.process(1);
  expect(bench.outcome(1)).toMatchObject({ status: "refused", stored: "no" });
});

test("one that is refused after a copy of it was lost says that it may be stored", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publish();
  first.process(1);
  first.close();
  bench.up().close(noExchange());
  expect(bench.outcome(1)).toMatchObject({
    status: "unknown",
    stored: "maybe",
    error: { code: "BROKER_NOT_FOUND" },
  });
});

test("what another's refusal has cut off may be stored, whether its replay is returned or refused in other words", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publish({ exchange: crashingExchange });
  bench.publish();
  bench.publish({ exchange: missingExchange });
  first.close(noExchange());
  const second = bench.up();
  const other = new BrokerError("BROKER_NOT_FOUND", "no exchange 'crashing'", {
    replyCode: 404,
    replyText: "NOT_FOUND - no exchange 'crashing'",
    method: "basic.publish",
    scope: "channel",
  });
  second.close(other);
  const third = bench.up();
  bench.ledger.returned({
    fields: { ...third.written[0]!, replyCode: 312, replyText: "NO_ROUTE" },
    properties: { messageId: "m-2" },
  });
  third.confirm(third.process(1)[0]!);
  third.process(1);
  expect(bench.outcome(1)).toMatchObject({ status: "unknown", stored: "maybe", error: other });
  expect(bench.outcome(2)).toMatchObject({ status: "returned", stored: "maybe" });
  expect(bench.outcome(3)).toMatchObject({ status: "refused", stored: "no" });
});

test("one that is alone only because its neighbour was given up is not blamed for it", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  const culprit = bench.publish({ exchange: missingExchange });
  bench.publish();
  bench.ledger.giveUp(culprit, new ConnectionError("CONNECTION_CLOSED", "enough"));
  first.process(1);
  expect(first.open).toBe(false);
  bench.up().confirmAll();
  expect(bench.statuses).toEqual(["unknown", "confirmed"]);
});

test("a loss of the connection while the culprit is looked for blames nobody", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publish();
  bench.publish({ exchange: missingExchange });
  first.process(2);
  const second = bench.up();
  second.close();
  const third = bench.up();
  expect(idsOn(third)).toEqual(["m-1"]);
  third.confirmAll();
  third.confirmAll();
  expect(bench.statuses).toEqual(["confirmed", "refused"]);
});

test("an exchange that is not trusted is looked up before its first use, and nothing passes what waits for it", async () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish();
  bench.publish({ exchange: "orders" });
  bench.publish();
  expect(idsOn(channel)).toEqual(["m-1"]);
  await bench.checked("orders");
  expect(idsOn(channel)).toEqual(ids(1, 3));
  bench.publish({ exchange: "orders" });
  expect(idsOn(channel)).toEqual(ids(1, 4));
});

test("everything that waits for a missing exchange is refused, and the channel is never bothered with it", async () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish({ exchange: "orders" });
  bench.publish();
  bench.publish({ exchange: "orders" });
  await bench.checked("orders", noExchange());
  expect(bench.statuses).toEqual(["refused", undefined, "refused"]);
  expect(idsOn(channel)).toEqual(["m-2"]);
  bench.publish({ exchange: "orders" });
  await bench.checked("orders");
  expect(idsOn(channel)).toEqual(["m-2", "m-4"]);
});

test("a confirm that is overdue leaves the message as maybe stored, and a late one is nobody's", () => {
  const bench = new LedgerBench({ maxInFlight: 1 });
  const channel = bench.up();
  bench.publish({ confirmTimeoutMs: 100 });
  bench.publish();
  channel.process(1);
  bench.advance(99);
  expect(bench.statuses).toEqual([undefined, undefined]);
  bench.advance(1);
  expect(bench.outcome(1)).toMatchObject({ status: "timed-out", stored: "maybe", afterMs: 100 });
  channel.confirm(channel.written[0]!);
  expect(bench.statuses).toEqual(["timed-out", undefined]);
  channel.confirmAll();
  expect(bench.statuses).toEqual(["timed-out", "confirmed"]);
});

test("a publish that a channel does not take because it is closed waits for the next channel", () => {
  const bench = new LedgerBench();
  const dead = bench.up();
  dead.publish = () => {
    throw new IllegalOperationError("Channel closed");
  };
  bench.publishMany(2);
  expect(bench.silentCount).toBeGreaterThan(0);
  dead.close();
  const channel = bench.up();
  expect(idsOn(channel)).toEqual(ids(1, 2));
  channel.confirmAll();
  expect(bench.outcome(1)).toMatchObject({ status: "confirmed", attempts: 1 });
});

test("a delivery deadline that passes before it was written says that nothing is stored", () => {
  const bench = new LedgerBench();
  bench.publish({ deliveryTimeoutMs: 500 });
  bench.advance(500);
  expect(bench.outcome(1)).toMatchObject({ status: "timed-out", stored: "no" });
  const channel = bench.up();
  expect(channel.written).toEqual([]);
});

test("the clock of the confirm stands still while the connection is down or blocked", () => {
  const bench = new LedgerBench();
  const first = bench.up();
  bench.publish({ confirmTimeoutMs: 100 });
  first.close();
  bench.advance(1_000);
  const second = bench.up();
  bench.advance(99);
  bench.ledger.pause();
  bench.advance(1_000);
  bench.ledger.resume();
  bench.advance(99);
  expect(bench.statuses).toEqual([undefined]);
  second.confirmAll();
  expect(bench.statuses).toEqual(["confirmed"]);
});

test("nothing is written while the broker is blocked or the socket is congested", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.ledger.pause();
  bench.publish();
  expect(channel.written).toEqual([]);
  bench.ledger.resume();
  expect(channel.written).toHaveLength(1);
  channel.congested = true;
  bench.publishMany(2);
  expect(channel.written).toHaveLength(1);
  channel.drain();
  expect(channel.written).toHaveLength(3);
});

test("a channel on which nothing is answered any more is given up, one that is only late with some is not", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publishMany(2, { confirmTimeoutMs: 20_000 });
  bench.publish({ confirmTimeoutMs: 60_000 });
  channel.process(3);
  bench.advance(15_000);
  channel.confirm(channel.written[0]!);
  bench.advance(5_000);
  expect(bench.statuses).toEqual(["confirmed", "timed-out", undefined]);
  expect(bench.silentCount).toBe(0);
  bench.publish({ confirmTimeoutMs: 20_000 });
  bench.advance(20_000);
  expect(bench.statuses).toEqual(["confirmed", "timed-out", undefined, "timed-out"]);
  expect(bench.silentCount).toBe(1);
});

test("on the channel that follows a silent one, what was in flight goes one at a time", () => {
  const bench = new LedgerBench();
  const silent = bench.up();
  bench.publish({ confirmTimeoutMs: 10_000 });
  bench.publishMany(3);
  bench.advance(10_000);
  expect(bench.silentCount).toBe(1);
  silent.close();
  const channel = bench.up();
  bench.publish();
  expect(idsOn(channel)).toEqual(["m-2"]);
  for (let at = 0; at < 3; at++) channel.confirmAll();
  expect(bench.statuses.slice(0, 4)).toEqual(["timed-out", "confirmed", "confirmed", "confirmed"]);
  bench.publish();
  expect(idsOn(channel)).toEqual(ids(2, 6));
});

test("a channel that had nothing to answer for long is not silent when the first confirm is late", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.advance(60_000);
  bench.publish({ confirmTimeoutMs: 1_000 });
  channel.process(1);
  bench.advance(1_000);
  expect(bench.statuses).toEqual(["timed-out"]);
  for (let at = 0; at < 9; at++) {
    expect(bench.silentCount).toBe(0);
    bench.publish({ confirmTimeoutMs: 1_000 });
    bench.advance(1_000);
  }
  expect(bench.silentCount).toBe(1);
});

test("one that was given up and answered all the same counts neither for silence nor as a neighbour", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  const first = bench.publish();
  const [message] = channel.process(1);
  bench.ledger.giveUp(first, new ConnectionError("CONNECTION_CLOSED", "enough"));
  channel.confirm(message!);
  bench.advance(60_000);
  bench.publish({ confirmTimeoutMs: 1_000 });
  const [late] = channel.process(1);
  bench.advance(1_000);
  expect(bench.statuses).toEqual(["unknown", "timed-out"]);
  expect(bench.silentCount).toBe(0);
  channel.confirm(late!);
  bench.publish({ exchange: missingExchange });
  channel.process(1);
  expect(bench.outcome(3)).toMatchObject({ status: "refused", stored: "no" });
});

test("the buffer is bounded in count and bytes, what waits included", () => {
  const bench = new LedgerBench({ maxInFlight: 2, maxWaiting: 2 });
  const channel = bench.up();
  bench.publishMany(4);
  expect(bench.ledger.refusal(1)).toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  channel.confirmAll();
  expect(bench.ledger.refusal(1)).toBeUndefined();
  bench.publish({ bodyBytes: 999_000 });
  expect(bench.ledger.refusal(1_001)).toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
  expect(bench.ledger.refusal(900)).toBeUndefined();
});

test("a size that is not known yet is taken for the usual one, and for no large part of the buffer", () => {
  const bench = new LedgerBench({ maxInFlight: 1_000 });
  expect(bench.ledger.refusal()).toBeUndefined();
  for (let at = 0; at < 9_999; at++)
    if (bench.ledger.refusal() === undefined) bench.publish({ bodyBytes: 900 });
  expect(bench.ledger.unsettledBytes).toBeGreaterThan(1_000_000 - 900);
  const huge = new LedgerBench({ maxInFlight: 1_000 });
  huge.publish({ bodyBytes: 998_000 });
  expect(huge.ledger.refusal()).toBeUndefined();
});

test("refuse instead of wait: there is no room beyond the window", () => {
  const bench = new LedgerBench({ maxInFlight: 2, whenFull: "refuse" });
  bench.publishMany(2);
  expect(bench.ledger.refusal(1)).toMatchObject({ code: "PUBLISH_BUFFER_FULL" });
});

test("the end settles everything: refused when never written, unknown otherwise", () => {
  const bench = new LedgerBench({ maxInFlight: 1 });
  bench.up();
  bench.publishMany(2);
  bench.ledger.end(new ConnectionError("CONNECTION_CLOSED", "closed"));
  expect(bench.outcome(1)).toMatchObject({ status: "unknown", stored: "maybe" });
  expect(bench.outcome(2)).toMatchObject({ status: "refused", stored: "no" });
  expect(bench.ledger.unsettledCount).toBe(0);
});

test("a channel on which a route has only nacks is renewed when nothing is in flight; what waits goes on in order", () => {
  const bench = new LedgerBench({ maxInFlight: 3 });
  const first = bench.up();
  bench.publish({ routingKey: "full" });
  first.nackAll();
  bench.advance(1_000);
  bench.publishMany(2);
  bench.publish({ routingKey: "full" });
  bench.publishMany(3);
  first.process(3);
  first.confirm(first.written[3]!, false, false);
  expect(bench.renewals).toEqual([]);
  first.confirm(first.written[1]!);
  expect(idsOn(first)).toEqual(ids(1, 4));
  first.confirm(first.written[2]!);
  expect(bench.renewals).toEqual([{ exchange: "", routingKey: "full", nackedCount: 2, nackingMs: 1_000 }]);
  const second = bench.up();
  expect(idsOn(second)).toEqual(ids(5, 7));
  second.confirmAll();
  expect(bench.statuses).toEqual([
    "nacked",
    "confirmed",
    "confirmed",
    "nacked",
    ...Array(3).fill("confirmed"),
  ]);
});

test("what is nacked settles at once, also when its channel is about to be renewed", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish();
  channel.nackAll();
  bench.advance(1_000);
  bench.publishMany(2);
  channel.process(2);
  channel.confirm(channel.written[1]!, false, false);
  expect(bench.statuses).toEqual(["nacked", "nacked", undefined]);
  expect(bench.renewals).toEqual([]);
});

test("a channel that waits for its renewal goes on when something in flight is not answered", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish({ routingKey: "full" });
  channel.nackAll();
  bench.advance(1_000);
  bench.publish({ routingKey: "slow" });
  bench.publish({ routingKey: "full", confirmTimeoutMs: 500 });
  channel.process(2);
  channel.confirm(channel.written[2]!, false, false);
  bench.publish();
  bench.advance(500);
  bench.advance(499);
  expect(idsOn(channel)).toEqual(ids(1, 3));
  bench.advance(1);
  expect(idsOn(channel)).toEqual(ids(1, 4));
  expect(bench.renewals).toEqual([]);
});

test("a channel is not renewed while the broker reads nothing", () => {
  const bench = new LedgerBench();
  const channel = bench.up();
  bench.publish();
  channel.nackAll();
  bench.advance(1_000);
  bench.publish();
  channel.process(1);
  bench.ledger.pause();
  channel.confirm(channel.written[1]!, false, false);
  bench.ledger.giveUp(bench.publish(), new ConnectionError("CONNECTION_CLOSED", "enough"));
  expect(bench.renewals).toEqual([]);
  bench.ledger.resume();
  expect(bench.renewals).toHaveLength(1);
});
