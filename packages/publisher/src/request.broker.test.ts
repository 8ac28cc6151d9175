import { connect, type Connection, type WireDelivery } from "@warren/connection";
import { defineMessage, type Headers, WarrenError } from "@warren/message";
import { startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { createPublisher, type Publisher } from "./publisher.ts";
import type { RequestControl } from "./request-options.ts";

const broker = useBroker();
const queue = broker.name("quotes");
const GetQuote = defineMessage({
  type: "quote.get",
  exchange: "",
  routingKey: queue,
  schema: z.object({ symbol: z.string(), answers: z.number().default(1) }),
});
const Quote = defineMessage({
  type: "quote",
  exchange: "",
  routingKey: "unused",
  schema: z.object({ price: z.number().transform((cents) => cents / 100) }),
});

let connection: Connection;
let server: Publisher;
let lastServed: WireDelivery["properties"];

/** Answers by what the request asks for: a number of quotes, an error, garbage, or nothing. */
function serve({ content, properties }: WireDelivery): void {
  lastServed = properties;
  const { symbol, answers = 1 } = JSON.parse(content.toString()) as { symbol: string; answers?: number };
  const { correlationId, replyTo } = properties;
  const answer = (body: string, contentType: string | undefined, headers: Headers = {}): void => {
    void replies.publish({
      exchange: "",
      routingKey: replyTo!,
      correlationId: correlationId!,
      body: Buffer.from(body),
      ...(contentType === undefined ? {} : { contentType }),
      headers,
    });
  };
  if (symbol === "SILENT") return;
  if (symbol === "FAILS")
    answer("", undefined, {
      "x-warren-error-code": "HANDLER_FAILED",
      "x-warren-error-message": "no such symbol",
    });
  else if (symbol === "GARBAGE") answer("{", "application/json");
  else if (symbol === "WRONG") answer('{"price":"dear"}', "application/json");
  else if (answers === 0) answer("", undefined, { "x-warren-last-reply": true });
  else
    for (let at = 1; at <= answers; at++)
      answer(
        `{"price":${at * 100}}`,
        "application/json",
        at === answers && answers > 1 ? { "x-warren-last-reply": true } : {},
      );
}

let replies: ReturnType<Connection["channels"]["confirm"]>;

beforeAll(async () => {
  connection = await connect(broker.url);
  await connection.channels.withChannel((channel) =>
    channel.declareQueue(queue, { durable: false, exclusive: false, autoDelete: false, arguments: {} }),
  );
  replies = connection.channels.confirm({ name: "replies" });
  server = createPublisher(connection);
  connection.channels.consume({ queue, prefetch: 10, noAck: true, delivered: (delivery) => serve(delivery) });
});
afterAll(async () => {
  await server.close();
  await connection.channels.withChannel((channel) => channel.deleteQueue(queue));
  await connection.close();
});

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(WarrenError);
  return (error as WarrenError).code;
}

test("a request is answered with the payload of its reply message, checked and transformed by its schema", async () => {
  const quote = await server.request(GetQuote, { symbol: "ACME" }, { reply: Quote });
  expect(quote.price).toBe(1);
});

test("without a reply message the answer is what the codec made of it", async () => {
  await expect(server.request(GetQuote, { symbol: "ACME" })).resolves.toEqual({ price: 100 });
});

test("an untyped request gets the bytes and properties of the answer", async () => {
  const reply = await server.request({
    exchange: "",
    routingKey: queue,
    body: Buffer.from('{"symbol":"ACME"}'),
  });
  expect(Buffer.from(reply.body).toString()).toBe('{"price":100}');
  expect(reply.properties.contentType).toBe("application/json");
});

test("five hundred requests at once each get their own answer", async () => {
  const answers = await Promise.all(
    Array.from({ length: 500 }, () => server.request(GetQuote, { symbol: "ACME" }, { reply: Quote })),
  );
  expect(answers).toHaveLength(500);
});

test("several answers come one after the other until the last says so", async () => {
  const prices: number[] = [];
  for await (const { price } of server.requestMany(
    GetQuote,
    { symbol: "ACME", answers: 5 },
    { reply: Quote },
  ))
    prices.push(price);
  expect(prices).toEqual([1, 2, 3, 4, 5]);
});

test("several answers end after as many as are asked for, or none at all", async () => {
  const prices: number[] = [];
  for await (const { price } of server.requestMany(
    GetQuote,
    { symbol: "A", answers: 5 },
    { reply: Quote, replies: 2 },
  ))
    prices.push(price);
  expect(prices).toEqual([1, 2]);
  for await (const _ of server.requestMany(GetQuote, { symbol: "A", answers: 0 })) expect.unreachable();
});

