import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { held } from "../harness/held.ts";
import { Inbox, marked } from "../harness/inbox.ts";
import { deadLetterTo, kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";

describeBrokers("Dead letters", (broker) => {
  const listening = async (queue: string): Promise<Inbox> =>
    Inbox.open(await broker.channel(), queue, { noAck: true });

  /** Publishes one message to the queue, and has it rejected. */
  async function lose(queue: string, body: string): Promise<void> {
    await broker.publish("", queue, body);
    const channel = await broker.channel();
    const [message] = await held(channel, queue, 1);
    channel.reject(message, false);
    await channel.close();
  }

  /** Waits until the broker's own clock is so much further, by a message that expires. */
  async function passing(kind: QueueKind, ms: number): Promise<void> {
    const graveyard = await broker.queue();
    const clock = await broker.queue(ofKind(kind, { "x-message-ttl": ms, ...deadLetterTo(graveyard) }));
    await broker.publish("", clock, "tick");
    await (await listening(graveyard)).reaches(1);
  }

  test.each(kinds)(
    "of one multiple nack leave a %s queue in order, to every queue of the exchange",
    async (kind) => {
      const exchange = await broker.exchange("fanout");
      const [one, other] = [await broker.queue(), await broker.queue()];
      for (const queue of [one, other]) await broker.bind(queue, exchange, "");
      const queue = await broker.queue(ofKind(kind, { "x-dead-letter-exchange": exchange }));
      for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
      const channel = await broker.channel();
      const [, , third] = await held(channel, queue, 3);
      channel.nack(third, true, false);
      for (const inbox of [await listening(one), await listening(other)]) {
        await inbox.reaches(3);
        expect(inbox.bodies).toEqual(["1", "2", "3"]);
      }
    },
  );

  test.each(kinds)("of a %s queue are no redeliveries, and go under their old key", async (kind) => {
    const exchange = await broker.exchange("topic");
    const graveyard = await broker.queue();
    await broker.bind(graveyard, exchange, "#");
    const queue = await broker.queue(ofKind(kind, { "x-dead-letter-exchange": exchange }));
    const dead = await listening(graveyard);
    await lose(queue, "1");
    expect((await dead.delivery(0)).fields).toMatchObject({
      exchange,
      routingKey: queue,
      redelivered: false,
    });
  });

  test.each(kinds)("of a %s queue go under x-dead-letter-routing-key where there is one", async (kind) => {
    const exchange = await broker.exchange("direct");
    const graveyard = await broker.queue();
    await broker.bind(graveyard, exchange, "dead");
    const queue = await broker.queue(
      ofKind(kind, { "x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "dead" }),
    );
    const dead = await listening(graveyard);
    await lose(queue, "1");
    expect((await dead.delivery(0)).fields).toMatchObject({ exchange, routingKey: "dead" });
  });

  test("an empty x-dead-letter-routing-key is a key, too", async () => {
    const exchange = await broker.exchange("direct");
    const graveyard = await broker.queue();
    await broker.bind(graveyard, exchange, "");
    const queue = await broker.queue({
      arguments: { "x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "" },
    });
    const dead = await listening(graveyard);
    await lose(queue, "1");
    expect((await dead.delivery(0)).fields.routingKey).toBe("");
  });

  test.each(kinds)("of a %s queue without an exchange are gone", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await lose(queue, "1");
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test.each(kinds)("of a %s queue whose exchange is missing are gone, and only those", async (kind) => {
    const exchange = broker.name("later");
    const graveyard = await broker.queue();
    const queue = await broker.queue(ofKind(kind, { "x-dead-letter-exchange": exchange }));
    await lose(queue, "1");
    const channel = await broker.channel();
    await channel.assertExchange(exchange, "fanout");
    await channel.bindQueue(graveyard, exchange, "");
    const dead = await listening(graveyard);
    await lose(queue, "2");
    await dead.reaches(1);
    expect(dead.bodies).toEqual(["2"]);
  });

  test.each(kinds)("of a %s queue that no queue takes go to the alternate exchange", async (kind) => {
    const alternate = await broker.exchange("fanout");
    const graveyard = await broker.queue();
    await broker.bind(graveyard, alternate, "");
    const exchange = await broker.exchange("direct", { alternateExchange: alternate });
    const queue = await broker.queue(ofKind(kind, { "x-dead-letter-exchange": exchange }));
    const dead = await listening(graveyard);
    await lose(queue, "1");
    expect((await dead.delivery(0)).fields).toMatchObject({ exchange, routingKey: queue });
  });

  test.each(kinds)("are not made by a purge or a delete of a %s queue", async (kind) => {
    const graveyard = await broker.queue();
    const queue = await broker.queue(ofKind(kind, deadLetterTo(graveyard)));
    const channel = await broker.channel();
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    expect(await channel.purgeQueue(queue)).toEqual({ messageCount: 2 });
    await broker.publish("", queue, "3");
    expect(await channel.deleteQueue(queue)).toEqual({ messageCount: 1 });
    await broker.publish("", graveyard, "nothing before this");
    expect(await broker.bodies(graveyard)).toEqual(["nothing before this"]);
  });

  test.each(kinds)("keep every property of a message of a %s queue but its expiration", async (kind) => {
    const graveyard = await broker.queue();
    const queue = await broker.queue(ofKind(kind, deadLetterTo(graveyard)));
    const dead = await listening(graveyard);
    const properties = {
      contentType: "text/plain",
      contentEncoding: "identity",
      deliveryMode: 2,
      priority: 4,
      correlationId: "correlation",
      replyTo: "reply",
      messageId: "message",
      timestamp: 1_700_000_000,
      type: "type",
      userId: "guest",
      appId: "app",
    };
    await broker.publish("", queue, "1", { ...properties, expiration: "20", headers: { mine: "kept" } });
    const message = await dead.delivery(0);
    expect(message.properties).toMatchObject({ ...properties, expiration: undefined });
    expect(message.properties.headers).toMatchObject({ mine: "kept" });
  });

  test.each(kinds)(
    "that come back to their %s queue without a rejection on the way are gone",
    async (kind) => {
      const [one, other] = [broker.name("one"), broker.name("other")];
      const channel = await broker.channel();
      await channel.assertQueue(one, ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(other) }));
      await channel.assertQueue(other, ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(one) }));
      await broker.publish("", one, "cycling");
      await passing(kind, 150);
      expect([await broker.depth(one), await broker.depth(other)]).toEqual([0, 0]);
    },
  );

  test.each(kinds)(
    "that were rejected on their way round to a %s queue come back in 4.0; 3.10 drops those that expired before and after",
    async (kind) => {
      const [first, rejecting, last] = [broker.name("first"), broker.name("rejecting"), broker.name("last")];
      const channel = await broker.channel();
      await channel.assertQueue(first, ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(rejecting) }));
      await channel.assertQueue(rejecting, ofKind(kind, deadLetterTo(last)));
      await channel.assertQueue(last, ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(first) }));
      const inbox = await Inbox.open(channel, rejecting);
      await broker.publish("", first, "1");
      channel.reject(await inbox.delivery(0), false);
      await passing(kind, 150);
      const rounds = broker.byVersion({ "3.10": 1, "4.0": 2 });
      await inbox.reaches(rounds);
      expect(inbox.bodies).toHaveLength(rounds);
    },
  );

  test.each(kinds)(
    "of a %s queue that is its own dead-letter queue are gone when they expire or are too many",
    async (kind) => {
      const channel = await broker.channel();
      const [small, short] = [broker.name("small"), broker.name("short")];
      await channel.assertQueue(small, ofKind(kind, { "x-max-length": 1, ...deadLetterTo(small) }));
      for (const body of ["1", "2"]) await broker.publish("", small, body);
      const messages = await broker.messages(small);
      expect(marked(messages)).toEqual(["2"]);
      expect(messages[0]?.properties.headers).not.toHaveProperty("x-death");
      await channel.assertQueue(short, ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(short) }));
      await broker.publish("", short, "3");
      await passing(kind, 150);
      expect(await broker.depth(short)).toBe(0);
    },
  );

  test.each(kinds)(
    "of a %s queue that is its own dead-letter queue come back when they are rejected",
    async (kind) => {
      const queue = broker.name("self");
      const channel = await broker.channel();
      await channel.assertQueue(queue, ofKind(kind, { "x-dead-letter-exchange": "" }));
      const inbox = await Inbox.open(channel, queue);
      await broker.publish("", queue, "1");
      for (const place of [0, 1, 2]) channel.reject(await inbox.delivery(place), false);
      await inbox.reaches(4);
      // A dead letter is no redelivery, but that a quorum queue of 4.0 goes on with the count of the one before.
      const again = kind === "quorum" ? broker.byVersion({ "3.10": "1", "4.0": "1*" }) : "1";
      expect(inbox.bodies).toEqual(["1", again, again, again]);
      expect((await inbox.delivery(3)).properties.headers?.["x-death"]).toMatchObject([{ queue, count: 3 }]);
    },
  );

  const badArguments: readonly [object, string][] = [
    [
      { "x-dead-letter-routing-key": "key" },
      "invalid arg 'x-dead-letter-routing-key' for queue Q in vhost V: routing_key_but_no_dlx_defined",
    ],
    [
      { "x-dead-letter-exchange": 5 },
      "invalid type 'byte' for arg 'x-dead-letter-exchange' in queue Q in vhost V",
    ],
    [
      { "x-dead-letter-strategy": "at-least-once" },
      "invalid arg 'x-dead-letter-strategy' for queue Q in vhost V of queue type rabbit_classic_queue",
    ],
    [
      { "x-queue-type": "quorum", "x-dead-letter-strategy": "no-such" },
      "invalid arg 'x-dead-letter-strategy' for queue Q in vhost V: invalid_dlx_strategy",
    ],
  ];
  test.each(badArguments)("cannot be asked for with %j", async (given, text) => {
    expect(await refusedDeclare(broker, given)).toEqual({ code: 406, text: `PRECONDITION_FAILED - ${text}` });
  });
});
