import type { Channel } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("Prefetch", (broker) => {
  /** What the consumers have once the broker has given all it may. */
  async function bodies(channel: Channel, ...inboxes: readonly Inbox[]): Promise<string[][]> {
    await broker.barrier(channel);
    return inboxes.map((inbox) => inbox.bodies);
  }

  async function publish(queue: string, count: number): Promise<void> {
    for (let number = 1; number <= count; number++) await broker.publish("", queue, String(number));
  }

  test.each(kinds)(
    "each consumer of a %s queue has its own, that of the last basic.qos before it",
    async (kind) => {
      const queue = await broker.queue(ofKind(kind));
      const channel = await broker.channel();
      await channel.prefetch(1);
      const one = await Inbox.open(channel, queue);
      await channel.prefetch(2);
      const two = await Inbox.open(channel, queue);
      await channel.prefetch(0);
      const unlimited = await Inbox.open(channel, queue);
      await publish(queue, 9);
      await unlimited.reaches(6);
      expect(await bodies(channel, one, two, unlimited)).toEqual([
        ["1"],
        ["2", "4"],
        ["3", "5", "6", "7", "8", "9"],
      ]);
    },
  );

  test.each(kinds)("a later basic.qos does not touch the consumers of a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    await channel.prefetch(5);
    await publish(queue, 4);
    await inbox.reaches(1);
    expect(await bodies(channel, inbox)).toEqual([["1"]]);
    channel.ack(await inbox.delivery(0));
    await inbox.reaches(2);
    expect(await bodies(channel, inbox)).toEqual([["1", "2"]]);
  });

  test.each(kinds)("every settled delivery of a %s queue makes room for one more", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await publish(queue, 6);
    const channel = await broker.channel();
    await channel.prefetch(3);
    const inbox = await Inbox.open(channel, queue);
    channel.ack(await inbox.delivery(1));
    channel.reject(await inbox.delivery(2), false);
    await inbox.reaches(5);
    expect(await bodies(channel, inbox)).toEqual([["1", "2", "3", "4", "5"]]);
    channel.ack(await inbox.delivery(3), true);
    await inbox.reaches(6);
    expect(await bodies(channel, inbox)).toEqual([["1", "2", "3", "4", "5", "6"]]);
  });

  test.each(kinds)("consumers with noAck of a %s queue have no limit", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await publish(queue, 5);
    const channel = await broker.channel();
    await channel.prefetch(2);
    const inbox = await Inbox.open(channel, queue, { noAck: true });
    await inbox.reaches(5);
    expect(inbox.bodies).toEqual(["1", "2", "3", "4", "5"]);
  });

  test.each(kinds)("what a channel got with basic.get from a %s queue does not count", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await publish(queue, 4);
    const channel = await broker.channel();
    await channel.prefetch(2);
    await held(channel, queue, 1);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(2);
    expect(await bodies(channel, inbox)).toEqual([["2", "3"]]);
  });

  test("a global one is shared by the consumers of the channel, in turns", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(3, true);
    const [one, other] = [await Inbox.open(channel, queue), await Inbox.open(channel, queue)];
    await publish(queue, 8);
    await one.reaches(2);
    expect(await bodies(channel, one, other)).toEqual([["1", "3"], ["2"]]);
    channel.ack(await one.delivery(0));
    await other.reaches(2);
    expect(await bodies(channel, one, other)).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
    channel.ack(await one.delivery(1));
    await one.reaches(3);
    expect(await bodies(channel, one, other)).toEqual([
      ["1", "3", "5"],
      ["2", "4"],
    ]);
  });

  test("a global one of another channel does not count", async () => {
    const queue = await broker.queue();
    const [first, second] = [await broker.channel(), await broker.channel()];
    await first.prefetch(1, true);
    await second.prefetch(2, true);
    const [one, other] = [await Inbox.open(first, queue), await Inbox.open(second, queue)];
    await publish(queue, 5);
    await other.reaches(2);
    expect(await bodies(second, one, other)).toEqual([["1"], ["2", "3"]]);
  });

  test("a global one given after that for consumers holds beside it", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(2);
    await channel.prefetch(3, true);
    const [one, other] = [await Inbox.open(channel, queue), await Inbox.open(channel, queue)];
    await publish(queue, 8);
    await one.reaches(2);
    expect(await bodies(channel, one, other)).toEqual([["1", "3"], ["2"]]);
  });

  test("one for consumers given after the global one ends the global one", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(3, true);
    await channel.prefetch(2);
    const [one, other] = [await Inbox.open(channel, queue), await Inbox.open(channel, queue)];
    await publish(queue, 8);
    await other.reaches(2);
    expect(await bodies(channel, one, other)).toEqual([
      ["1", "3"],
      ["2", "4"],
    ]);
  });

  test("a global one may be raised and lifted while consumers wait", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(1, true);
    const inbox = await Inbox.open(channel, queue);
    await publish(queue, 6);
    await inbox.reaches(1);
    expect(await bodies(channel, inbox)).toEqual([["1"]]);
    await channel.prefetch(3, true);
    await inbox.reaches(3);
    expect(await bodies(channel, inbox)).toEqual([["1", "2", "3"]]);
    await channel.prefetch(0, true);
    await inbox.reaches(6);
    expect(inbox.bodies).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test("a global one lowered below what is held lets nothing come until less is held", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(4, true);
    const inbox = await Inbox.open(channel, queue);
    await publish(queue, 8);
    await inbox.reaches(4);
    await channel.prefetch(2, true);
    channel.ack(await inbox.delivery(1), true);
    expect(await bodies(channel, inbox)).toEqual([["1", "2", "3", "4"]]);
    channel.ack(await inbox.delivery(2));
    await inbox.reaches(5);
    expect(await bodies(channel, inbox)).toEqual([["1", "2", "3", "4", "5"]]);
  });

  test("a quorum queue refuses consumers of a channel with a global one, and the connection with them", async () => {
    const queue = await broker.queue(ofKind("quorum"));
    const connection = await broker.connect();
    const channel = await broker.channel(connection);
    await channel.prefetch(5, true);
    expect(await refused(connection, () => Inbox.open(channel, queue))).toEqual({
      code: 540,
      text: `NOT_IMPLEMENTED - queue '${queue}' in vhost '${broker.vhost}' does not support global qos`,
    });
  });
});
