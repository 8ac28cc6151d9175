import { once } from "node:events";
import type { ChannelModel } from "amqplib";
import { describe, expect, test } from "vitest";
import { replyNames, type ReplyCode } from "../amqp-error.ts";
import { faultScene, take } from "./faults.test-support.ts";

const scene = faultScene({ vhosts: ["other"] });

const codes = Object.keys(replyNames).map(Number) as ReplyCode[];

function closeOf(connection: Pick<ChannelModel, "on">): Promise<Error> {
  return new Promise((resolve) => {
    connection.on("close", resolve);
  });
}

describe("channels are closed", () => {
  test.each(codes)("with %i", async (replyCode) => {
    const channel = await scene.confirmChannel();
    const error = once(channel, "error");
    expect(scene.broker.faults.closeChannels({ replyCode, of: "publishers" })).toBe(1);
    const [{ message }] = await error;
    expect(message).toContain(`"${replyNames[replyCode]} - for a test"`);
    expect(scene.broker.connections).toHaveLength(2);
  });

  test("once: one whose client has not answered yet is closed already", async () => {
    const channel = await scene.channel();
    const error = once(channel, "error");
    const { faults } = scene.broker;
    // This one, and that of the scene.
    expect(faults.closeChannels({ replyCode: 406 })).toBe(2);
    expect(faults.closeChannels({ replyCode: 406 })).toBe(0);
    expect(scene.broker.connections.map(({ channelCount }) => channelCount)).toEqual([0, 0]);
    await error;
  });

  test("of whom it is told, with a text of one's own", async () => {
    const consuming = await scene.channel();
    await consuming.consume("q", () => undefined);
    const error = once(consuming, "error");
    const { faults } = scene.broker;
    expect(faults.closeChannels({ replyCode: 406, of: "publishers" })).toBe(0);
    expect(faults.closeChannels({ replyCode: 406, vhost: "other" })).toBe(0);
    expect(faults.closeChannels({ replyCode: 406, user: "nobody" })).toBe(0);
    expect(faults.closeChannels({ replyCode: 406, of: "consumers", text: "no more" })).toBe(1);
    expect((await error)[0].message).toContain('"PRECONDITION_FAILED - no more"');
    await expect(scene.readyCount()).resolves.toBe(0);
  });

  test("and what was not acked there is delivered again", async () => {
    const channel = await scene.channel();
    channel.sendToQueue("q", Buffer.from("x"));
    await take(channel, 1);
    scene.broker.faults.closeChannels({ replyCode: 404, of: "consumers" });
    const [again] = await take(await scene.channel(), 1);
    expect(again!.fields.redelivered).toBe(true);
  });
});

describe("connections are closed", () => {
  test.each(codes)("with %i", async (replyCode) => {
    const connection = await scene.dial();
    const ended = closeOf(connection);
    expect(scene.broker.faults.closeConnections({ replyCode, text: "good night" })).toBe(2);
    expect((await ended).message).toContain(`"${replyNames[replyCode]} - good night"`);
    expect(scene.broker.connections).toEqual([]);
  });

  test("of publishers alone", async () => {
    const publisher = await scene.channel();
    publisher.sendToQueue("q", Buffer.from("x"));
    await take(await scene.channel(), 1);
    const ended = closeOf(publisher.connection as never);
    expect(scene.broker.faults.closeConnections({ replyCode: 320, of: "publishers" })).toBe(1);
    await ended;
    expect(scene.broker.connections).toHaveLength(2);
  });

  test("without a word", async () => {
    const connection = await scene.dial();
    const ended = closeOf(connection);
    expect(scene.broker.faults.cutConnections()).toBe(2);
    expect((await ended).message).toMatch(/ECONNRESET|Unexpected close/);
  });
});

test("consumers are cancelled as if their queue had gone", async () => {
  const channel = await scene.channel();
  await channel.assertQueue("other");
  const told: string[] = [];
  const cancelled = new Promise<void>((resolve) => {
    const tell =
      (queue: string) =>
      (message: unknown): void => {
        told.push(`${queue} ${message === null ? "cancelled" : "delivered"}`);
        if (told.length === 2) resolve();
      };
    void channel.consume("q", tell("q"));
    void channel.consume("other", tell("other"));
  });
  await channel.checkQueue("q");
  expect(scene.broker.faults.cancelConsumers({ queue: "q" })).toBe(1);
  channel.sendToQueue("other", Buffer.from("x"));
  await cancelled;
  expect(told).toEqual(["q cancelled", "other delivered"]);
  expect(scene.broker.faults.cancelConsumers({ vhost: "other" })).toBe(0);
  expect(scene.broker.faults.cancelConsumers()).toBe(1);
});

test("a delivery that is not acked for too long closes its channel, as RabbitMQ words it", async () => {
  const idle = await scene.channel();
  const busy = await scene.channel();
  busy.sendToQueue("q", Buffer.from("x"));
  await take(busy, 1);
  const error = once(busy, "error");
  expect(scene.broker.faults.timeOutConsumers({ timeoutMs: 60_000 })).toBe(1);
  expect((await error)[0].message).toContain(
    '"PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: 60000 ms. ' +
      'This timeout value can be configured, see consumers doc guide to learn more"',
  );
  await expect(idle.checkQueue("q")).resolves.toMatchObject({ messageCount: 1 });
});
