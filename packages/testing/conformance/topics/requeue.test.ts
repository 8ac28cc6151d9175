import type { Channel, Message } from "amqplib";
import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";
import { taken } from "../harness/taken.ts";

/*
 * A quorum queue without a delivery limit puts what comes back behind what is ready; with one, and a classic queue always,
 * it goes to its old place, or to the head. 4.0 gives every quorum queue a limit, and 3.10 none.
 */
describeBrokers("Returned messages", (broker) => {
  async function filled(kind: QueueKind, further: object = {}): Promise<string> {
    const queue = await broker.queue(ofKind(kind, further));
    for (const body of ["1", "2", "3", "4", "5"]) await broker.publish("", queue, body);
    return queue;
  }
  const behind = (): boolean => broker.byVersion({ "3.10": true, "4.0": false });

  const ways: Record<string, (channel: Channel, messages: readonly Message[]) => unknown> = {
    nack: (channel, messages) => messages.forEach((message) => channel.nack(message)),
    reject: (channel, messages) => messages.forEach((message) => channel.reject(message)),
    "nack with multiple": (channel, messages) => channel.nack(messages.at(-1) as Message, true),
    "nack of tag 0": (channel) => channel.nackAll(),
    recover: (channel) => channel.recover(),
  };

  describe.each(Object.entries(ways))("by %s", (_, giveBack) => {
    test("go to their old places in a classic queue, as redelivered", async () => {
      const queue = await filled("classic");
      const channel = await broker.channel();
      await giveBack(channel, await held(channel, queue, 3));
      await broker.barrier(channel);
      expect(await taken(broker, queue, 5)).toEqual(["1*", "2*", "3*", "4", "5"]);
    });

    test("go to the head of a quorum queue with a delivery limit", async () => {
      const queue = await filled("quorum", { "x-delivery-limit": 10 });
      const channel = await broker.channel();
      await giveBack(channel, await held(channel, queue, 3));
      await broker.barrier(channel);
      expect(await taken(broker, queue, 5)).toEqual(["1*", "2*", "3*", "4", "5"]);
    });

    test("go to the end of a quorum queue of 3.10, and to the head of one of 4.0", async () => {
      const queue = await filled("quorum");
      const channel = await broker.channel();
      await giveBack(channel, await held(channel, queue, 3));
      await broker.barrier(channel);
      expect(await taken(broker, queue, 5)).toEqual(
        behind() ? ["4", "5", "1*", "2*", "3*"] : ["1*", "2*", "3*", "4", "5"],
      );
    });
  });

  test("stand in a classic queue in the order of their publishes, whatever order they come back in", async () => {
    const queue = await filled("classic");
    const channel = await broker.channel();
    const [first, second, third] = await held(channel, queue, 3);
    for (const message of [third, first, second]) channel.nack(message);
    await broker.barrier(channel);
    expect(await taken(broker, queue, 5)).toEqual(["1*", "2*", "3*", "4", "5"]);
  });

  test("stand in a quorum queue in the order in which they come back", async () => {
    const queue = await filled("quorum");
    const channel = await broker.channel();
    const [first, second, third] = await held(channel, queue, 3);
    for (const message of [third, first, second]) channel.nack(message);
    await broker.barrier(channel);
    expect(await taken(broker, queue, 5)).toEqual(
      behind() ? ["4", "5", "3*", "1*", "2*"] : ["3*", "1*", "2*", "4", "5"],
    );
  });

  test.each(kinds)("of a closed channel go before the rest of a %s queue", async (kind) => {
    const queue = await filled(kind);
    const channel = await broker.channel();
    const [, second] = await held(channel, queue, 3);
    channel.ack(second);
    await channel.close();
    expect(await taken(broker, queue, 4)).toEqual(["1*", "3*", "4", "5"]);
  });

  test.each(kinds)("of a closed connection go before the rest of a %s queue", async (kind) => {
    const queue = await filled(kind);
    const connection = await broker.connect();
    const channel = await broker.channel(connection);
    await channel.prefetch(2);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(2);
    await connection.close();
    expect(await taken(broker, queue, 5)).toEqual(["1*", "2*", "3", "4", "5"]);
  });

  test.each(kinds)(
    "of a cancelled consumer go before the rest of a %s queue when its channel closes",
    async (kind) => {
      const queue = await filled(kind);
      const channel = await broker.channel();
      await channel.prefetch(2);
      const inbox = await Inbox.open(channel, queue);
      await inbox.reaches(2);
      await inbox.cancel();
      await channel.close();
      expect(await taken(broker, queue, 5)).toEqual(["1*", "2*", "3", "4", "5"]);
    },
  );

  test("come again to a consumer with prefetch 1 of a classic queue, before anything else", async () => {
    const queue = await filled("classic");
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    channel.nack(await inbox.delivery(0));
    channel.ack(await inbox.delivery(1));
    await inbox.reaches(3);
    expect(inbox.bodies).toEqual(["1", "1*", "2"]);
    expect((await inbox.delivery(1)).fields.deliveryTag).toBe(2);
  });

  test("come again to a consumer of a quorum queue at once in 4.0, and after the others in 3.10", async () => {
    const queue = await filled("quorum");
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    channel.nack(await inbox.delivery(0));
    for (const place of [1, 2, 3, 4, 5]) channel.ack(await inbox.delivery(place));
    expect(inbox.bodies).toEqual(
      behind() ? ["1", "2", "3", "4", "5", "1*"] : ["1", "1*", "2", "3", "4", "5"],
    );
  });

  test.each(kinds)("are offered to the next consumer of a %s queue in its turn", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const channel = await broker.channel();
    const one = await Inbox.open(channel, queue);
    const other = await Inbox.open(channel, queue);
    await broker.publish("", queue, "1");
    channel.nack(await one.delivery(0));
    channel.nack(await other.delivery(0));
    await one.reaches(2);
    expect([one.bodies, other.bodies]).toEqual([["1", "1*"], ["1*"]]);
  });

  test("carry no count in a classic queue", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    channel.nack(await inbox.delivery(0));
    expect((await inbox.delivery(1)).properties.headers).toEqual({});
  });

  test("carry x-delivery-count in a quorum queue", async () => {
    const queue = await broker.queue(ofKind("quorum"));
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    channel.nack(await inbox.delivery(0));
    channel.reject(await inbox.delivery(1));
    await inbox.reaches(3);
    expect(inbox.deliveries.map(({ properties }) => properties.headers)).toEqual([
      {},
      { "x-delivery-count": 1 },
      { "x-delivery-count": 2 },
    ]);
  });

  test("carry x-delivery-count for basic.get, too; in 3.10 it gives a 0 for the first delivery", async () => {
    const queue = await broker.queue(ofKind("quorum"));
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    const [first] = await held(channel, queue, 1);
    channel.nack(first);
    await broker.barrier(channel);
    const [again] = await held(channel, queue, 1);
    expect([first.properties.headers, again.properties.headers]).toEqual([
      broker.byVersion({ "3.10": { "x-delivery-count": 0 }, "4.0": {} }),
      { "x-delivery-count": 1 },
    ]);
  });

  test.each(kinds)("of basic.get come with a tag of their own from a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    const [first] = await held(channel, queue, 1);
    channel.nack(first);
    const inbox = await Inbox.open(channel, queue);
    expect((await inbox.delivery(0)).fields).toMatchObject({ deliveryTag: 2, redelivered: true });
  });

  const atOnce: Record<string, (channel: Channel) => unknown> = {
    "a nack of all": (channel) => channel.nackAll(true),
    "a recover": (channel) => channel.recover(),
  };
  test.each(kinds.flatMap((kind) => Object.entries(atOnce).map(([name, act]) => [name, kind, act] as const)))(
    "by %s goes from each consumer of a %s queue back to itself, one after the other",
    async (_name, kind, act) => {
      // With a delivery limit 3.10 puts what came back at the head of a quorum queue, too.
      const queue = await broker.queue(ofKind(kind, kind === "quorum" ? { "x-delivery-limit": 5 } : {}));
      for (const body of ["1", "2", "3", "4", "5"]) await broker.publish("", queue, body);
      const channel = await broker.channel();
      await channel.prefetch(2);
      const first = await Inbox.open(channel, queue, { consumerTag: "b" });
      await first.reaches(2);
      const second = await Inbox.open(channel, queue, { consumerTag: "a" });
      await second.reaches(2);
      await act(channel);
      await first.reaches(4);
      await second.reaches(4);
      expect([first.bodies, second.bodies]).toEqual([
        ["1", "2", "1*", "2*"],
        ["3", "4", "3*", "4*"],
      ]);
    },
  );
});
