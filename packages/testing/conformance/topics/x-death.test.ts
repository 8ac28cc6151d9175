import type { Message, Options } from "amqplib";
import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { Inbox } from "../harness/inbox.ts";
import { deaths, otherHeaders } from "../harness/obituary.ts";
import { deadLetterTo, kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";

interface Dying {
  readonly queue: string;
  readonly graveyard: string;
  readonly dead: Inbox;
}

describeBrokers("x-death", (broker) => {
  /** The headers that name the first death, and since 4.0 the last one. */
  const summary = (first: readonly [string, string, string], last = first): Record<string, string> => ({
    "x-first-death-exchange": first[0],
    "x-first-death-queue": first[1],
    "x-first-death-reason": first[2],
    ...broker.byVersion({
      "3.10": {},
      "4.0": {
        "x-last-death-exchange": last[0],
        "x-last-death-queue": last[1],
        "x-last-death-reason": last[2],
      },
    }),
  });

  /** What a consumer of a classic queue gets once its messages have died in a queue with these arguments. */
  async function dying(kind: QueueKind, further: object = {}): Promise<Dying> {
    const graveyard = await broker.queue();
    return {
      graveyard,
      queue: await broker.queue(ofKind(kind, { ...deadLetterTo(graveyard), ...further })),
      dead: await Inbox.open(await broker.channel(), graveyard),
    };
  }

  /** Publishes, and has the next delivery of the queue rejected. */
  async function reject(queue: string, options: Options.Publish = {}): Promise<void> {
    await broker.publish("", queue, "1", options);
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    channel.reject(await inbox.delivery(0), false);
    await broker.barrier(channel);
    await inbox.cancel();
  }

  test.each(kinds)("tells of a rejected message of a %s queue", async (kind) => {
    const { queue, dead } = await dying(kind);
    await reject(queue);
    const message = await dead.delivery(0);
    expect(deaths(message)).toEqual([
      { count: 1, reason: "rejected", queue, exchange: "", "routing-keys": [queue] },
    ]);
    expect(otherHeaders(message)).toEqual(summary(["", queue, "rejected"]));
  });

  test.each(kinds)("tells of an expired message of a %s queue", async (kind) => {
    const { queue, dead } = await dying(kind, { "x-message-ttl": 10 });
    await broker.publish("", queue);
    const message = await dead.delivery(0);
    expect(deaths(message)).toEqual([
      { count: 1, reason: "expired", queue, exchange: "", "routing-keys": [queue] },
    ]);
    expect(otherHeaders(message)).toEqual(summary(["", queue, "expired"]));
  });

  test.each(kinds)("of a %s queue keeps the expiration that the message has lost", async (kind) => {
    const { queue, dead } = await dying(kind);
    await broker.publish("", queue, "", { expiration: "10" });
    const message = await dead.delivery(0);
    expect(deaths(message)).toEqual([
      {
        count: 1,
        reason: "expired",
        queue,
        exchange: "",
        "routing-keys": [queue],
        "original-expiration": "10",
      },
    ]);
    expect(message.properties.expiration).toBeUndefined();
  });

  test.each(kinds)("of a %s queue keeps it also where the message did not expire", async (kind) => {
    const { queue, dead } = await dying(kind);
    await reject(queue, { expiration: "3600000" });
    const message = await dead.delivery(0);
    expect(deaths(message)).toMatchObject([{ reason: "rejected", "original-expiration": "3600000" }]);
    expect(message.properties.expiration).toBeUndefined();
  });

  test.each(kinds)("tells of a message that was too much for a %s queue", async (kind) => {
    const { queue, dead } = await dying(kind, { "x-max-length": 1 });
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const message = await dead.delivery(0);
    expect(deaths(message)).toEqual([
      { count: 1, reason: "maxlen", queue, exchange: "", "routing-keys": [queue] },
    ]);
    expect(otherHeaders(message)).toEqual(summary(["", queue, "maxlen"]));
  });

  test.each(kinds)("has the newest death first, after a hop from %s queue to queue", async (kind) => {
    const { queue: second, dead } = await dying(kind);
    const first = await broker.queue(ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(second) }));
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, second);
    await broker.publish("", first);
    channel.nack(await inbox.delivery(0), false, false);
    const message = await dead.delivery(0);
    expect(deaths(message)).toEqual([
      { count: 1, reason: "rejected", queue: second, exchange: "", "routing-keys": [second] },
      { count: 1, reason: "expired", queue: first, exchange: "", "routing-keys": [first] },
    ]);
    expect(otherHeaders(message)).toMatchObject(summary(["", first, "expired"], ["", second, "rejected"]));
  });

  test.each(kinds)(
    "names its fields in order, for a %s queue; 3.10 sorts those of later entries",
    async (kind) => {
      const { queue: second, dead } = await dying(kind);
      const first = await broker.queue(ofKind(kind, deadLetterTo(second)));
      const channel = await broker.channel();
      const inbox = await Inbox.open(channel, second);
      await broker.publish("", first, "", { expiration: "10" });
      channel.reject(await inbox.delivery(0), false);
      const [later, earlier] = deaths(await dead.delivery(0)).map((death) => Object.keys(death));
      const entry = ["count", "reason", "queue", "exchange", "routing-keys"];
      const sorted = ["count", "exchange", "queue", "reason", "routing-keys"];
      expect(later).toEqual(broker.byVersion({ "3.10": sorted, "4.0": entry }));
      expect(earlier).toEqual(
        broker.byVersion({
          "3.10": [...entry, "original-expiration"],
          "4.0": ["original-expiration", ...entry],
        }),
      );
    },
  );

  test.each(kinds)("counts the deaths of one queue and reason, in a loop of %s queues", async (kind) => {
    const work = broker.name("work");
    const wait = await broker.queue(ofKind(kind, { "x-message-ttl": 10, ...deadLetterTo(work) }));
    const channel = await broker.channel();
    await channel.assertQueue(work, ofKind(kind, deadLetterTo(wait)));
    const inbox = await Inbox.open(channel, work);
    await broker.publish("", work);
    for (const place of [0, 1, 2]) channel.reject(await inbox.delivery(place), false);
    const message = await inbox.delivery(3);
    expect(deaths(message)).toEqual([
      { count: 3, reason: "expired", queue: wait, exchange: "", "routing-keys": [wait] },
      { count: 3, reason: "rejected", queue: work, exchange: "", "routing-keys": [work] },
    ]);
    expect(otherHeaders(message)).toMatchObject(summary(["", work, "rejected"], ["", wait, "expired"]));
  });

  test.each(kinds)(
    "has an entry for each reason of a %s queue, the latest first; 3.10 turns the others around each time",
    async (kind) => {
      const queue = broker.name("queue");
      const back = await broker.queue(ofKind(kind, deadLetterTo(queue)));
      const channel = await broker.channel();
      await channel.assertQueue(queue, ofKind(kind, deadLetterTo(back)));
      const returning = await Inbox.open(channel, back);
      await broker.publish("", queue, "", { expiration: "10" });
      channel.reject(await returning.delivery(0), false);
      const inbox = await Inbox.open(channel, queue);
      channel.reject(await inbox.delivery(0), false);
      const message = await returning.delivery(1);
      const place = { exchange: "", count: 1 };
      const rejected = { ...place, queue, reason: "rejected", "routing-keys": [queue] };
      const returned = { ...place, queue: back, reason: "rejected", "routing-keys": [back] };
      const expired = {
        ...place,
        queue,
        reason: "expired",
        "routing-keys": [queue],
        "original-expiration": "10",
      };
      expect(deaths(message)).toEqual(
        broker.byVersion({ "3.10": [rejected, expired, returned], "4.0": [rejected, returned, expired] }),
      );
      channel.reject(message, false);
      const again = { ...returned, count: 2 };
      expect(deaths(await inbox.delivery(1))).toEqual(
        broker.byVersion({ "3.10": [again, expired, rejected], "4.0": [again, rejected, expired] }),
      );
    },
  );

  test.each(kinds)("names all keys of a message of a %s queue that had CC, and none of BCC", async (kind) => {
    const [source, exchange] = [await broker.exchange("direct"), await broker.exchange("topic")];
    const [graveyard, byCopy] = [await broker.queue(), await broker.queue()];
    await broker.bind(graveyard, exchange, "key");
    await broker.bind(byCopy, exchange, "copy");
    await broker.bind(byCopy, exchange, "blind");
    const queue = await broker.queue(ofKind(kind, { "x-dead-letter-exchange": exchange }));
    await broker.bind(queue, source, "key");
    await broker.publish(source, "key", "1", { CC: ["copy"], BCC: ["blind"] });
    const channel = await broker.channel();
    channel.reject(await (await Inbox.open(channel, queue)).delivery(0), false);
    for (const found of [graveyard, byCopy]) {
      const message = await (await Inbox.open(await broker.channel(), found)).delivery(0);
      expect(message.fields).toMatchObject({ exchange, routingKey: "key" });
      expect(message.properties.headers).toMatchObject({ CC: ["copy"] });
      expect(deaths(message)).toEqual([
        { count: 1, reason: "rejected", queue, exchange: source, "routing-keys": ["key", "copy"] },
      ]);
    }
    expect(await broker.depth(byCopy)).toBe(0);
  });

  test.each(kinds)(
    "x-dead-letter-routing-key of a %s queue ends CC, which 3.10 removes and 4.0 leaves",
    async (kind) => {
      const exchange = await broker.exchange("topic");
      const [graveyard, byCopy] = [await broker.queue(), await broker.queue()];
      await broker.bind(graveyard, exchange, "dead");
      await broker.bind(byCopy, exchange, "copy");
      const further = { "x-dead-letter-exchange": exchange, "x-dead-letter-routing-key": "dead" };
      const queue = await broker.queue(ofKind(kind, further));
      await reject(queue, { CC: ["copy"] });
      const message = await (await Inbox.open(await broker.channel(), graveyard)).delivery(0);
      expect(deaths(message)).toMatchObject([{ "routing-keys": [queue, "copy"] }]);
      expect(message.properties.headers?.["CC"]).toEqual(
        broker.byVersion({ "3.10": undefined, "4.0": ["copy"] }),
      );
      expect(await broker.depth(byCopy)).toBe(0);
    },
  );

  const sent = (queue: string, reason: string, count: number): object => ({
    count,
    reason,
    queue,
    time: { "!": "timestamp", value: Math.floor(Date.now() / 1_000) },
    exchange: "",
    "routing-keys": [queue],
  });

  test.each(kinds)(
    "that a client sends to a %s queue counts on in 3.10, and is replaced in 4.0",
    async (kind) => {
      const { queue, dead } = await dying(kind);
      const first = {
        "x-first-death-exchange": "e",
        "x-first-death-queue": "q",
        "x-first-death-reason": "r",
      };
      await reject(queue, { headers: { "x-death": [sent(queue, "rejected", 5)], ...first } });
      const message = await dead.delivery(0);
      const count = broker.byVersion({ "3.10": 6, "4.0": 1 });
      expect(deaths(message)).toEqual([
        { count, reason: "rejected", queue, exchange: "", "routing-keys": [queue] },
      ]);
      expect(otherHeaders(message)).toMatchObject(
        broker.byVersion({ "3.10": first, "4.0": summary(["", queue, "rejected"]) }),
      );
    },
  );

  test.each(kinds)(
    "of another queue that a client sends to a %s queue stays behind in 3.10, and is replaced in 4.0",
    async (kind) => {
      const { queue, dead } = await dying(kind);
      await reject(queue, { headers: { "x-death": [sent("elsewhere", "expired", 5)] } });
      const message = await dead.delivery(0);
      const own = { count: 1, reason: "rejected", queue };
      expect(deaths(message)).toMatchObject(
        broker.byVersion({
          "3.10": [own, { count: 5, reason: "expired", queue: "elsewhere" }],
          "4.0": [own],
        }),
      );
      expect(message.properties.headers?.["x-first-death-queue"]).toBe(
        broker.byVersion({ "3.10": undefined, "4.0": queue }),
      );
    },
  );

  test("that a client sends reaches a consumer as it was sent", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1", { headers: { "x-death": [sent(queue, "rejected", 5)] } });
    const [message] = await broker.messages(queue);
    expect(deaths(message as Message)).toMatchObject([{ count: 5, queue }]);
  });

  test("that a client sends makes its queue a cycle in 3.10, which drops the message, and not in 4.0", async () => {
    const { queue: wait, graveyard, dead } = await dying("classic", { "x-message-ttl": 10 });
    await broker.publish("", wait, "stale", { headers: { "x-death": [sent(graveyard, "expired", 1)] } });
    await broker.publish("", wait, "fresh");
    await dead.reaches(broker.byVersion({ "3.10": 1, "4.0": 2 }));
    expect(dead.bodies).toEqual(broker.byVersion({ "3.10": ["fresh"], "4.0": ["stale", "fresh"] }));
  });

  test("that is no list of tables is replaced", async () => {
    const { queue, dead } = await dying("classic");
    await reject(queue, { headers: { "x-death": "garbage" } });
    expect(deaths(await dead.delivery(0))).toEqual([
      { count: 1, reason: "rejected", queue, exchange: "", "routing-keys": [queue] },
    ]);
  });
});