test.each([
  { limit: { maxBufferedReplies: 5 }, reads: [2, 3, 4, 5, 6] },
  { limit: { maxBufferedBytes: 3 * '{"price":200}'.length }, reads: [2, 3, 4] },
])(
  "replies that nobody takes are kept up to $limit, then the loop ends with REPLY_BUFFER_FULL",
  async ({ limit, reads }) => {
    const answers = server.requestMany(GetQuote, { symbol: "A", answers: 9 }, { reply: Quote, ...limit });
    await expect(answers.next()).resolves.toMatchObject({ value: { price: 1 } });
    // Its answer comes after all of theirs.
    await server.request(GetQuote, { symbol: "ACME" });
    const prices: number[] = [];
    const reading = (async () => {
      for await (const { price } of answers) prices.push(price);
    })();
    await expect(reading).rejects.toMatchObject({
      code: "REPLY_BUFFER_FULL",
      context: { unreadCount: reads.length },
    });
    expect(prices).toEqual(reads);
  },
);

test("an error at the other end is REPLY_FAILED with its code", async () => {
  const error: unknown = await server
    .request(GetQuote, { symbol: "FAILS" })
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "REPLY_FAILED",
    context: { replyErrorCode: "HANDLER_FAILED", replyErrorMessage: "no such symbol" },
  });
});

test("an answer that cannot be read is DECODE_FAILED or SCHEMA_FAILED", async () => {
  expect(await codeOf(server.request(GetQuote, { symbol: "GARBAGE" }))).toBe("DECODE_FAILED");
  expect(await codeOf(server.request(GetQuote, { symbol: "WRONG" }, { reply: Quote }))).toBe("SCHEMA_FAILED");
});

test("a request that nobody answers ends with REQUEST_TIMEOUT, or with REQUEST_ABORTED by its signal", async () => {
  expect(await codeOf(server.request(GetQuote, { symbol: "SILENT" }, { timeoutMs: 50 }))).toBe(
    "REQUEST_TIMEOUT",
  );
  const abort = new AbortController();
  const asked = server.request(GetQuote, { symbol: "SILENT" }, { signal: abort.signal });
  abort.abort();
  expect(await codeOf(asked)).toBe("REQUEST_ABORTED");
  expect(await codeOf(server.request(GetQuote, { symbol: "ACME" }, { signal: abort.signal }))).toBe(
    "REQUEST_ABORTED",
  );
});

test("a request that ended without its answer names its message and where it went", async () => {
  const place = `the request "quote.get" to the queue "${queue}"`;
  const context = { type: "quote.get", exchange: "", routingKey: queue };
  const asked = server.request(GetQuote, { symbol: "SILENT" }, { timeoutMs: 50 });
  await expect(asked).rejects.toMatchObject({
    sentence: `no answer to ${place} within 50 ms`,
    context: { timeoutMs: 50, ...context },
  });
  const raw = { exchange: "amq.topic", routingKey: "k", body: Buffer.alloc(0), mandatory: false };
  await expect(server.request(raw, { timeoutMs: 50 })).rejects.toMatchObject({
    sentence: 'no answer to the request to "amq.topic" with the routing key "k" within 50 ms',
    context: { timeoutMs: 50, exchange: "amq.topic", routingKey: "k" },
  });
  const signal = AbortSignal.timeout(50);
  await expect(server.request(GetQuote, { symbol: "SILENT" }, { signal })).rejects.toMatchObject({
    sentence: `${place} was aborted by its signal`,
    context,
  });
  const other = createPublisher(connection);
  const before = lastServed;
  const lost = other.request(GetQuote, { symbol: "SILENT" }).catch((error: unknown) => error);
  // What is closed before it is on its way is PUBLISHER_CLOSED.
  await expect.poll(() => lastServed).not.toBe(before);
  await other.close({ timeoutMs: 50 });
  expect(await lost).toMatchObject({
    code: "REQUEST_LOST",
    sentence: expect.stringContaining(`the answer to ${place} is lost: the publisher is closed`),
    context,
  });
});

test("a request that no queue takes is PUBLISH_RETURNED, one that fails its schema PUBLISH_INVALID", async () => {
  const nowhere = { exchange: "", routingKey: broker.name("nobody"), body: Buffer.alloc(0) };
  expect(await codeOf(server.request(nowhere))).toBe("PUBLISH_RETURNED");
  expect(await codeOf(server.request(GetQuote, { symbol: 1 as never }))).toBe("PUBLISH_INVALID");
});

