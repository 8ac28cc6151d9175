import type { Channel, Message } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";
import { taken } from "../harness/taken.ts";

describeBrokers("Consuming and acknowledging", (broker) => {
  test.each(kinds)("a consumer of a %s queue gets messages in the order of their publishes", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    const inbox = await Inbox.open(await broker.channel(), queue);
    await broker.publish("", queue, "4");
    await inbox.reaches(4);
    expect(inbox.bodies).toEqual(["1", "2", "3", "4"]);
    expect(inbox.deliveries.map(({ fields }) => fields)).toEqual(
      [1, 2, 3, 4].map((deliveryTag) => ({
        consumerTag: inbox.consumerTag,
        deliveryTag,
        redelivered: false,
        exchange: "",
        routingKey: queue,
      })),
    );
  });

  test("delivery tags count from 1 on each channel, over consumers and gets alike", async () => {
    const [one, other] = [await broker.queue(), await broker.queue()];
    const [first, second] = [await broker.channel(), await broker.channel()];
    const inbox = await Inbox.open(first, one);
    await broker.publish("", one, "a");
    await inbox.reaches(1);
    await broker.publish("", other, "b");
    await broker.publish("", other, "c");
    const [[onFirst], [onSecond]] = [await held(first, other, 1), await held(second, other, 1)];
    expect([onFirst.fields.deliveryTag, onSecond.fields.deliveryTag]).toEqual([2, 1]);
    await broker.publish("", one, "d");
    expect((await inbox.delivery(1)).fields.deliveryTag).toBe(3);
  });

  test("a delivery keeps the exchange and the routing key of its publish", async () => {
    const [queue, exchange] = [await broker.queue(), await broker.exchange("topic")];
    await broker.bind(queue, exchange, "a.#");
    const inbox = await Inbox.open(await broker.channel(), queue);
    await broker.publish(exchange, "a.b.c", "1");
    expect((await inbox.delivery(0)).fields).toMatchObject({ exchange, routingKey: "a.b.c" });
  });

  test.each(kinds)("an acknowledged message of a %s queue is gone", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    const [message] = await held(channel, queue, 1);
    expect(await broker.depth(queue)).toBe(0);
    channel.ack(message);
    await channel.close();
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test.each(kinds)("an ack with multiple settles all below it on a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    for (const body of ["1", "2", "3", "4"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    const [, , third] = await held(channel, queue, 4);
    channel.ack(third, true);
    await channel.close();
    expect(await taken(broker, queue, 1)).toEqual(["4*"]);
  });

  test("an ack with multiple passes over what was settled below it", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    const [, second, third] = await held(channel, queue, 3);
    channel.ack(second);
    channel.ack(third, true);
    await channel.close();
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test("an ack with multiple whose own tag is settled closes the channel, and settles nothing", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    const [, second] = await held(channel, queue, 3);
    channel.ack(second);
    expect(await refused(channel, () => channel.ack(second, true))).toEqual(unknownTag(2));
    expect(await taken(broker, queue, 2)).toEqual(["1*", "3*"]);
  });

  test("tag 0 with multiple settles all that the channel holds", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    await held(channel, queue, 2);
    channel.ackAll();
    await channel.close();
    expect(await broker.bodies(queue)).toEqual(["3"]);
  });

  test("tag 0 with multiple is fine where nothing is held", async () => {
    const channel = await broker.channel();
    channel.ackAll();
    channel.nackAll(true);
    await expect(broker.barrier(channel)).resolves.toBeUndefined();
  });

  test("tag 0 without multiple is unknown, also where something is held", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    await held(channel, queue, 1);
    expect(await refused(channel, () => channel.ack(tagged(0)))).toEqual(unknownTag(0));
  });

  const settlements: Record<string, (channel: Channel, message: Message) => void> = {
    "an ack": (channel, message) => channel.ack(message),
    "an ack with multiple": (channel, message) => channel.ack(message, true),
    "a nack": (channel, message) => channel.nack(message),
    "a nack with multiple": (channel, message) => channel.nack(message, true),
    "a reject": (channel, message) => channel.reject(message),
  };
  test.each(Object.entries(settlements))(
    "%s of an unknown tag closes the channel with 406",
    async (_, settle) => {
      const channel = await broker.channel();
      expect(await refused(channel, () => settle(channel, tagged(7)))).toEqual(unknownTag(7));
    },
  );

  test("a second ack of the same tag closes the channel, and the other messages go back", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    const [first] = await held(channel, queue, 2);
    channel.ack(first);
    expect(await refused(channel, () => channel.ack(first))).toEqual(unknownTag(1));
    expect(await taken(broker, queue, 1)).toEqual(["2*"]);
  });

  test("a delivery of another channel is unknown", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const [message] = await held(await broker.channel(), queue, 1);
    const other = await broker.channel();
    expect(await refused(other, () => other.ack(message))).toEqual(unknownTag(1));
  });

  test("what is delivered with noAck is gone at once, and cannot be acknowledged", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue, { noAck: true });
    await inbox.reaches(2);
    expect(await refused(channel, () => channel.ack(tagged(1)))).toEqual(unknownTag(1));
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test("a consumer without a tag is given one that begins with amq.ctag-", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    const one = await Inbox.open(channel, queue);
    const other = await Inbox.open(channel, queue);
    expect(one.consumerTag).toMatch(/^amq\.ctag-[\w-]{22}$/);
    expect(other.consumerTag).not.toBe(one.consumerTag);
    expect((await Inbox.open(channel, queue, { consumerTag: "mine" })).consumerTag).toBe("mine");
  });

  test("a consumer tag may be used again on another channel, and on the same one after its cancel", async () => {
    const queue = await broker.queue();
    const [first, second] = [await broker.channel(), await broker.channel()];
    const inbox = await Inbox.open(first, queue, { consumerTag: "mine" });
    await Inbox.open(second, queue, { consumerTag: "mine" });
    await inbox.cancel();
    await Inbox.open(first, queue, { consumerTag: "mine" });
    expect((await first.checkQueue(queue)).consumerCount).toBe(2);
  });

  test("a consumer tag that is in use on the channel closes the connection with 530", async () => {
    const queue = await broker.queue();
    const connection = await broker.connect();
    const channel = await broker.channel(connection);
    await Inbox.open(channel, queue, { consumerTag: "mine" });
    expect(await refused(connection, () => Inbox.open(channel, queue, { consumerTag: "mine" }))).toEqual({
      code: 530,
      text: "NOT_ALLOWED - attempt to reuse consumer tag 'mine'",
    });
  });

  test("consuming from a queue that is not there closes the channel with 404", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => Inbox.open(channel, "nowhere"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no queue 'nowhere' in vhost '${broker.vhost}'`,
    });
  });

  test("a passive declare counts ready messages, without those in hands, and consumers", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(1);
    expect(await channel.checkQueue(queue)).toEqual({ queue, messageCount: 2, consumerCount: 1 });
  });
});

function unknownTag(tag: number): { code: number; text: string } {
  return { code: 406, text: `PRECONDITION_FAILED - unknown delivery tag ${tag}` };
}

/** A message with nothing but a tag, for acks that no delivery stands behind. */
function tagged(deliveryTag: number): Message {
  return { fields: { deliveryTag } } as Message;
}
