import { gunzipSync } from "node:zlib";
import { connect, type Connection, defineTopology, type WireDelivery } from "@warren/connection";
import { defineMessage, diagnostics, PublishError, type Publishing } from "@warren/message";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createPublisher } from "./publisher.ts";

const broker = useBroker();
const queue = broker.name("published");
const exchange = broker.name("orders");
const topology = defineTopology({
  exchanges: { [exchange]: { type: "topic" } },
  queues: {
    [queue]: { bindings: [{ exchange, routingKey: "order.placed.*" }], retry: false, deadLetter: false },
  },
});
const OrderPlaced = defineMessage({
  type: "order.placed",
  exchange,
  routingKey: "order.placed.{region}",
  schema: z.object({
    id: z.string(),
    region: z.enum(["eu", "us"]),
    at: z.string().transform((text) => new Date(text)),
  }),
});
const order = { id: "o-1", region: "eu", at: "2026-01-01" } as const;

let connection: Connection;
let received: AsyncIterableIterator<WireDelivery>;

beforeAll(async () => {
  connection = await connect(broker.url, { topology });
  received = consumed(connection, queue);
});
afterAll(async () => {
  await connection.channels.withChannel(async (channel) => {
    await channel.deleteQueue(queue);
    await channel.deleteExchange(exchange);
  });
  await connection.close();
});

