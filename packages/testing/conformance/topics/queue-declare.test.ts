import type { Options } from "amqplib";
import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

/** A queue, what it is declared again with, and what RabbitMQ says is not the same. */
const inequivalent: readonly (readonly [
  first: Options.AssertQueue,
  again: Options.AssertQueue,
  complaint: string,
])[] = [
  [{}, { durable: false }, "'durable' for queue QUEUE: received 'false' but current is 'true'"],
  [{ durable: false }, {}, "'durable' for queue QUEUE: received 'true' but current is 'false'"],
  [{}, { autoDelete: true }, "'auto_delete' for queue QUEUE: received 'true' but current is 'false'"],
  [
    {},
    { arguments: { "x-message-ttl": 1_000 } },
    "'x-message-ttl' for queue QUEUE: received the value '1000' of type 'short' but current is none",
  ],
  [
    { arguments: { "x-message-ttl": 1_000 } },
    {},
    "'x-message-ttl' for queue QUEUE: received none but current is the value '1000' of type 'short'",
  ],
  [
    { arguments: { "x-max-length": 5 } },
    { arguments: { "x-max-length": 70_000 } },
    "'x-max-length' for queue QUEUE: received '70000' but current is '5'",
  ],
  [
    { arguments: { "x-dead-letter-exchange": "one" } },
    { arguments: { "x-dead-letter-exchange": "other" } },
    "'x-dead-letter-exchange' for queue QUEUE: received 'other' but current is 'one'",
  ],
];

/** What may be said or left out when a queue is declared again. */
const equivalent: readonly (readonly [first: Options.AssertQueue, again: Options.AssertQueue])[] = [
  [{}, {}],
  [{}, { arguments: { "x-queue-type": "classic" } }],
  [{ arguments: { "x-queue-type": "classic" } }, {}],
  [{}, { arguments: { "x-of-the-user": 1 } }],
  [{ arguments: { "x-of-the-user": 1 } }, {}],
];

