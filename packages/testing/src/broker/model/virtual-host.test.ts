import { describe, expect, test } from "vitest";
import type { FieldTable, FieldValue } from "../codec/field-table.ts";
import { array, fieldTable, int64, longstr } from "../codec/field-values.ts";
import { ManualClock } from "../manual-clock.ts";
import { versionRules } from "../version.ts";
import type { Message } from "./message.ts";
import type { Owner, Queue, QueueConsumer, QueueDeclaration, QueueDelivery } from "./queue/queue.ts";
import { VirtualHost, type Binding, type ExchangeDeclaration } from "./virtual-host.ts";

type Arguments = Readonly<Record<string, FieldValue>>;

const owner: Owner = { name: "a connection" };
const another: Owner = { name: "another connection" };

/** A virtual host to which tests speak in few words. */
class Subject extends VirtualHost {
  readonly clock: ManualClock;

  constructor() {
    const clock = new ManualClock();
    super("/", { rules: versionRules["3.10"], clock });
    this.clock = clock;
  }

  addExchange(name: string, type: string, changes: Partial<ExchangeDeclaration> = {}): void {
    const flags = { durable: false, autoDelete: false, internal: false, arguments: new Map() };
    this.declareExchange({ name, type, ...flags, ...changes });
  }

  addQueue(name: string, args: Arguments = {}, changes: Partial<QueueDeclaration> = {}): Queue {
    const flags = { durable: true, exclusive: false, autoDelete: false };
    return this.declareQueue({ name, ...flags, arguments: fieldTable(args), ...changes }, owner);
  }

  bindQueue(destination: string, source: string, routingKey = "", args: Arguments = {}): void {
    this.bind(bindingOf("queue", destination, source, routingKey, args), owner);
  }

  unbindQueue(destination: string, source: string, routingKey = "", args: Arguments = {}): void {
    this.unbind(bindingOf("queue", destination, source, routingKey, args), owner);
  }

  bindExchange(destination: string, source: string, routingKey = ""): void {
    this.bind(bindingOf("exchange", destination, source, routingKey), owner);
  }

  unbindExchange(destination: string, source: string, routingKey = ""): void {
    this.unbind(bindingOf("exchange", destination, source, routingKey), owner);
  }

  send(exchange: string, routingKey: string, headers?: Arguments): ReturnType<VirtualHost["publish"]> {
    return this.publish(messageTo(exchange, routingKey, headers && fieldTable(headers)));
  }
}

const bindingOf = (
  destinationKind: "queue" | "exchange",
  destination: string,
  source: string,
  routingKey: string,
  args: Arguments = {},
): Binding => ({ source, destination, destinationKind, routingKey, arguments: fieldTable(args) });

const messageTo = (exchange: string, routingKey: string, headers?: FieldTable): Message => ({
  exchange,
  routingKey,
  properties: headers === undefined ? {} : { headers },
  body: Buffer.from("body"),
});

const routed = { routed: true, accepted: true };
const unroutable = { routed: false, accepted: true };
const refused = { routed: true, accepted: false };

const alternate = (name: string): Partial<ExchangeDeclaration> => ({
  arguments: fieldTable({ "alternate-exchange": longstr(name) }),
});

