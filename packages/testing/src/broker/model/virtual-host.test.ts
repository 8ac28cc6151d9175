import { describe, expect, test } from "vitest";
import { int64, longstr } from "../codec/field-values.ts";
import type { Queue, QueueConsumer, QueueDelivery } from "./queue/queue.ts";
import { another, owner, routed, Subject, type Arguments } from "./virtual-host.test-support.ts";

describe("exchanges", () => {
  test("one that is bound from is in use, one that is only bound to is not", () => {
    const vhost = new Subject();
    vhost.addExchange("x", "fanout");
    vhost.addExchange("y", "fanout");
    vhost.bindExchange("x", "y");
    expect(() => vhost.deleteExchange("y", { ifUnused: true })).toThrow(
      "PRECONDITION_FAILED - exchange 'y' in vhost '/' in use",
    );
    vhost.deleteExchange("x", { ifUnused: true });
    vhost.deleteExchange("y", { ifUnused: true });
    expect([vhost.hasExchange("x"), vhost.hasExchange("y")]).toEqual([false, false]);
  });

  test("an auto-delete exchange goes with its last binding, and others with it", () => {
    const vhost = new Subject();
    vhost.addExchange("x", "fanout", { autoDelete: true });
    vhost.addExchange("y", "fanout", { autoDelete: true });
    vhost.addQueue("q");
    vhost.bindExchange("y", "x");
    vhost.bindQueue("q", "y", "one");
    vhost.bindQueue("q", "y", "two");
    vhost.unbindQueue("q", "y", "one");
    expect(vhost.hasExchange("y")).toBe(true);
    vhost.deleteQueue("q", owner, { ifUnused: false, ifEmpty: false });
    expect([vhost.hasExchange("y"), vhost.hasExchange("x")]).toEqual([false, false]);
  });

  test("an auto-delete exchange stays while nothing was bound from it", () => {
    const vhost = new Subject();
    vhost.addExchange("x", "fanout", { autoDelete: true });
    vhost.bindExchange("x", "amq.fanout");
    vhost.unbindExchange("x", "amq.fanout");
    expect(vhost.hasExchange("x")).toBe(true);
  });

  test("a passive declare finds it, with line breaks in its name too", () => {
    const vhost = new Subject();
    vhost.addExchange("x\r\ny", "fanout");
    expect(() => vhost.checkExchange("x\ny")).not.toThrow();
    expect(() => vhost.checkExchange("x")).toThrow("NOT_FOUND - no exchange 'x' in vhost '/'");
    expect(() => vhost.checkExchange("")).toThrow("operation not permitted on the default exchange");
    expect(() => vhost.send("x\ny", "k")).toThrow("NOT_FOUND");
  });
});