describeBrokers("Declaring a queue", (broker) => {
  test("gives its name and counts what is ready and who consumes", async () => {
    const channel = await broker.channel();
    const queue = broker.name("queue");
    expect(await channel.assertQueue(queue)).toEqual({ queue, messageCount: 0, consumerCount: 0 });
    await broker.publish("", queue);
    await broker.publish("", queue);
    expect(await channel.assertQueue(queue)).toEqual({ queue, messageCount: 2, consumerCount: 0 });
    await channel.get(queue);
    expect(await channel.assertQueue(queue)).toEqual({ queue, messageCount: 1, consumerCount: 0 });
    await channel.consume(queue, () => undefined);
    expect(await channel.assertQueue(queue)).toEqual({ queue, messageCount: 0, consumerCount: 1 });
  });

  test("without a name makes one up", async () => {
    const channel = await broker.channel();
    const { queue } = await channel.assertQueue("", { exclusive: true });
    expect(queue).toMatch(/^amq\.gen-[\w-]{22}$/);
    const { queue: other } = await channel.assertQueue("", { exclusive: true });
    expect(other).not.toBe(queue);
  });

  test("refuses names that begin like those of the server", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.assertQueue("amq.mine"))).toEqual({
      code: 403,
      text: "ACCESS_REFUSED - queue name 'amq.mine' contains reserved prefix 'amq.*'",
    });
  });

  test("takes a name of 255 bytes, and spaces and umlauts in it", async () => {
    const channel = await broker.channel();
    for (const queue of ["q".repeat(255), "mein schöner Korb"])
      expect(await channel.assertQueue(queue)).toMatchObject({ queue });
  });

  describe("again", () => {
    test.each(equivalent)("is the same: %j, then %j", async (first, again) => {
      const channel = await broker.channel();
      const queue = broker.name("queue");
      await channel.assertQueue(queue, first);
      expect((await channel.assertQueue(queue, again)).queue).toBe(queue);
    });

    test.each(inequivalent)("is another: %j, then %j", async (first, again, complaint) => {
      const channel = await broker.channel();
      const queue = broker.name("queue");
      await channel.assertQueue(queue, first);
      expect(await refused(channel, () => channel.assertQueue(queue, again))).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - inequivalent arg ${complaint}`.replace(
          "QUEUE",
          `'${queue}' in vhost '${broker.vhost}'`,
        ),
      });
    });
  });

  test("with another queue type is refused in the words of the version", async () => {
    const quorum = { arguments: { "x-queue-type": "quorum" } };
    const cases = [
      {
        first: {},
        again: quorum,
        complaint: broker.byVersion({
          "3.10": "received the value 'quorum' of type 'longstr' but current is none",
          "4.0": "received 'quorum' but current is 'classic'",
        }),
      },
      {
        first: quorum,
        again: {},
        complaint: broker.byVersion({
          "3.10": "received none but current is the value 'quorum' of type 'longstr'",
          "4.0": "received 'classic' but current is 'quorum'",
        }),
      },
    ];
    for (const { first, again, complaint } of cases) {
      const channel = await broker.channel();
      const queue = await broker.queue(first);
      expect(await refused(channel, () => channel.assertQueue(queue, again))).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - inequivalent arg 'x-queue-type' for queue '${queue}' in vhost '${broker.vhost}': ${complaint}`,
      });
    }
  });

  test("passively finds one however it was declared", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue({ durable: false, arguments: { "x-max-length": 5 } });
    await broker.publish("", queue);
    expect(await channel.checkQueue(queue)).toEqual({ queue, messageCount: 1, consumerCount: 0 });
  });

  test("passively refuses what is not there", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.checkQueue("not-there"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no queue 'not-there' in vhost '${broker.vhost}'`,
    });
  });
});

describeBrokers("An exclusive queue", (broker) => {
  test("is locked for every other connection", async () => {
    const owner = await broker.channel(await broker.connect());
    const { queue } = await owner.assertQueue(broker.name("mine"), { exclusive: true });
    const locked = {
      code: 405,
      text: `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '${broker.vhost}'. It could be originally declared on another connection or the exclusive property value does not match that of the original declaration.`,
    };
    const attempts = [
      (channel) => channel.assertQueue(queue, { exclusive: true }),
      (channel) => channel.checkQueue(queue),
      (channel) => channel.get(queue),
      (channel) => channel.consume(queue, () => undefined),
      (channel) => channel.purgeQueue(queue),
      (channel) => channel.deleteQueue(queue),
      (channel) => channel.bindQueue(queue, "amq.direct", "key"),
    ] satisfies ((channel: Awaited<ReturnType<typeof broker.channel>>) => unknown)[];
    for (const attempt of attempts) {
      const stranger = await broker.channel();
      expect(await refused(stranger, () => attempt(stranger))).toEqual(locked);
    }
  });

  test("may be used on every channel of its connection, and published to by all", async () => {
    const connection = await broker.connect();
    const { queue } = await (await broker.channel(connection)).assertQueue("", { exclusive: true });
    await broker.publish("", queue, "from a stranger");
    const other = await broker.channel(connection);
    const message = await other.get(queue, { noAck: true });
    expect(message && message.content.toString()).toBe("from a stranger");
  });

  test("ends with its connection", async () => {
    const connection = await broker.connect();
    const { queue } = await (await broker.channel(connection)).assertQueue("", { exclusive: true });
    await connection.close();
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.checkQueue(queue))).toMatchObject({ code: 404 });
  });

  test("is refused as a shared one to its own connection", async () => {
    const channel = await broker.channel();
    const { queue } = await channel.assertQueue(broker.name("mine"), { exclusive: true });
    expect((await refused(channel, () => channel.assertQueue(queue, { exclusive: false }))).code).toBe(405);
  });

  test("cannot be made of a shared one", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    expect(await refused(channel, () => channel.assertQueue(queue, { exclusive: true }))).toMatchObject({
      code: 405,
    });
  });
});

describeBrokers("An auto-delete queue", (broker) => {
  test("lives until its last consumer is cancelled", async () => {
    const channel = await broker.channel();
    const { queue } = await channel.assertQueue(broker.name("short-lived"), { autoDelete: true });
    const first = await channel.consume(queue, () => undefined);
    const second = await channel.consume(queue, () => undefined);
    await channel.cancel(first.consumerTag);
    expect(await channel.checkQueue(queue)).toMatchObject({ consumerCount: 1 });
    await channel.cancel(second.consumerTag);
    expect(await refused(channel, () => channel.checkQueue(queue))).toMatchObject({ code: 404 });
  });

  test("stays while it never had a consumer, and ends with the channel of its last one", async () => {
    const channel = await broker.channel();
    const { queue } = await channel.assertQueue(broker.name("short-lived"), { autoDelete: true });
    const consuming = await broker.channel();
    await consuming.get(queue, { noAck: true });
    await channel.checkQueue(queue);
    await consuming.consume(queue, () => undefined);
    await consuming.close();
    expect(await refused(channel, () => channel.checkQueue(queue))).toMatchObject({ code: 404 });
  });
});
