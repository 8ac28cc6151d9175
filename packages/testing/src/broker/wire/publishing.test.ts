import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { decodeContentHeader } from "../codec/content-header.ts";
import { fieldTable, int64, longstr } from "../codec/field-values.ts";
import type { Properties } from "../codec/properties.ts";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";
import { RawClient } from "./raw-client.test-support.ts";

let broker: EmbeddedBroker;
let client: RawClient;
beforeAll(async () => {
  broker = await startEmbeddedBroker();
});
afterAll(() => broker.close());
beforeEach(async () => {
  client = await RawClient.open({ port: broker.port });
  await client.declare("q", { exclusive: true });
});
afterEach(() => client.end());

async function confirmSelect(): Promise<void> {
  client.send(1, "confirm.select", { noWait: false });
  await client.next("confirm.select-ok");
}

describe("confirms", () => {
  test("come in the order of the publishes, those of one turn as one", async () => {
    await confirmSelect();
    client.atOnce(() => {
      for (let index = 0; index < 5; index += 1) client.publish({ routingKey: "q" });
    });
    const { arguments: ack } = await client.next("basic.ack");
    expect(ack).toEqual({ deliveryTag: 5, multiple: true });
  });

  test("count from confirm.select on", async () => {
    client.publish({ routingKey: "q" });
    client.send(1, "confirm.select", { noWait: true });
    client.publish({ routingKey: "q" });
    const { arguments: ack } = await client.next("basic.ack");
    expect(ack).toEqual({ deliveryTag: 1, multiple: false });
  });

  test("follow the return of their message", async () => {
    await confirmSelect();
    client.atOnce(() => {
      client.publish({ routingKey: "q" });
      client.publish({ routingKey: "nobody", mandatory: true }, "lost");
    });
    const { arguments: returned } = await client.next("basic.return");
    expect(returned).toEqual({ replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey: "nobody" });
    expect(await client.content()).toBe("lost");
    expect((await client.next("basic.ack")).arguments).toEqual({ deliveryTag: 2, multiple: true });
  });

  test("are nacks where a full queue refuses", async () => {
    await client.declare("full", {
      exclusive: true,
      arguments: fieldTable({ "x-max-length": int64(1), "x-overflow": longstr("reject-publish") }),
    });
    await confirmSelect();
    for (let index = 0; index < 3; index += 1) client.publish({ routingKey: "full" });
    const first = await client.next("basic.ack");
    const rest = await client.next("basic.nack");
    expect(rest.arguments.deliveryTag).toBe(3);
    expect(first.arguments.deliveryTag).toBeLessThan(3);
  });

  test.each([
    ["channel", 1, "channel.close", "channel.close-ok"],
    ["connection", 0, "connection.close", "connection.close-ok"],
  ] as const)("are sent before the answer to a close of the %s", async (_, channel, close, answer) => {
    await confirmSelect();
    client.atOnce(() => {
      client.publish({ routingKey: "q" });
      client.send(channel, close, { replyCode: 200, replyText: "", classId: 0, methodId: 0 });
    });
    await client.next("basic.ack");
    expect(await client.any()).toMatchObject({ name: answer });
  });

  test("are not sent any more once the channel is closed by a later publish of the same turn", async () => {
    await confirmSelect();
    client.atOnce(() => {
      client.publish({ routingKey: "q" });
      client.publish({ exchange: "nowhere" });
      client.publish({ routingKey: "q" });
    });
    expect(await client.refusal()).toBe("NOT_FOUND - no exchange 'nowhere' in vhost '/'");
    client.send(1, "channel.close-ok", {});
    await client.openChannel(1);
    expect(await client.declare("q", { exclusive: true })).toMatchObject({ messageCount: 1 });
  });
});

test("a message arrives as it was sent, byte by byte", async () => {
  const properties: Properties = {
    contentType: "text/plain",
    headers: fieldTable({ n: { type: "uint16", value: 7 }, text: longstr("\0ü") }),
    deliveryMode: 2,
    priority: 3,
    timestamp: 1_700_000_000n,
    userId: "guest",
    expiration: "60000",
  };
  client.publish({ routingKey: "q" }, "body", properties);
  client.publish({ routingKey: "nobody", mandatory: true }, "body", properties);
  client.get("q");
  await client.next("basic.return");
  const returned = (await client.next("header")).payload;
  await client.next("body");
  await client.next("basic.get-ok");
  expect((await client.next("header")).payload).toEqual(returned);
  expect((await client.next("body")).payload.toString()).toBe("body");
});