describe("queues", () => {
  const locked =
    "RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'q' in vhost '/'. It could be originally declared " +
    "on another connection or the exclusive property value does not match that of the original declaration.";
  const plain = { ifUnused: false, ifEmpty: false };

  test("declaring one again finds it, declaring it otherwise is refused", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    expect(vhost.addQueue("q")).toBe(queue);
    expect(() => vhost.addQueue("q", {}, { durable: false })).toThrow(
      "inequivalent arg 'durable' for queue 'q'",
    );
    expect(() => vhost.addQueue("bad", { "x-message-ttl": longstr("a") })).toThrow(
      "invalid arg 'x-message-ttl'",
    );
    expect(vhost.hasQueue("bad")).toBe(false);
  });

  test("an exclusive queue is its connection's alone", () => {
    const vhost = new Subject();
    const { declaration } = vhost.addQueue("q", {}, { exclusive: true });
    expect(vhost.queue("q", owner).owner).toBe(owner);
    expect(() => vhost.queue("q", another)).toThrow(locked);
    expect(() => vhost.checkQueue("q", another)).toThrow(locked);
    expect(() => vhost.declareQueue(declaration, another)).toThrow(locked);
    expect(() => vhost.deleteQueue("q", another, plain)).toThrow(locked);
    expect(() => vhost.addQueue("q")).toThrow(locked);
    expect(vhost.send("", "q")).toEqual(routed);
  });

  test("what is not exclusive cannot be declared so", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    expect(() => vhost.addQueue("q", {}, { exclusive: true })).toThrow(locked);
  });

  test("exclusive queues end with their connection, and their bindings with them", () => {
    const vhost = new Subject();
    vhost.addExchange("x", "fanout", { autoDelete: true });
    vhost.addQueue("mine", {}, { exclusive: true });
    vhost.bindQueue("mine", "x");
    vhost.addQueue("everyone's");
    vhost.ownerGone(another);
    expect(vhost.hasQueue("mine")).toBe(true);
    vhost.ownerGone(owner);
    expect(Array.from(vhost.queues, ({ declaration }) => declaration.name)).toEqual(["everyone's"]);
    expect(vhost.hasExchange("x")).toBe(false);
  });

  test("a missing one is found missing by its users, and no error to delete", () => {
    const vhost = new Subject();
    expect(() => vhost.queue("nope", owner)).toThrow("NOT_FOUND - no queue 'nope' in vhost '/'");
    expect(() => vhost.checkQueue("amq.nope", owner)).toThrow("NOT_FOUND - no queue 'amq.nope' in vhost '/'");
    expect(vhost.deleteQueue("nope", owner, { ifUnused: true, ifEmpty: true })).toBe(0);
  });

  test("deleting one counts what is ready", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    for (let count = 0; count < 3; count++) vhost.send("", "q");
    queue.get(false);
    expect(vhost.deleteQueue("q", owner, plain)).toBe(2);
    expect(vhost.hasQueue("q")).toBe(false);
  });

  test("if-unused and if-empty are heeded by classic queues, use first", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    queue.consume(consumer({ hasRoom: false }));
    vhost.send("", "q");
    expect(() => vhost.deleteQueue("q", owner, { ifUnused: true, ifEmpty: true })).toThrow(
      "PRECONDITION_FAILED - queue 'q' in vhost '/' in use",
    );
    expect(() => vhost.deleteQueue("q", owner, { ifUnused: false, ifEmpty: true })).toThrow(
      "PRECONDITION_FAILED - queue 'q' in vhost '/' not empty",
    );
    expect(vhost.deleteQueue("q", owner, plain)).toBe(1);
  });

  test("a queue that holds only unacked messages is empty", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    vhost.send("", "q");
    queue.get(false);
    expect(vhost.deleteQueue("q", owner, { ifUnused: false, ifEmpty: true })).toBe(0);
  });

  test.each([
    ["if-unused", { ifUnused: true, ifEmpty: true }],
    ["if-empty", { ifUnused: false, ifEmpty: true }],
  ])("quorum queues do not know %s, streams overlook it", (flag, options) => {
    const vhost = new Subject();
    vhost.addQueue("quorum", { "x-queue-type": longstr("quorum") });
    vhost.addQueue("stream", { "x-queue-type": longstr("stream") });
    expect(() => vhost.deleteQueue("quorum", owner, options)).toThrow(
      `NOT_IMPLEMENTED - cannot delete queue 'quorum' in vhost '/'. queue.delete operations with ${flag} flag set are ` +
        "not supported by quorum queues",
    );
    expect(vhost.deleteQueue("stream", owner, options)).toBe(0);
  });

  test("an auto-delete queue goes with its last consumer, and its bindings with it", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q", {}, { autoDelete: true });
    vhost.bindQueue("q", "amq.direct", "k");
    const first = consumer();
    queue.consume(first);
    queue.cancel(first);
    expect(vhost.hasQueue("q")).toBe(false);
    expect([...vhost.bindings]).toEqual([]);
  });

  test("a queue that nobody uses expires; declaring it again puts that off", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q", { "x-expires": int64(1_000) });
    vhost.clock.advance(900);
    expect(vhost.checkQueue("q", owner)).toBe(queue);
    vhost.clock.advance(900);
    expect(vhost.addQueue("q", { "x-expires": int64(1_000) })).toBe(queue);
    vhost.clock.advance(900);
    expect(vhost.queue("q", owner)).toBe(queue);
    vhost.clock.advance(100);
    expect(vhost.hasQueue("q")).toBe(false);
  });
});

