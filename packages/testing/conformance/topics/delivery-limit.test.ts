import type { Channel, ConsumeMessage } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { Inbox } from "../harness/inbox.ts";
import { deaths, otherHeaders } from "../harness/obituary.ts";
import { deadLetterTo, ofKind } from "../harness/queue-kinds.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";

describeBrokers("The delivery limit of a quorum queue", (broker) => {
  async function limited(further: object): Promise<{ queue: string; dead: Inbox }> {
    const graveyard = await broker.queue();
    return {
      queue: await broker.queue(ofKind("quorum", { ...deadLetterTo(graveyard), ...further })),
      dead: await Inbox.open(await broker.channel(), graveyard, { noAck: true }),
    };
  }

  const returns: Record<string, (channel: Channel, message: ConsumeMessage) => unknown> = {
    "a nack": (channel, message) => channel.nack(message),
    "a nack with multiple": (channel, message) => channel.nack(message, true),
    "a reject": (channel, message) => channel.reject(message),
    "a recover": (channel) => channel.recover(),
    "a close of the channel": (channel) => channel.close(),
    "a loss of the connection": (channel) => {
      const { stream } = channel.connection as unknown as { stream: { destroy(error: Error): void } };
      stream.destroy(new Error("cut by the test"));
    },
  };
  test.each(Object.entries(returns))(
    "counts %s, and ends the message at one more than itself",
    async (_, giveBack) => {
      const { queue, dead } = await limited({ "x-delivery-limit": 2 });
      await broker.publish("", queue, "1");
      const seen: unknown[] = [];
      while (seen.length < 3) {
        const channel = await broker.channel(await broker.connect());
        const message = await (await Inbox.open(channel, queue)).delivery(0);
        seen.push(message.properties.headers?.["x-delivery-count"]);
        await channel.cancel(message.fields.consumerTag);
        await giveBack(channel, message);
      }
      expect(seen).toEqual([undefined, 1, 2]);
      const message = await dead.delivery(0);
      expect(deaths(message)).toEqual([
        { count: 1, reason: "delivery_limit", queue, exchange: "", "routing-keys": [queue] },
      ]);
      expect(otherHeaders(message)).toEqual({
        "x-first-death-exchange": "",
        "x-first-death-queue": queue,
        "x-first-death-reason": "delivery_limit",
        ...broker.byVersion({
          "3.10": {},
          "4.0": {
            "x-last-death-exchange": "",
            "x-last-death-queue": queue,
            "x-last-death-reason": "delivery_limit",
          },
        }),
      });
    },
  );

  test("of 0 ends a message with its first return", async () => {
    const { queue, dead } = await limited({ "x-delivery-limit": 0 });
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    await broker.publish("", queue, "1");
    channel.nack(await inbox.delivery(0));
    await dead.reaches(1);
    expect([inbox.bodies, dead.bodies]).toEqual([["1"], ["1"]]);
  });

  test("without a dead-letter exchange ends a message for good", async () => {
    const queue = await broker.queue(ofKind("quorum", { "x-delivery-limit": 0 }));
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    channel.nack(await inbox.delivery(0));
    channel.ack(await inbox.delivery(1));
    await channel.close();
    expect(inbox.bodies).toEqual(["1", "2"]);
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test("is 20 in 4.0 where the queue names none, and none in 3.10", async () => {
    const { queue, dead } = await limited({});
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    await broker.publish("", queue, "1");
    for (let place = 0; place <= 20; place++) channel.nack(await inbox.delivery(place));
    const after = broker.byVersion({ "3.10": inbox, "4.0": dead });
    await after.reaches(broker.byVersion({ "3.10": 22, "4.0": 1 }));
    expect([inbox.bodies.length, dead.bodies.length]).toEqual(
      broker.byVersion({ "3.10": [22, 0], "4.0": [21, 1] }),
    );
  });

  test("of -1 is none in 4.0; in 3.10 it ends a message with its first return", async () => {
    const { queue, dead } = await limited({ "x-delivery-limit": -1 });
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    await broker.publish("", queue, "1");
    if (broker.byVersion({ "3.10": true, "4.0": false })) {
      channel.nack(await inbox.delivery(0));
      await dead.reaches(1);
      expect([inbox.bodies, dead.bodies]).toEqual([["1"], ["1"]]);
    } else {
      for (let place = 0; place <= 21; place++) channel.nack(await inbox.delivery(place));
      await inbox.reaches(23);
      expect([inbox.bodies.length, dead.bodies.length]).toEqual([23, 0]);
    }
  });

  test("counts from the beginning in the next quorum queue, though 4.0 shows the old x-delivery-count there", async () => {
    const target = await broker.queue(ofKind("quorum", { "x-delivery-limit": 1 }));
    const queue = await broker.queue(ofKind("quorum", deadLetterTo(target)));
    const channel = await broker.channel();
    await broker.publish("", queue, "1");
    channel.reject(await (await Inbox.open(channel, queue)).delivery(0), false);
    const inbox = await Inbox.open(channel, target);
    channel.nack(await inbox.delivery(0));
    await inbox.reaches(2);
    expect(inbox.deliveries.map(({ properties }) => properties.headers?.["x-delivery-count"])).toEqual([
      broker.byVersion({ "3.10": undefined, "4.0": 1 }),
      1,
    ]);
  });

  test("is not touched by an x-delivery-count that a client sends, though the first delivery shows it", async () => {
    const { queue, dead } = await limited({ "x-delivery-limit": 1 });
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    await broker.publish("", queue, "1", { headers: { "x-delivery-count": 7 } });
    channel.nack(await inbox.delivery(0));
    channel.nack(await inbox.delivery(1));
    await dead.reaches(1);
    expect(inbox.deliveries.map(({ properties }) => properties.headers?.["x-delivery-count"])).toEqual([
      7, 1,
    ]);
  });

  test("shows its count in the order of the names of all headers, which a first delivery in 3.10 leaves alone", async () => {
    const { queue } = await limited({});
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    await broker.publish("", queue, "1", { headers: { z: { z: 1, a: 1 }, a: 1 } });
    channel.nack(await inbox.delivery(0));
    await inbox.reaches(2);
    const [first, again] = inbox.deliveries.map(({ properties }) => properties.headers ?? {});
    expect(Object.keys(first ?? {})).toEqual(broker.byVersion({ "3.10": ["z", "a"], "4.0": ["a", "z"] }));
    expect(Object.keys(again ?? {})).toEqual(["a", "x-delivery-count", "z"]);
    expect(Object.keys(again?.["z"])).toEqual(["z", "a"]);
  });

  test("counts on over quorum queues that had the message rejected, as far as 4.0 shows it", async () => {
    const last = await broker.queue(ofKind("quorum"));
    const between = await broker.queue(ofKind("classic", { "x-message-ttl": 10, ...deadLetterTo(last) }));
    const second = await broker.queue(ofKind("quorum", deadLetterTo(between)));
    const first = await broker.queue(ofKind("quorum", deadLetterTo(second)));
    const channel = await broker.channel();
    await broker.publish("", first, "1");
    const seen: unknown[] = [];
    for (const queue of [first, second, last]) {
      const message = await (await Inbox.open(channel, queue)).delivery(0);
      seen.push([message.fields.redelivered, message.properties.headers?.["x-delivery-count"]]);
      channel.reject(message, false);
    }
    const unseen = [false, undefined];
    expect(seen).toEqual(
      broker.byVersion({ "3.10": [unseen, unseen, unseen], "4.0": [unseen, [true, 1], [true, 2]] }),
    );
  });

  test("is not for classic queues", async () => {
    expect(await refusedDeclare(broker, { "x-delivery-limit": 5 })).toEqual({
      code: 406,
      text: "PRECONDITION_FAILED - invalid arg 'x-delivery-limit' for queue Q in vhost V of queue type rabbit_classic_queue",
    });
  });
});