describe("publishing", () => {
  test("the default exchange leads to the queue of that name", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    expect(vhost.send("", "q")).toEqual(routed);
    expect(queue.readyCount).toBe(1);
    expect(vhost.send("", "other")).toEqual(unroutable);
  });

  test("a queue gets a message once, however many bindings lead to it", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    for (const key of ["#", "a.*", "a.b"]) vhost.bindQueue("q", "amq.topic", key);
    vhost.bindQueue("q", "amq.topic", "a.b", { one: int64(1) });
    expect(vhost.send("amq.topic", "a.b")).toEqual(routed);
    expect(queue.readyCount).toBe(1);
  });

  test("binding twice is binding once, other arguments make another binding", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    vhost.bindQueue("q", "amq.direct", "k");
    vhost.bindQueue("q", "amq.direct", "k");
    vhost.bindQueue("q", "amq.direct", "k", { a: int64(1), b: int64(2) });
    vhost.unbindQueue("q", "amq.direct", "k");
    expect(vhost.send("amq.direct", "k")).toEqual(routed);
    vhost.unbindQueue("q", "amq.direct", "k", { b: int64(2), a: { type: "int8", value: 1 } });
    expect(vhost.send("amq.direct", "k")).toEqual(routed);
    vhost.unbindQueue("q", "amq.direct", "k", { b: int64(2), a: int64(1) });
    expect(vhost.send("amq.direct", "k")).toEqual(unroutable);
    expect(queue.readyCount).toBe(2);
  });

  test("a headers exchange looks at the headers", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.bindQueue("q", "amq.headers", "", { "x-match": longstr("any"), a: int64(1), b: int64(2) });
    expect(vhost.send("amq.headers", "", { b: int64(2) })).toEqual(routed);
    expect(vhost.send("amq.match", "", { b: int64(2) })).toEqual(unroutable);
    expect(vhost.send("amq.headers", "")).toEqual(unroutable);
  });

  test("exchanges may be bound in a circle", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    vhost.addExchange("x", "fanout");
    vhost.addExchange("y", "fanout");
    vhost.bindExchange("x", "y");
    vhost.bindExchange("y", "x");
    vhost.bindExchange("x", "x");
    vhost.bindQueue("q", "x");
    vhost.bindQueue("q", "y");
    expect(vhost.send("x", "k")).toEqual(routed);
    expect(queue.readyCount).toBe(1);
    vhost.unbindExchange("y", "x");
    vhost.unbindQueue("q", "x");
    expect(vhost.send("x", "k")).toEqual(unroutable);
  });

  test("the alternate exchange gets what no binding lets pass", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q");
    const rest = vhost.addQueue("rest");
    vhost.addExchange("others", "fanout", { internal: true });
    vhost.addExchange("x", "direct", alternate("others"));
    vhost.bindQueue("q", "x", "k");
    vhost.bindQueue("rest", "others");
    expect(vhost.send("x", "k")).toEqual(routed);
    expect(vhost.send("x", "unknown")).toEqual(routed);
    expect([queue.readyCount, rest.readyCount]).toEqual([1, 1]);
  });

  test("alternate exchanges in a circle lead nowhere, nor do missing ones and the default exchange", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.addExchange("x", "direct", alternate("y"));
    vhost.addExchange("y", "direct", alternate("x"));
    vhost.addExchange("own", "direct", alternate("own"));
    vhost.addExchange("lost", "direct", alternate("nowhere"));
    vhost.addExchange("default", "direct", alternate(""));
    for (const name of ["x", "y", "own", "lost", "default"]) {
      expect(vhost.send(name, "q")).toEqual(unroutable);
    }
  });

  test("an exchange that a binding leads to is enough to leave the alternate one out", () => {
    const vhost = new Subject();
    const rest = vhost.addQueue("rest");
    vhost.bindQueue("rest", "amq.fanout");
    vhost.addExchange("x", "fanout", alternate("amq.fanout"));
    vhost.addExchange("dead end", "fanout");
    vhost.bindExchange("dead end", "x");
    expect(vhost.send("x", "k")).toEqual(unroutable);
    expect(rest.readyCount).toBe(0);
  });

  test("CC and BCC keys count like the message's own, and BCC is not shown", () => {
    const vhost = new Subject();
    const [one, two, three] = ["one", "two", "three"].map((name) => vhost.addQueue(name));
    const CC = array(longstr("two"), longstr("two"), longstr("one"));
    const BCC = array(longstr("three"));
    expect(vhost.send("", "one", { CC, BCC })).toEqual(routed);
    const headers = [one, two, three].map((queue) => queue?.get(true)?.message.properties.headers);
    expect(headers.map((table) => [...(table?.keys() ?? [])])).toEqual([["CC"], ["CC"], ["CC"]]);
    expect([one, two, three].map((queue) => queue?.readyCount)).toEqual([0, 0, 0]);
    expect(vhost.send("", "nowhere", { CC: array(longstr("one")) })).toEqual(routed);
  });

  test("one key that fits is enough to leave the alternate exchange out", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    const rest = vhost.addQueue("rest");
    vhost.bindQueue("rest", "amq.fanout");
    vhost.addExchange("x", "direct", alternate("amq.fanout"));
    vhost.bindQueue("q", "x", "cc");
    expect(vhost.send("x", "k", { CC: array(longstr("cc")) })).toEqual(routed);
    expect(rest.readyCount).toBe(0);
  });

  test("one queue that refuses is told, although the others have it", () => {
    const vhost = new Subject();
    const full = { "x-max-length": int64(0), "x-overflow": longstr("reject-publish") };
    vhost.addQueue("full", full);
    const roomy = vhost.addQueue("roomy");
    vhost.bindQueue("full", "amq.fanout");
    vhost.bindQueue("roomy", "amq.fanout");
    vhost.addQueue("full too", full);
    vhost.bindQueue("full too", "amq.fanout");
    expect(vhost.send("amq.fanout", "k")).toEqual(refused);
    expect(roomy.readyCount).toBe(1);
  });

  test("a missing exchange is told before a wrong CC header, an internal one refuses", () => {
    const vhost = new Subject();
    vhost.addExchange("internal", "fanout", { internal: true });
    expect(() => vhost.send("nope", "k", { CC: longstr("k") })).toThrow(
      "NOT_FOUND - no exchange 'nope' in vhost '/'",
    );
    expect(() => vhost.send("internal", "k")).toThrow(
      "ACCESS_REFUSED - cannot publish to internal exchange 'internal' in vhost '/'",
    );
    expect(() => vhost.send("amq.rabbitmq.trace", "k")).toThrow("cannot publish to internal exchange");
    expect(() => vhost.send("", "k", { CC: longstr("k") })).toThrow("unacceptable_type_in_header");
  });
});