test("a request whose schema does not end ends with its time, its signal or its publisher", async () => {
  const Endless = defineMessage({
    type: "endless",
    exchange: "",
    routingKey: queue,
    schema: {
      "~standard": { version: 1, vendor: "test", validate: () => new Promise<never>(() => undefined) },
    },
  });
  const publisher = createPublisher(connection, { requestTimeoutMs: 5_000 });
  expect(await codeOf(publisher.request(Endless, {}, { timeoutMs: 50 }))).toBe("REQUEST_TIMEOUT");
  const abort = new AbortController();
  const aborted = codeOf(publisher.request(Endless, {}, { signal: abort.signal }));
  const left = codeOf(publisher.request(Endless, {}));
  abort.abort();
  expect(await aborted).toBe("REQUEST_ABORTED");
  await publisher.close({ timeoutMs: 50 });
  expect(await left).toBe("PUBLISHER_CLOSED");
});

test("an answer whose schema does not end ends with the time or the signal of its request", async () => {
  const abort = new AbortController();
  let checkedCount = 0;
  const EndlessQuote = defineMessage({
    type: "endless",
    exchange: "",
    routingKey: "unused",
    schema: {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: () => {
          if (++checkedCount === 2) abort.abort();
          return new Promise<never>(() => undefined);
        },
      },
    },
  });
  const ask = (control: RequestControl): Promise<string> =>
    codeOf(server.request(GetQuote, { symbol: "ACME" }, { reply: EndlessQuote, ...control }));
  expect(await ask({ timeoutMs: 200 })).toBe("REQUEST_TIMEOUT");
  expect(await ask({ signal: abort.signal })).toBe("REQUEST_ABORTED");
});

test("a request with headers that cannot be read is PUBLISH_INVALID and waits for no answer", async () => {
  const headers = {
    get unreadable(): string {
      throw new Error("no such header");
    },
  };
  const publisher = createPublisher(connection);
  expect(await codeOf(publisher.request(GetQuote, { symbol: "ACME" }, { headers }))).toBe("PUBLISH_INVALID");
  const startedAt = performance.now();
  await publisher.close();
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test("a request is not kept on disk unless that is asked for, since its answer has nowhere to go after a restart", async () => {
  await server.request(GetQuote, { symbol: "ACME" });
  expect(lastServed.deliveryMode).not.toBe(2);
  await server.request(GetQuote, { symbol: "ACME" }, { persistent: true });
  expect(lastServed.deliveryMode).toBe(2);
});

test("a request on its way when the connection is lost ends with REQUEST_LOST and is not sent again", async () => {
  await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
  await using through = await connect(proxy.url(broker.url), { reconnect: { baseMs: 10, maxMs: 50 } });
  await using publisher = createPublisher(through);
  using frames = proxy.frames();
  await publisher.request(GetQuote, { symbol: "ACME" });
  const asked = publisher.request(GetQuote, { symbol: "SILENT" });
  await frames.passed(2, "basic.ack", "toClient");
  proxy.reset();
  expect(await codeOf(asked)).toBe("REQUEST_LOST");
  await expect(publisher.request(GetQuote, { symbol: "ACME" }, { reply: Quote })).resolves.toEqual({
    price: 1,
  });
  expect(frames.count("basic.publish", "toServer")).toBe(3);
});

test("[N1] a request that was not confirmed when the connection is lost is not sent again either", async () => {
  await using proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port) } });
  await using through = await connect(proxy.url(broker.url), { reconnect: { baseMs: 10, maxMs: 50 } });
  await using publisher = createPublisher(through);
  using frames = proxy.frames();
  await publisher.request(GetQuote, { symbol: "ACME" });
  proxy.blackHole("toClient");
  const asked = publisher.request(GetQuote, { symbol: "SILENT" });
  await frames.passed(2, "basic.publish", "toServer");
  await proxy.heal();
  proxy.reset();
  expect(await codeOf(asked)).toBe("REQUEST_LOST");
  await publisher.request(GetQuote, { symbol: "ACME" });
  expect(frames.count("basic.publish", "toServer")).toBe(3);
});

test("[C36] an answer after the timeout is dropped, and close gives up what nobody answers", async () => {
  const publisher = createPublisher(connection);
  expect(await codeOf(publisher.request(GetQuote, { symbol: "ACME" }, { timeoutMs: 1 }))).toBe(
    "REQUEST_TIMEOUT",
  );
  await expect(publisher.request(GetQuote, { symbol: "ACME" }, { reply: Quote })).resolves.toEqual({
    price: 1,
  });
  const asked = codeOf(publisher.request(GetQuote, { symbol: "SILENT" }));
  await publisher.flush();
  await publisher.close({ timeoutMs: 50 });
  expect(["REQUEST_LOST", "PUBLISHER_CLOSED"]).toContain(await asked);
});

test("a request that is being served is lost as soon as its connection is closed", async () => {
  const other = await connect(broker.url);
  const asked = createPublisher(other).request(GetQuote, { symbol: "SILENT" }, { timeoutMs: 2_000 });
  await Promise.all([
    expect(asked).rejects.toMatchObject({ code: "REQUEST_LOST", cause: { code: "CONNECTION_CLOSED" } }),
    other.close(),
  ]);
});