test("a body larger than a frame is put together and cut again", async () => {
  const body = Buffer.alloc(300_000, "abcdefg");
  const frames = [
    body.subarray(0, 1),
    body.subarray(1, 100_000),
    body.subarray(100_000, 200_000),
    body.subarray(200_000),
  ];
  client.send(1, "basic.publish", { exchange: "", routingKey: "q", mandatory: false, immediate: false });
  const header = Buffer.alloc(14);
  header.writeUInt16BE(60, 0);
  header.writeBigUInt64BE(BigInt(body.length), 4);
  client.sendFrame(2, 1, header);
  for (const frame of frames) client.sendFrame(3, 1, frame);
  client.get("q");
  await client.next("basic.get-ok");
  await client.next("header");
  const came: Buffer[] = [];
  for (let bytes = 0; bytes < body.length; bytes += came.at(-1)!.length)
    came.push((await client.next("body")).payload);
  expect(came.map(({ length }) => length)).toEqual([131_064, 131_064, 37_872]);
  expect(Buffer.concat(came).equals(body)).toBe(true);
});

describe("the channel is closed for", () => {
  test.each<[string, Properties, string]>([
    [
      "a foreign user-id",
      { userId: "ann" },
      "user_id property set to 'ann' but authenticated user was 'guest'",
    ],
    ["an expiration in words", { expiration: "soon" }, "invalid expiration 'soon': no_integer"],
    ["an expiration with a unit", { expiration: "12x" }, `invalid expiration '12x': {leftover_string,"x"}`],
    ["a negative expiration", { expiration: "-1" }, "invalid expiration '-1': {value_negative,-1}"],
    [
      "an expiration of more than ten years",
      { expiration: "315360000001" },
      "invalid expiration '315360000001': {value_too_large,315360000001}",
    ],
    [
      "a reply address without a consumer",
      { replyTo: "amq.rabbitmq.reply-to" },
      "fast reply consumer does not exist",
    ],
    [
      "a CC header that is no array",
      { headers: fieldTable({ CC: longstr("q") }) },
      'invalid message: {unacceptable_type_in_header,"CC",longstr}',
    ],
  ])("%s", async (_, properties, text) => {
    client.publish({ routingKey: "q" }, "x", properties);
    const { arguments: close } = await client.next("channel.close");
    expect(close).toEqual({
      replyCode: 406,
      replyText: `PRECONDITION_FAILED - ${text}`,
      classId: 60,
      methodId: 40,
    });
  });

  test("an unknown exchange, and what was already on its way is ignored until the client answers", async () => {
    client.publish({ exchange: "nowhere" });
    client.publish({ routingKey: "q" });
    client.send(1, "channel.close-ok", {});
    expect(await client.refusal()).toBe("NOT_FOUND - no exchange 'nowhere' in vhost '/'");
    await client.openChannel(1);
    expect(await client.declare("q", { exclusive: true })).toMatchObject({ messageCount: 0 });
  });
});

test("an expiration of ten years is taken", async () => {
  client.publish({ routingKey: "q" }, "x", { expiration: "315360000000" });
  await expect(client.settled()).resolves.toBeUndefined();
});

test("RabbitMQ 4 sorts headers by their names, and takes any delivery mode", async () => {
  await using four = await startEmbeddedBroker({ version: "4.0" });
  const other = await RawClient.open({ port: four.port });
  await other.declare("q");
  const [a, z] = [int64(1), int64(2)];
  other.publish({ routingKey: "q" }, "x", { headers: fieldTable({ z, a }), deliveryMode: 3 });
  other.get("q");
  await other.next("basic.get-ok");
  const { properties } = decodeContentHeader((await other.next("header")).payload);
  expect([...properties.headers!.keys()]).toEqual(["a", "z"]);
  expect(properties.deliveryMode).toBe(3);
  other.end();
});

test("immediate closes the connection: RabbitMQ never had it", async () => {
  client.publish({ routingKey: "q", immediate: true });
  const { arguments: close } = await client.next("connection.close");
  expect(close).toMatchObject({ replyCode: 540, replyText: "NOT_IMPLEMENTED - immediate=true" });
});

test("a body beyond the limit of the version closes the channel, and is not kept while it comes", async () => {
  await using four = await startEmbeddedBroker({ version: "4.0" });
  const publisher = await RawClient.open({ port: four.port });
  const limit = 16_777_216;
  const header = Buffer.alloc(14);
  header.writeUInt16BE(60, 0);
  header.writeBigUInt64BE(BigInt(limit + 1), 4);
  publisher.send(1, "basic.publish", { exchange: "", routingKey: "q", mandatory: false, immediate: false });
  publisher.sendFrame(2, 1, header);
  const part = Buffer.alloc(131_064);
  for (let left = limit + 1; left > 0; left -= part.length)
    publisher.sendFrame(3, 1, part.subarray(0, Math.min(left, part.length)));
  expect(await publisher.refusal()).toBe(
    "PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216",
  );
  publisher.end();
});
