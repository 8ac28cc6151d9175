import type { Channel, ConsumeMessage } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { Inbox } from "../harness/inbox.ts";
import { deadLetterTo, kinds, ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";

describeBrokers("A stream", (broker) => {
  async function filled(...bodies: string[]): Promise<string> {
    const stream = await broker.queue(ofKind("stream"));
    for (const body of bodies) await broker.publish("", stream, body);
    return stream;
  }

  async function reading(stream: string, offset?: unknown, prefetch = 100): Promise<Inbox> {
    const channel = await broker.channel();
    await channel.prefetch(prefetch);
    return Inbox.open(
      channel,
      stream,
      offset === undefined ? {} : { arguments: { "x-stream-offset": offset } },
    );
  }

  const offsets = (messages: readonly ConsumeMessage[]): unknown[] =>
    messages.map(({ content, properties }) => [content.toString(), properties.headers?.["x-stream-offset"]]);

  test.each(["first", 0, "1h", { "!": "timestamp", value: 1 }])(
    "is read from its beginning by the offset %j",
    async (offset) => {
      const inbox = await reading(await filled("1", "2", "3"), offset);
      expect(offsets(await inbox.reaches(3))).toEqual([
        ["1", 0],
        ["2", 1],
        ["3", 2],
      ]);
    },
  );

  test("is read from a message on by its number", async () => {
    const inbox = await reading(await filled("1", "2", "3", "4"), 2);
    expect(offsets(await inbox.reaches(2))).toEqual([
      ["3", 2],
      ["4", 3],
    ]);
  });

  test.each([undefined, "next", 99])("is read from what comes next by the offset %j", async (offset) => {
    const stream = await filled("1", "2");
    const inbox = await reading(stream, offset);
    await broker.publish("", stream, "3");
    // An offset beyond the end waits for the messages before it to pass.
    const wanted = offset === 99 ? [] : [["3", 2]];
    expect(offsets(await inbox.reaches(wanted.length))).toEqual(wanted);
  });

  test("is read from its last chunk on by the offset last, which ends with the last message", async () => {
    const inbox = await reading(await filled("1", "2", "3"), "last");
    await inbox.reaches(1);
    await broker.barrier(await broker.channel());
    expect(offsets(inbox.deliveries).at(-1)).toEqual(["3", 2]);
  });

  test("gives every consumer everything, and keeps it after the acks", async () => {
    const stream = await filled("1", "2", "3");
    for (const _ of ["first", "second"]) {
      const channel = await broker.channel();
      await channel.prefetch(10);
      const inbox = await Inbox.open(channel, stream, { arguments: { "x-stream-offset": "first" } });
      channel.ack(await inbox.delivery(2), true);
      await channel.close();
      expect(inbox.bodies).toEqual(["1", "2", "3"]);
    }
  });

  test("goes on as deliveries are acknowledged", async () => {
    const stream = await filled("1", "2", "3", "4", "5");
    const channel = await broker.channel();
    await channel.prefetch(2);
    const inbox = await Inbox.open(channel, stream, { arguments: { "x-stream-offset": "first" } });
    for (const place of [0, 1, 2, 3, 4]) channel.ack(await inbox.delivery(place));
    expect(inbox.bodies).toEqual(["1", "2", "3", "4", "5"]);
    expect(inbox.deliveries.map(({ fields }) => fields.deliveryTag)).toEqual([1, 2, 3, 4, 5]);
  });

  const settlements: Record<string, (channel: Channel, message: ConsumeMessage) => void> = {
    "a nack with requeue": (channel, message) => channel.nack(message),
    "a reject": (channel, message) => channel.reject(message, false),
  };
  test.each(Object.entries(settlements))(
    "takes %s for an ack in 4.0, and closes the connection in 3.10",
    async (_, settle) => {
      const stream = await filled("1", "2", "3");
      const connection = await broker.connect();
      const channel = await broker.channel(connection);
      await channel.prefetch(1);
      const inbox = await Inbox.open(channel, stream, { arguments: { "x-stream-offset": "first" } });
      const first = await inbox.delivery(0);
      if (broker.byVersion({ "3.10": true, "4.0": false })) {
        expect(await refused(connection, () => settle(channel, first))).toEqual({
          code: 540,
          text: `NOT_IMPLEMENTED - basic.nack and basic.reject not supported by stream queues queue '${stream}' in vhost '${broker.vhost}'`,
        });
      } else {
        settle(channel, first);
        for (const place of [1, 2]) settle(channel, await inbox.delivery(place));
        expect(inbox.bodies).toEqual(["1", "2", "3"]);
      }
    },
  );

  test("gives the same offsets again, and never calls it a redelivery", async () => {
    const stream = await filled("1", "2", "3");
    const first = await reading(stream, "first");
    await first.reaches(3);
    await first.cancel();
    const again = await reading(stream, 1);
    await again.reaches(2);
    expect(again.bodies).toEqual(["2", "3"]);
  });

  test("keeps properties, lets nothing expire, and marks messages as transient in 4.0", async () => {
    const stream = await filled();
    await broker.publish("", stream, "1", { expiration: "1", priority: 2, headers: { mine: 1 } });
    await broker.publish("", stream, "2");
    const inbox = await reading(stream, "first");
    await inbox.reaches(2);
    expect(inbox.deliveries[0]?.properties).toMatchObject({
      expiration: "1",
      priority: 2,
      headers: { mine: 1, "x-stream-offset": 0 },
      deliveryMode: broker.byVersion({ "3.10": undefined, "4.0": 1 }),
    });
  });

  test.each([
    [0, 1],
    [1, 1],
    [2, 2],
  ])("makes of the delivery mode %d in 4.0 a mode of %d", async (sent, found) => {
    // 3.10 takes no others than these two.
    const deliveryMode = broker.byVersion({ "3.10": Math.max(sent, 1), "4.0": sent });
    const stream = await filled();
    await broker.publish("", stream, "1", { deliveryMode });
    const message = await (await reading(stream, "first")).delivery(0);
    expect(message.properties.deliveryMode).toBe(found);
  });

  test("tells its own x-stream-offset, whatever the message says, in the order of the names of all headers", async () => {
    const stream = await filled();
    await broker.publish("", stream, "1", { headers: { z: 1, "x-stream-offset": 77, a: 1 } });
    const { headers } = (await (await reading(stream, "first")).delivery(0)).properties;
    expect(Object.entries(headers ?? {})).toEqual([
      ["a", 1],
      ["x-stream-offset", 0],
      ["z", 1],
    ]);
  });

  test.each(kinds)("takes dead letters of a %s queue in 4.0; those of 3.10 are lost", async (kind) => {
    const stream = await filled();
    const queue = await broker.queue(ofKind(kind, deadLetterTo(stream)));
    await broker.publish("", queue, "dead");
    const channel = await broker.channel();
    channel.reject(await (await Inbox.open(channel, queue)).delivery(0), false);
    await eventually(
      () => broker.depth(queue),
      (depth) => depth === 0,
    );
    await broker.publish("", stream, "after it");
    const wanted = broker.byVersion({ "3.10": ["after it"], "4.0": ["dead", "after it"] });
    const inbox = await reading(stream, "first");
    await inbox.reaches(wanted.length);
    // A dead letter of a quorum queue comes by a way of its own, and may be overtaken.
    expect(new Set(inbox.bodies)).toEqual(new Set(wanted));
  });

  test("cancels its consumers when it is deleted", async () => {
    const stream = await filled("1");
    const inbox = await reading(stream, "first");
    await inbox.reaches(1);
    await (await broker.channel()).deleteQueue(stream);
    await broker.barrier(await broker.channel());
    expect(inbox.cancelled).toBe(true);
  });

  test("needs a prefetch, which a global one is not", async () => {
    const stream = await filled();
    for (const prefetch of [0, 10]) {
      const channel = await broker.channel();
      await channel.prefetch(prefetch, true);
      const name = `queue '${stream}' in vhost '${broker.vhost}'`;
      expect(await refused(channel, () => Inbox.open(channel, stream))).toEqual({
        code: 406,
        text:
          "PRECONDITION_FAILED - consumer prefetch count is not set for " +
          broker.byVersion({ "3.10": `'${name}'`, "4.0": `stream ${name}` }),
      });
    }
  });

  const unsupported: Record<
    string,
    [action: (channel: Channel, stream: string) => unknown, what: [string, string]]
  > = {
    "a consumer with noAck": [
      async (channel, stream) => {
        await channel.prefetch(5);
        await Inbox.open(channel, stream, { noAck: true });
      },
      [
        "automatic acknowledgement not supported by stream queues",
        "automatic acknowledgement not supported by stream",
      ],
    ],
    "a get": [
      (channel, stream) => channel.get(stream),
      ["basic.get not supported by stream queues", "basic.get not supported by stream queues"],
    ],
    "a purge": [
      (channel, stream) => channel.purgeQueue(stream),
      ["queue.purge not supported by stream queues", "queue.purge not supported by stream queues"],
    ],
  };
  test.each(Object.entries(unsupported))(
    "closes the connection for %s, with 540",
    async (_, [action, what]) => {
      const stream = await filled();
      const connection = await broker.connect();
      const channel = await broker.channel(connection);
      const [old, now] = what;
      expect(await refused(connection, () => action(channel, stream))).toEqual({
        code: 540,
        text: `NOT_IMPLEMENTED - ${broker.byVersion({ "3.10": old, "4.0": now })} queue '${stream}' in vhost '${broker.vhost}'`,
      });
    },
  );

  test.each(["nope", "", true, 1.5])("closes the connection for the offset %j, with 541", async (offset) => {
    const stream = await filled();
    const connection = await broker.connect();
    const channel = await broker.channel(connection);
    await channel.prefetch(5);
    const consuming = (): Promise<Inbox> =>
      Inbox.open(channel, stream, { arguments: { "x-stream-offset": offset } });
    expect(await refused(connection, consuming)).toEqual({ code: 541, text: "INTERNAL_ERROR" });
  });

  test("must be durable, shared and lasting", async () => {
    const properties = { durable: false, exclusive: true, autoDelete: true };
    const names = { durable: "non-durable", exclusive: "exclusive-owner", autoDelete: "auto-delete" };
    for (const property of ["durable", "exclusive", "autoDelete"] as const) {
      const channel = await broker.channel();
      const queue = broker.name("refused");
      const declaring = (): unknown =>
        channel.assertQueue(queue, { ...ofKind("stream"), [property]: properties[property] });
      expect(await refused(channel, declaring)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid property '${names[property]}' for queue '${queue}' in vhost '${broker.vhost}'`,
      });
    }
  });

  test.each([
    ["x-dead-letter-exchange", "x"],
    ["x-message-ttl", 5],
    ["x-expires", 5],
    ["x-max-length", 5],
    ["x-overflow", "drop-head"],
    ["x-single-active-consumer", true],
    ["x-delivery-limit", 1],
    ["x-max-priority", 1],
  ])("knows no %s", async (name, value) => {
    expect(await refusedDeclare(broker, { "x-queue-type": "stream", [name]: value })).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - invalid arg '${name}' for queue Q in vhost V of queue type rabbit_stream_queue`,
    });
  });

  test("takes a length in bytes and an age, which must have a unit", async () => {
    await expect(
      broker.queue(ofKind("stream", { "x-max-length-bytes": 1_000_000, "x-max-age": "1h" })),
    ).resolves.toMatch(/./);
    expect(await refusedDeclare(broker, { "x-queue-type": "stream", "x-max-age": "1x" })).toEqual({
      code: 406,
      text: "PRECONDITION_FAILED - invalid arg 'x-max-age' for queue Q in vhost V: invalid_max_age",
    });
  });
});