describe("dead letters", () => {
  const deadLettersTo = (exchange: string, routingKey?: string): Arguments => ({
    "x-dead-letter-exchange": longstr(exchange),
    ...(routingKey !== undefined && { "x-dead-letter-routing-key": longstr(routingKey) }),
  });

  test("go where the queue sends them, an internal exchange included", () => {
    const vhost = new Subject();
    vhost.addExchange("dead", "fanout", { internal: true });
    const dead = vhost.addQueue("dead letters");
    vhost.bindQueue("dead letters", "dead");
    const queue = vhost.addQueue("q", deadLettersTo("dead"));
    vhost.send("", "q");
    queue.settle([taken(queue)], "discard");
    expect(dead.readyCount).toBe(1);
    expect(dead.get(true)?.message).toMatchObject({ exchange: "dead", routingKey: "q" });
  });

  test("vanish where their exchange is missing or leads nowhere", () => {
    const vhost = new Subject();
    for (const exchange of ["missing", "amq.direct"]) {
      const queue = vhost.addQueue(`to ${exchange}`, deadLettersTo(exchange));
      vhost.send("", `to ${exchange}`);
      expect(() => queue.settle([taken(queue)], "discard")).not.toThrow();
      expect(queue.readyCount).toBe(0);
    }
  });

  test("come of time alone too", () => {
    const vhost = new Subject();
    const dead = vhost.addQueue("dead");
    vhost.addQueue("q", { ...deadLettersTo("", "dead"), "x-message-ttl": int64(50) });
    vhost.send("", "q");
    vhost.clock.advance(49);
    expect(dead.readyCount).toBe(0);
    vhost.clock.advance(1);
    expect(dead.readyCount).toBe(1);
  });

  test("that go around without being rejected are dropped where the circle closes", () => {
    const vhost = new Subject();
    const one = vhost.addQueue("one", { ...deadLettersTo("", "two"), "x-message-ttl": int64(10) });
    const two = vhost.addQueue("two", { ...deadLettersTo("", "one"), "x-message-ttl": int64(10) });
    vhost.send("", "one");
    vhost.clock.advance(10);
    expect([one.readyCount, two.readyCount]).toEqual([0, 1]);
    vhost.clock.advance(1_000);
    expect([one.readyCount, two.readyCount]).toEqual([0, 0]);
  });

  test("leave once the work of the queue is done, and may come back to it", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q", deadLettersTo("amq.fanout"));
    const dead = vhost.addQueue("dead");
    for (const name of ["q", "dead"]) vhost.bindQueue(name, "amq.fanout");
    const unackedAtDelivery: number[] = [];
    const deliver = (): unknown => unackedAtDelivery.push(queue.unackedCount);
    dead.consume({ ...consumer(), noAck: true, deliver });
    for (let count = 0; count < 2; count++) vhost.send("", "q");
    queue.settle([taken(queue), taken(queue)], "discard");
    expect(unackedAtDelivery).toEqual([0, 0]);
    expect(queue.readyCount).toBe(2);
  });
});

function taken(queue: Queue): QueueDelivery {
  const delivery = queue.get(false);
  if (delivery === undefined) throw new Error("The queue is empty.");
  return delivery;
}

function consumer({ hasRoom = true } = {}): QueueConsumer {
  return {
    tag: "tag",
    noAck: false,
    exclusive: false,
    arguments: new Map(),
    prefetchCount: 0,
    hasRoom: () => hasRoom,
    deliver: () => undefined,
    cancelled: () => undefined,
  };
}
