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

async function messagesOf(
  text: string,
  options: Partial<ReadOptions> = {},
): Promise<Outgoing["publishing"][]> {
  const source = { name: "in.ndjson", chunks: Readable.from([Buffer.from(text)]), mayBeEmpty: true };
  const messages: Outgoing["publishing"][] = [];
  for await (const { publishing } of readMessages([source], { ...defaults, ...options }, never))
    messages.push(publishing);
  return messages;
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