describe("bindings", () => {
  test("the source is looked for first, then the destination", () => {
    const vhost = new Subject();
    vhost.addExchange("x", "direct");
    expect(() => vhost.bindQueue("no queue", "no exchange")).toThrow(
      "no exchange 'no exchange' in vhost '/'",
    );
    expect(() => vhost.bindQueue("no queue", "x")).toThrow("NOT_FOUND - no queue 'no queue' in vhost '/'");
    expect(() => vhost.bindExchange("no exchange", "x")).toThrow("no exchange 'no exchange' in vhost '/'");
  });

  test("nothing can be bound to or from the default exchange", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    const refusal = "ACCESS_REFUSED - operation not permitted on the default exchange";
    expect(() => vhost.bindQueue("q", "")).toThrow(refusal);
    expect(() => vhost.unbindQueue("q", "", "q")).toThrow(refusal);
    expect(() => vhost.bindExchange("", "amq.direct")).toThrow(refusal);
  });

  test("a wrong x-match is told to the headers exchange alone, and before whose queue it is", () => {
    const vhost = new Subject();
    vhost.declareQueue({ ...vhost.addQueue("q").declaration, name: "theirs", exclusive: true }, another);
    const wrong = { "x-match": longstr("some") };
    expect(() => vhost.bindQueue("theirs", "amq.headers", "", wrong)).toThrow("Invalid x-match field value");
    expect(() => vhost.bindQueue("q", "amq.direct", "", wrong)).not.toThrow();
    expect(() => vhost.bindQueue("theirs", "amq.direct")).toThrow("RESOURCE_LOCKED");
  });

  test("unbinding what is not bound is no error, whatever is missing", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    expect(() => {
      vhost.unbindQueue("q", "amq.direct", "k");
      vhost.unbindQueue("no queue", "no exchange", "k");
      vhost.unbindExchange("no exchange", "amq.direct", "k");
    }).not.toThrow();
  });

  test("another's exclusive queue cannot be unbound", () => {
    const vhost = new Subject();
    vhost.addQueue("mine", {}, { exclusive: true });
    vhost.bindQueue("mine", "amq.direct", "k");
    expect(() => vhost.unbind(bindingOf("queue", "mine", "amq.direct", "k"), another)).toThrow(
      "RESOURCE_LOCKED",
    );
  });

  test("they go with either of their ends", () => {
    const vhost = new Subject();
    vhost.addQueue("q");
    vhost.addExchange("x", "fanout");
    vhost.addExchange("y", "fanout");
    vhost.bindQueue("q", "x");
    vhost.bindExchange("x", "y");
    vhost.bindExchange("x", "x");
    expect([...vhost.bindings]).toHaveLength(3);
    vhost.deleteExchange("x", { ifUnused: false });
    expect([...vhost.bindings]).toEqual([]);
    vhost.bindQueue("q", "y");
    vhost.deleteQueue("q", owner, { ifUnused: false, ifEmpty: false });
    expect([...vhost.bindings]).toEqual([]);
    vhost.addQueue("q");
    expect(vhost.send("y", "k")).toEqual(unroutable);
  });
});

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
    vhost.addQueue("q", { "x-expires": int64(1_000) });
    vhost.clock.advance(900);
    vhost.checkQueue("q", owner);
    vhost.clock.advance(900);
    vhost.addQueue("q", { "x-expires": int64(1_000) });
    vhost.clock.advance(900);
    expect(vhost.hasQueue("q")).toBe(true);
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

  test("reach the queue they left once its work is done", () => {
    const vhost = new Subject();
    const queue = vhost.addQueue("q", { ...deadLettersTo("", "q") });
    for (let count = 0; count < 2; count++) vhost.send("", "q");
    queue.settle([taken(queue), taken(queue)], "discard");
    expect(queue.readyCount).toBe(2);
    expect(queue.unackedCount).toBe(0);
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
