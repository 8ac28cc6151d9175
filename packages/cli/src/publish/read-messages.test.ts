import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { type Outgoing, type ReadOptions, readMessages } from "./read-messages.ts";

const never = new AbortController().signal;

const defaults: ReadOptions = {
  input: "raw",
  framing: "lines",
  repeat: 1,
  target: { exchange: "", routingKey: "jobs" },
  properties: {},
  keepUserId: false,
};

async function outgoingOf(text: string, options: Partial<ReadOptions> = {}): Promise<Outgoing[]> {
  const source = { name: "in.ndjson", chunks: Readable.from([Buffer.from(text)]), mayBeEmpty: true };
  const messages: Outgoing[] = [];
  for await (const outgoing of readMessages([source], { ...defaults, ...options }, never))
    messages.push(outgoing);
  return messages;
}

async function messagesOf(
  text: string,
  options: Partial<ReadOptions> = {},
): Promise<Outgoing["publishing"][]> {
  return (await outgoingOf(text, options)).map(({ publishing }) => publishing);
}

describe("readMessages", () => {
  test("gives every line the target and the properties of the command line", async () => {
    const properties = { type: "t", headers: { a: 1 } };
    expect(await messagesOf("one\ntwo\n", { properties })).toEqual(
      ["one", "two"].map((body) => ({
        ...properties,
        exchange: "",
        routingKey: "jobs",
        body: Buffer.from(body),
      })),
    );
  });

  test("publishes each message as often as asked, before the next one", async () => {
    const bodies = (await messagesOf("a\nb\n", { repeat: 2 })).map(({ body }) => String(body));
    expect(bodies).toEqual(["a", "a", "b", "b"]);
  });

  test("an envelope says where it goes; the command line wins, header by header", async () => {
    const line = JSON.stringify({
      exchange: "orders",
      routingKey: "k",
      properties: { type: "t", appId: "a" },
      headers: { a: 1, b: 2 },
      body: "x",
    });
    expect(await messagesOf(`${line}\n\n`, { input: "envelope", target: {} })).toMatchObject([
      { exchange: "orders", routingKey: "k", type: "t", headers: { a: 1, b: 2 } },
    ]);
    const properties = { type: "other", headers: { b: 3 } };
    expect(await messagesOf(line, { input: "envelope", properties })).toMatchObject([
      { exchange: "", routingKey: "jobs", type: "other", appId: "a", headers: { a: 1, b: 3 } },
    ]);
  });

  test("an envelope's user id is dropped unless it is to be kept", async () => {
    const line = '{"exchange":"","properties":{"userId":"them"},"body":"x"}';
    const [dropped] = await messagesOf(line, { input: "envelope" });
    expect(dropped).not.toHaveProperty("userId");
    const [kept] = await messagesOf(line, { input: "envelope", keepUserId: true });
    expect(kept).toMatchObject({ userId: "them" });
    const [own] = await messagesOf(line, { input: "envelope", properties: { userId: "me" } });
    expect(own).toMatchObject({ userId: "me" });
  });

  test.each([
    [{}, "", "billing", "billing"],
    [{ exchange: "other" }, "other", "order.placed", undefined],
    [{ routingKey: "again" }, "orders", "again", undefined],
    [{ exchange: "", routingKey: "jobs" }, "", "jobs", undefined],
  ])(
    "a dead letter with the target %j goes to %j with %j",
    async (target, exchange, routingKey, sentBackTo) => {
      const line = JSON.stringify({
        exchange: "",
        routingKey: "billing.dead",
        queue: "billing.dead",
        headers: {
          tenant: "eu",
          "x-first-death-queue": "billing.retry.1000",
          "x-warren-origin-queue": "billing",
          "x-warren-origin-exchange": "orders",
          "x-warren-origin-routing-key": "order.placed",
          CC: ["copies"],
        },
        body: "x",
      });
      const [outgoing] = await outgoingOf(line, { input: "envelope", target });
      expect(outgoing).toMatchObject({ publishing: { exchange, routingKey, headers: { tenant: "eu" } } });
      expect(Object.keys(outgoing!.publishing.headers!)).toEqual(["tenant"]);
      expect(outgoing!.leftOut).toHaveLength(5);
      expect(outgoing!.sentBackTo).toBe(sentBackTo);
    },
  );

  test("an origin that is no text is none, and a header of the command line is sent as it is", async () => {
    const line = JSON.stringify({
      exchange: "e",
      routingKey: "k",
      headers: { "x-first-death-queue": 1, CC: ["kept"] },
      body: "x",
    });
    const properties = { headers: { "x-warren-mine": "refused by the publisher" } };
    const [outgoing] = await outgoingOf(line, { input: "envelope", target: {}, properties });
    expect(outgoing).toMatchObject({
      leftOut: ["x-first-death-queue"],
      publishing: { exchange: "e", routingKey: "k", headers: { CC: ["kept"], ...properties.headers } },
    });
  });

  test("a bad line is told with its number and its file, those before it are given", async () => {
    const seen: string[] = [];
    const source = {
      name: "in.ndjson",
      chunks: Readable.from([Buffer.from('{"body":"x"}\n\n{"body"\n')]),
      mayBeEmpty: true,
    };
    const reading = async () => {
      for await (const { publishing } of readMessages([source], { ...defaults, input: "envelope" }, never))
        seen.push(String(publishing.body));
    };
    await expect(reading()).rejects.toMatchObject({
      exit: 65,
      message: expect.stringMatching(/^line 3 of in.ndjson cannot be read as JSON: /),
    });
    expect(seen).toEqual(["x"]);
  });

  test("without a target it is told what to write", async () => {
    await expect(messagesOf("x", { target: {} })).rejects.toMatchObject({ exit: 64 });
    await expect(messagesOf('{"body":"x"}', { input: "envelope", target: {} })).rejects.toMatchObject({
      exit: 64,
      message: expect.stringMatching(/^line 1 of in.ndjson names no exchange; say where to/),
    });
  });
});