/** Everything that arrives in a queue from now on. */
function consumed(on: Connection, from: string): AsyncIterableIterator<WireDelivery> {
  const arrived: WireDelivery[] = [];
  let wake: (() => void) | undefined;
  on.channels.consume({
    queue: from,
    prefetch: 100,
    noAck: true,
    delivered: (delivery) => {
      arrived.push(delivery);
      wake?.();
    },
  });
  return (async function* () {
    for (;;) {
      while (arrived.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      yield arrived.shift()!;
    }
  })();
}

async function nextArrived(): Promise<WireDelivery> {
  return (await received.next()).value as WireDelivery;
}

async function failure(publish: Promise<unknown>): Promise<PublishError> {
  const error: unknown = await publish.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(PublishError);
  return error as PublishError;
}

test("publish resolves with the confirmation, and the wire carries the schema's input with every property filled in", async () => {
  await using publisher = createPublisher(connection, { appId: "shop" });
  const confirmed = await publisher.publish(OrderPlaced, order);
  expect(confirmed).toMatchObject({ status: "confirmed", attempts: 1 });
  const { content, properties, fields } = await nextArrived();
  expect(JSON.parse(content.toString())).toEqual(order);
  expect(fields.routingKey).toBe("order.placed.eu");
  expect(properties).toMatchObject({
    messageId: confirmed.messageId,
    type: "order.placed",
    contentType: "application/json",
    appId: "shop",
    deliveryMode: 2,
  });
  expect(Math.abs(properties.timestamp! * 1000 - Date.now())).toBeLessThan(60_000);
});

test("what the caller sets stays as it is", async () => {
  await using publisher = createPublisher(connection, { traceHeaders: () => ({ traceparent: "00-1" }) });
  await publisher.publish(OrderPlaced, order, {
    messageId: "mine",
    routingKey: "order.placed.elsewhere",
    correlationId: "c",
    priority: 3,
    expirationMs: 60_000,
    headers: { tenant: "t", when: new Date(1_000) },
    persistent: false,
  });
  const { properties, fields } = await nextArrived();
  expect(fields.routingKey).toBe("order.placed.elsewhere");
  expect(properties).toMatchObject({
    messageId: "mine",
    correlationId: "c",
    priority: 3,
    expiration: "60000",
    deliveryMode: 1,
    headers: { tenant: "t", traceparent: "00-1" },
  });
});

test("[B20] publish rejects with PUBLISH_RETURNED when no queue is bound, unless it is not mandatory", async () => {
  await using publisher = createPublisher(connection);
  const unbound: Publishing = { exchange, routingKey: "nobody.listens", body: Buffer.from("x") };
  const error = await failure(publisher.publish(unbound));
  expect(error.code).toBe("PUBLISH_RETURNED");
  expect(error.outcome).toMatchObject({ status: "returned", stored: "no", replyCode: 312 });
  await expect(publisher.publish({ ...unbound, mandatory: false })).resolves.toMatchObject({
    status: "confirmed",
  });
});

test("returns find their publishes among others with the same id and out of order confirms", async () => {
  await using publisher = createPublisher(connection);
  const keys = Array.from({ length: 300 }, (_, at) => (at % 3 === 0 ? "nobody.listens" : "order.placed.eu"));
  const outcomes = await publisher.publishAll(
    keys.map((routingKey, at) => ({
      exchange,
      routingKey,
      messageId: `m-${at % 50}`,
      body: Buffer.from("x"),
    })),
  );
  expect(outcomes.map(({ status }) => status)).toEqual(
    keys.map((key) => (key === "nobody.listens" ? "returned" : "confirmed")),
  );
  for (let at = 0; at < 200; at++) await nextArrived();
});

test("a payload that fails its schema is refused with path and reason, and nothing is sent", async () => {
  await using publisher = createPublisher(connection);
  const error = await failure(publisher.publish(OrderPlaced, { ...order, region: "mars" as never }));
  expect(error.code).toBe("PUBLISH_INVALID");
  expect(error.sentence).toMatch(/region/);
  expect(error.outcome).toMatchObject({ status: "refused", stored: "no" });
});

test("validate: false sends what it is given", async () => {
  await using publisher = createPublisher(connection, { validate: false });
  await publisher.publish(OrderPlaced, { ...order, extra: true } as never);
  expect(JSON.parse((await nextArrived()).content.toString())).toMatchObject({ extra: true });
});

test("[C24] what cannot be encoded is refused alone, before anything is written", async () => {
  await using publisher = createPublisher(connection);
  const fine = (): Promise<unknown> => publisher.publish(OrderPlaced, order);
  const base: Publishing = { exchange, routingKey: "order.placed.eu", body: Buffer.from("x") };
  const long = "x".repeat(256);
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const bad: readonly (() => Promise<unknown>)[] = [
    () => publisher.publish({ ...base, headers: { a: undefined as never } }),
    () => publisher.publish({ ...base, headers: { a: Number.NaN } }),
    () => publisher.publish({ ...base, headers: { a: 2n ** 64n } }),
    () => publisher.publish({ ...base, headers: { a: (() => 1) as never } }),
    () => publisher.publish({ ...base, headers: { a: cyclic as never } }),
    () => publisher.publish({ ...base, headers: { a: "x".repeat(60_000) } }),
    () => publisher.publish({ ...base, headers: { [long]: 1 } }),
    () => publisher.publish({ ...base, headers: { "x-warren-attempt": 3 } }),
    () => publisher.publish({ ...base, headers: { CC: "not a list" } }),
    () => publisher.publish({ ...base, routingKey: long }),
    () => publisher.publish({ ...base, messageId: "é".repeat(128) }),
    () => publisher.publish({ ...base, priority: 256 }),
    () => publisher.publish({ ...base, expirationMs: -1 }),
    () => publisher.publish({ ...base, timestamp: new Date(Number.NaN) }),
    () => publisher.publish({ ...base, body: "text" as never }),
    () => publisher.publish(OrderPlaced, { ...order, id: 1n as never }),
  ];
  const outcomes = await Promise.all(
    bad.map(async (publish) => [fine(), await failure(publish()), fine()] as const),
  );
  for (const [before, error, after] of outcomes) {
    expect(error.code).toBe("PUBLISH_INVALID");
    expect(error.outcome).toMatchObject({ status: "refused", stored: "no" });
    await expect(Promise.all([before, after])).resolves.toMatchObject([{ attempts: 1 }, { attempts: 1 }]);
  }
  for (let at = 0; at < bad.length * 2; at++) await nextArrived();
});

test("[B29] a body over the limit is refused before it is written", async () => {
  await using publisher = createPublisher(connection, { maxBodyBytes: 1_000 });
  const error = await failure(
    publisher.publish({ exchange, routingKey: "order.placed.eu", body: Buffer.alloc(1_001) }),
  );
  expect(error.code).toBe("PUBLISH_INVALID");
  expect(error.sentence).toMatch(/1001 bytes.*1000/);
});

test("[C21] bodies of zero bytes and around the frame size arrive as they were sent", async () => {
  await using publisher = createPublisher(connection);
  for (const bytes of [0, 1, 16_384, 16_385, 131_063, 131_064, 131_065, 400_000]) {
    const body = Buffer.alloc(bytes, "warren");
    await publisher.publish({
      exchange,
      routingKey: "order.placed.eu",
      body,
      headers: bytes % 2 === 0 ? {} : { a: 1 },
    });
    expect((await nextArrived()).content.equals(body)).toBe(true);
  }
});

test("[B8] one publish to a missing exchange among a thousand is rejected, all others are confirmed", async () => {
  await using publisher = createPublisher(connection);
  const good = (at: number): Publishing => ({ exchange: "", routingKey: queue, body: Buffer.from(`${at}`) });
  const all = Array.from({ length: 1_001 }, (_, at) =>
    at === 500 ? { ...good(at), exchange: broker.name("missing") } : good(at),
  );
  const outcomes = await publisher.publishAll(all);
  expect(outcomes.filter(({ status }) => status === "confirmed")).toHaveLength(1_000);
  expect(outcomes[500]).toMatchObject({ status: "refused", stored: "no" });
  for (let at = 0; at < 1_000; at++) await nextArrived();
});

test("[B8] an exchange that is deleted under way takes only its own publishes along, and no other channel", async () => {
  const doomed = broker.name("doomed");
  await connection.channels.withChannel((channel) =>
    channel.declareExchange(doomed, "fanout", {
      durable: false,
      autoDelete: false,
      internal: false,
      arguments: {},
    }),
  );
  await using publisher = createPublisher(connection);
  await using other = createPublisher(connection);
  await publisher.publish({ exchange: doomed, routingKey: "", body: Buffer.from("x"), mandatory: false });
  await connection.channels.withChannel((channel) => channel.deleteExchange(doomed));
  const closed: unknown[] = [];
  const watch = (event: unknown): void => void closed.push(event);
  diagnostics.channelClosed.subscribe(watch);
  const good = (at: number): Publishing => ({
    exchange: "",
    routingKey: queue,
    messageId: `g-${at}`,
    body: Buffer.from(`${at}`),
  });
  const all = Array.from({ length: 101 }, (_, at) =>
    at === 50 ? { ...good(at), exchange: doomed } : good(at),
  );
  const [outcomes, others] = await Promise.all([
    publisher.publishAll(all),
    other.publishAll(Array.from({ length: 100 }, (_, at) => good(1_000 + at))),
  ]);
  diagnostics.channelClosed.unsubscribe(watch);
  expect(outcomes.map(({ status }) => status)).toEqual(
    all.map((_, at) => (at === 50 ? "refused" : "confirmed")),
  );
  expect(others.every((outcome) => outcome.status === "confirmed" && outcome.attempts === 1)).toBe(true);
  expect(closed).toHaveLength(2);
  const ids = new Set<string | undefined>();
  while (ids.size < 200) ids.add((await nextArrived()).properties.messageId);
});

test("[B18, B19] a queue that is full nacks, and another one that is bound too may have the message", async () => {
  const [full, roomy] = [broker.name("full"), broker.name("roomy")];
  const fanout = broker.name("fanout");
  await connection.channels.withChannel(async (channel) => {
    const plain = { durable: false, exclusive: false, autoDelete: false };
    await channel.declareExchange(fanout, "fanout", {
      durable: false,
      autoDelete: true,
      internal: false,
      arguments: {},
    });
    await channel.declareQueue(full, {
      ...plain,
      arguments: { "x-max-length": 1, "x-overflow": "reject-publish" },
    });
    await channel.declareQueue(roomy, { ...plain, arguments: {} });
    for (const each of [full, roomy]) await channel.bindQueue(each, fanout, "");
  });
  await using publisher = createPublisher(connection);
  const outcomes = await publisher.publishAll(
    Array.from({ length: 10 }, () => ({
      exchange: fanout,
      routingKey: "",
      body: Buffer.from("x"),
      persistent: false,
    })),
  );
  const nacked = outcomes.filter(({ status }) => status === "nacked");
  expect(nacked.length).toBeGreaterThanOrEqual(8);
  expect(nacked[0]).toMatchObject({ stored: "maybe" });
  const counts = await connection.channels.withChannel(async (channel) => [
    await channel.deleteQueue(full),
    await channel.deleteQueue(roomy),
  ]);
  expect(counts[1]).toMatchObject({ messageCount: 10 });
  expect(
    (await failure(publisher.publish({ exchange: "", routingKey: full, body: Buffer.alloc(0) }))).code,
  ).toBe("PUBLISH_RETURNED");
});

test("[B21] an alternate exchange counts as routed", async () => {
  const [main, alternate, caught] = [broker.name("main"), broker.name("alternate"), broker.name("caught")];
  await connection.channels.withChannel(async (channel) => {
    const plain = { durable: false, autoDelete: false, internal: false };
    await channel.declareExchange(alternate, "fanout", { ...plain, arguments: {} });
    await channel.declareExchange(main, "direct", {
      ...plain,
      arguments: { "alternate-exchange": alternate },
    });
    await channel.declareQueue(caught, { durable: false, exclusive: true, autoDelete: false, arguments: {} });
    await channel.bindQueue(caught, alternate, "");
  });
  await using publisher = createPublisher(connection);
  await expect(
    publisher.publish({ exchange: main, routingKey: "nobody", body: Buffer.from("x") }),
  ).resolves.toMatchObject({ status: "confirmed" });
  await connection.channels.withChannel(async (channel) => {
    expect(await channel.deleteQueue(caught)).toMatchObject({ messageCount: 1 });
    await channel.deleteExchange(main);
    await channel.deleteExchange(alternate);
  });
});

test("large bodies are compressed when that is asked for, small ones and incompressible ones are not", async () => {
  await using publisher = createPublisher(connection, { compress: { overBytes: 100 } });
  const send = (body: Buffer): Promise<unknown> =>
    publisher.publish({ exchange, routingKey: "order.placed.eu", body });
  const large = Buffer.alloc(10_000, "warren");
  await Promise.all([send(large), send(Buffer.from("small"))]);
  const first = await nextArrived();
  expect(first.properties.contentEncoding).toBe("gzip");
  expect(gunzipSync(first.content).equals(large)).toBe(true);
  const second = await nextArrived();
  expect(second.properties.contentEncoding).toBeUndefined();
  expect(second.content.toString()).toBe("small");
});

test("publishes keep the order of their calls, also behind an asynchronous schema", async () => {
  await using publisher = createPublisher(connection);
  const Slow = defineMessage({
    type: "slow",
    exchange,
    routingKey: "order.placed.eu",
    schema: z.object({ n: z.number() }).refine(async () => {
      await Promise.resolve();
      return true;
    }),
  });
  const sends = [
    publisher.publish(Slow, { n: 0 }),
    publisher.publish({ exchange, routingKey: "order.placed.eu", body: Buffer.from('{"n":1}') }),
    publisher.publish(Slow, { n: 2 }),
  ];
  await Promise.all(sends);
  const numbers = [];
  for (let at = 0; at < 3; at++)
    numbers.push((JSON.parse((await nextArrived()).content.toString()) as { n: number }).n);
  expect(numbers).toEqual([0, 1, 2]);
});

test("an abort before the write refuses, and a publish after close is refused", async () => {
  await using publisher = createPublisher(connection);
  const error = await failure(publisher.publish(OrderPlaced, order, { signal: AbortSignal.abort() }));
  expect(error.code).toBe("PUBLISH_ABORTED");
  expect(error.outcome).toMatchObject({ status: "refused", stored: "no" });
  const sending = publisher.publish(OrderPlaced, order);
  await publisher.close();
  await expect(sending).resolves.toMatchObject({ status: "confirmed" });
  await nextArrived();
  expect((await failure(publisher.publish(OrderPlaced, order))).code).toBe("PUBLISHER_CLOSED");
});

test("the error names the routing key that was used, the template's or the option's", async () => {
  await using publisher = createPublisher(connection);
  const Lost = defineMessage({
    type: "order.lost",
    exchange,
    routingKey: "order.lost.{region}",
    schema: OrderPlaced.schema,
  });
  const fromTemplate = await failure(publisher.publish(Lost, order, { messageId: "m-1" }));
  expect(fromTemplate.sentence).toContain('with the routing key "order.lost.eu"');
  expect(fromTemplate.context).toEqual({ exchange, routingKey: "order.lost.eu", messageId: "m-1" });
  const elsewhere = await failure(publisher.publish(OrderPlaced, order, { routingKey: "no.body" }));
  expect(elsewhere.context).toMatchObject({ exchange, routingKey: "no.body" });
  const bad = await failure(publisher.publish(OrderPlaced, { ...order, region: "mars" as "eu" }));
  expect(bad.context).toMatchObject({ exchange });
  expect(bad.context).not.toHaveProperty("routingKey");
});

test("callers without types are told what is wrong", async () => {
  await using publisher = createPublisher(connection);
  const untyped = publisher as unknown as { publish(...given: unknown[]): Promise<never> };
  for (const [given, problem] of [
    [
      [undefined, order],
      "must be a message of defineMessage, or { exchange, routingKey, body }, not undefined",
    ],
    [[OrderPlaced, order, { mandatry: false }], 'Did you mean "mandatory"?'],
    [
      [{ exchange, routingKey: "k", body: Buffer.alloc(0), mandatory: "no" }],
      "mandatory must be true or false",
    ],
    [
      [{ exchange, routingKey: "k", body: Buffer.alloc(0) }, { confirmTimeoutMs: "5s" }],
      "confirmTimeoutMs must be",
    ],
  ] as const) {
    const error = await failure(untyped.publish(...given));
    expect(error.code).toBe("PUBLISH_INVALID");
    expect(error.sentence).toContain(problem);
  }
});

test("a publish after the connection was closed says so, not that the broker refused", async () => {
  const closed = await connect(broker.url);
  const publisher = createPublisher(closed);
  await closed.close();
  const error = await failure(publisher.publish(OrderPlaced, order));
  expect(error.code).toBe("CONNECTION_CLOSED");
  expect(error.sentence).toMatch(/was refused: the connection "warren" is closed$/);
});

test("[C35] closing twice, during a publish and before the first channel is open, settles everything", async () => {
  const publisher = createPublisher(connection);
  const sends = Array.from({ length: 50 }, () => publisher.publish(OrderPlaced, order));
  await Promise.all([publisher.close(), publisher.close()]);
  await expect(Promise.all(sends)).resolves.toHaveLength(50);
  for (let at = 0; at < 50; at++) await nextArrived();
});

test("flush resolves when everything before it has settled", async () => {
  await using publisher = createPublisher(connection);
  let settledCount = 0;
  for (let at = 0; at < 100; at++) void publisher.publish(OrderPlaced, order).then(() => settledCount++);
  await publisher.flush({ timeoutMs: 10_000 });
  expect(settledCount).toBe(100);
  for (let at = 0; at < 100; at++) await nextArrived();
});

test("flush and close keep their deadlines while a payload is being validated, and close refuses at once", async () => {
  const publisher = createPublisher(connection);
  const Endless = defineMessage({
    type: "order.endless",
    exchange,
    routingKey: "order.placed.eu",
    schema: {
      "~standard": { version: 1, vendor: "test", validate: () => new Promise<never>(() => undefined) },
    },
  });
  const endless = failure(publisher.publish(Endless, order));
  const startedAt = performance.now();
  await expect(publisher.flush({ timeoutMs: 50 })).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT" });
  const closing = publisher.close({ timeoutMs: 200 });
  expect((await failure(publisher.publish(OrderPlaced, order))).code).toBe("PUBLISHER_CLOSED");
  expect((await endless).code).toBe("PUBLISHER_CLOSED");
  await closing;
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

test("refused at once when the window is full and whenFull says so", async () => {
  await using publisher = createPublisher(connection, { maxInFlight: 5, whenFull: "refuse" });
  const outcomes = await Promise.allSettled(
    Array.from({ length: 8 }, () => publisher.publish(OrderPlaced, order)),
  );
  expect(outcomes.map(({ status }) => status)).toEqual([
    ...Array(5).fill("fulfilled"),
    ...Array(3).fill("rejected"),
  ]);
  expect(outcomes[7]).toMatchObject({ reason: { code: "PUBLISH_BUFFER_FULL" } });
  for (let at = 0; at < 5; at++) await nextArrived();
});

test("publishAll takes from its source only as there is room", async () => {
  await using publisher = createPublisher(connection, { maxInFlight: 10, maxWaiting: 0 });
  const outcomes = await publisher.publishAll(
    OrderPlaced,
    (function* () {
      for (let at = 0; at < 200; at++) yield at === 7 ? ({ ...order, region: "mars" } as never) : order;
    })(),
  );
  expect(outcomes.filter(({ status }) => status === "confirmed")).toHaveLength(199);
  expect(outcomes[7]).toMatchObject({ status: "refused", stored: "no" });
  for (let at = 0; at < 199; at++) await nextArrived();
});

test("what was closed is told: after the connection CONNECTION_CLOSED with its name, after the publisher PUBLISHER_CLOSED", async () => {
  const other = await connect(broker.url, { name: "shop" });
  const used = createPublisher(other);
  const unused = createPublisher(other);
  const closedBefore = createPublisher(other);
  await used.publish({ exchange: "amq.topic", routingKey: "k", body: Buffer.alloc(0), mandatory: false });
  await closedBefore.close();
  await other.close();
  for (const publisher of [used, unused]) {
    const closed = { code: "CONNECTION_CLOSED", sentence: expect.stringContaining('"shop" is closed') };
    await expect(publisher.publish(OrderPlaced, order)).rejects.toMatchObject(closed);
    await expect(publisher.publishAll(OrderPlaced, [order])).resolves.toMatchObject([
      { status: "refused", stored: "no", error: closed },
    ]);
    await expect(publisher.request(OrderPlaced, order)).rejects.toMatchObject({
      name: "PublishError",
      code: "CONNECTION_CLOSED",
    });
  }
  await expect(closedBefore.publish(OrderPlaced, order)).rejects.toMatchObject({ code: "PUBLISHER_CLOSED" });
  await used.close();
  await expect(used.publish(OrderPlaced, order)).rejects.toMatchObject({ code: "PUBLISHER_CLOSED" });
  expect(() => createPublisher(other)).toThrow(
    '[CONNECTION_CLOSED] createPublisher needs an open connection, and "shop" is closed',
  );
});

test("subscribers of the diagnostics channels see each write and each outcome", async () => {
  await using publisher = createPublisher(connection);
  const seen: unknown[] = [];
  const onPublish = (event: unknown): void => void seen.push(event);
  const onConfirm = (event: unknown): void => void seen.push(event);
  diagnostics.publish.subscribe(onPublish);
  diagnostics.confirm.subscribe(onConfirm);
  await publisher.publish(OrderPlaced, order, { messageId: "seen" });
  diagnostics.publish.unsubscribe(onPublish);
  diagnostics.confirm.unsubscribe(onConfirm);
  expect(seen).toMatchObject([
    { exchange, routingKey: "order.placed.eu", messageId: "seen", replays: 0 },
    { exchange, confirmation: { status: "confirmed" } },
  ]);
  expect((seen[0] as { bytes: number }).bytes).toBeGreaterThan(10);
  await nextArrived();
});
