import { describe, expect, test } from "vitest";
import { type FakeConsumer, stageQueue, table } from "./queue.test-support.ts";

function gotBy(...consumers: FakeConsumer[]): string {
  return consumers.map(({ tag, got }) => `${tag}:${got.join("")}`).join(" ");
}

describe("consumers", () => {
  test("have their turns one after the other", () => {
    const { consume, publish } = stageQueue();
    const [a, b] = [consume({ tag: "a" }), consume({ tag: "b" })];
    publish("1", "2", "3");
    expect(gotBy(a, b)).toBe("a:13 b:2");
  });

  test("get nothing beyond their prefetch until they settle", () => {
    const { queue, consume, publish } = stageQueue();
    const a = consume({ prefetchCount: 2 });
    publish("1", "2", "3");
    expect([a.got, queue.readyCount, queue.unackedCount]).toEqual([["1", "2"], 1, 2]);
    a.settle(queue, "ack", "1");
    expect([a.got, queue.readyCount, queue.unackedCount]).toEqual([["1", "2", "3"], 0, 2]);
  });

  test("with noAck hold nothing", () => {
    const { queue, consume, publish } = stageQueue();
    const a = consume({ noAck: true });
    publish("1");
    expect([a.got, queue.unackedCount]).toEqual([["1"], 0]);
  });

  test("of a higher priority get all while they have room", () => {
    const { consume, publish } = stageQueue();
    const low = consume({ tag: "low", prefetchCount: 2, arguments: table({ "x-priority": 1 }) });
    const high = consume({ tag: "high", prefetchCount: 2, arguments: table({ "x-priority": 5 }) });
    const other = consume({ tag: "other", prefetchCount: 2, arguments: table({ "x-priority": 5 }) });
    publish("1", "2", "3", "4", "5", "6", "7");
    expect(gotBy(low, high, other)).toBe("low:56 high:13 other:24");
  });

  test("that were cancelled get nothing more, and keep what they hold", () => {
    const { queue, consume, publish } = stageQueue();
    const a = consume({ tag: "a" });
    publish("1");
    queue.cancel(a);
    publish("2");
    expect([a.got, queue.unackedCount, queue.consumerCount]).toEqual([["1"], 1, 0]);
    a.settle(queue, "nack-requeue");
    expect(queue.readyCount).toBe(2);
  });

  test("are refused beside an exclusive one, and so is an exclusive one beside others", () => {
    const text = "ACCESS_REFUSED - queue 'q' in vhost '/' in exclusive use";
    const taken = stageQueue();
    taken.consume({ exclusive: true });
    expect(() => taken.consume()).toThrow(text);
    const shared = stageQueue();
    shared.consume();
    expect(() => shared.consume({ exclusive: true })).toThrow(text);
    expect([taken.queue.consumerCount, shared.queue.consumerCount]).toEqual([1, 1]);
  });

  test("of a quorum queue are exclusive in vain", () => {
    const { queue, consume } = stageQueue({ "x-queue-type": "quorum" });
    consume({ exclusive: true });
    consume({ exclusive: true });
    expect(queue.consumerCount).toBe(2);
  });

  test("of a classic queue with a single active consumer cannot be exclusive", () => {
    const { consume } = stageQueue({ "x-single-active-consumer": true });
    expect(() => consume({ exclusive: true })).toThrow("in exclusive use");
  });

  // Both as RabbitMQ was seen to do: its two kinds of queue tell a consumer that is full at different times.
  test("of a classic queue keep their turn where nothing waited while they were full", () => {
    const stage = stageQueue();
    const [a, b, c] = ["a", "b", "c"].map((tag) => stage.consume({ tag, prefetchCount: 1 }));
    stage.publish("1", "2", "3");
    for (const each of [c, a, b]) each!.settle(stage.queue, "ack");
    stage.publish("4", "5", "6");
    expect(gotBy(a!, b!, c!)).toBe("a:14 b:25 c:36");
  });

  test("of a quorum queue have their turns in the order in which they had room again", () => {
    const stage = stageQueue({ "x-queue-type": "quorum" });
    const [a, b, c] = ["a", "b", "c"].map((tag) => stage.consume({ tag, prefetchCount: 1 }));
    stage.publish("1", "2", "3");
    for (const each of [c, a, b]) each!.settle(stage.queue, "ack");
    stage.publish("4", "5", "6");
    expect(gotBy(a!, b!, c!)).toBe("a:15 b:26 c:34");
  });

  test("are told when the queue is gone, and what they settle afterwards is ignored", () => {
    const { queue, consume, publish } = stageQueue();
    const a = consume({ prefetchCount: 1 });
    publish("1", "2");
    expect(queue.destroy()).toBe(1);
    a.settle(queue, "nack-requeue");
    expect([a.cancelledCount, queue.readyCount, queue.unackedCount, queue.consumerCount]).toEqual([
      1, 0, 0, 0,
    ]);
  });
});

test("a queue with autoDelete asks to be removed with its last consumer, and not before it had one", () => {
  const { queue, consume, removals } = stageQueue({}, { autoDelete: true });
  const [a, b] = [consume(), consume()];
  queue.cancel(a);
  expect(removals()).toBe(0);
  queue.cancel(b);
  expect(removals()).toBe(1);
});

test("a purge takes what is ready and leaves what is held", () => {
  const { queue, publish, drain } = stageQueue();
  publish("a", "b", "c");
  const held = queue.get(false)!;
  expect(queue.purge()).toBe(2);
  queue.settle([held], "nack-requeue");
  expect(drain()).toEqual(["a"]);
});
