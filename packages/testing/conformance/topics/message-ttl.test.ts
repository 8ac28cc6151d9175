import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";
import { Inbox } from "../harness/inbox.ts";
import { deadLetterTo, kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";
import { taken } from "../harness/taken.ts";

const never = 3_600_000;

describeBrokers("Message TTL", (broker) => {
  /** A queue, and a consumer of the dead letters that tells when messages of it have expired. */
  async function withMourner(kind: QueueKind, further: object = {}): Promise<{ queue: string; dead: Inbox }> {
    const graveyard = await broker.queue();
    return {
      queue: await broker.queue(ofKind(kind, { ...deadLetterTo(graveyard), ...further })),
      dead: await Inbox.open(await broker.channel(), graveyard, { noAck: true }),
    };
  }

  test.each(kinds)("x-message-ttl ends messages of a %s queue in their order", async (kind) => {
    const { queue, dead } = await withMourner(kind, { "x-message-ttl": 30 });
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    await dead.reaches(3);
    expect(dead.bodies).toEqual(["1", "2", "3"]);
    expect(await broker.depth(queue)).toBe(0);
  });

  test.each(kinds)("without a dead-letter exchange removes messages of a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind, { "x-message-ttl": 10 }));
    const later = await withMourner(kind, { "x-message-ttl": 50 });
    await broker.publish("", queue, "1");
    await broker.publish("", later.queue, "2");
    await later.dead.reaches(1);
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test.each(kinds)("expiration ends a single message of a %s queue", async (kind) => {
    const { queue, dead } = await withMourner(kind);
    await broker.publish("", queue, "1", { expiration: "20" });
    await broker.publish("", queue, "2");
    await dead.reaches(1);
    expect(dead.bodies).toEqual(["1"]);
    expect(await broker.bodies(queue)).toEqual(["2"]);
  });

  test.each(kinds)("of a %s queue is the lower one of x-message-ttl and expiration", async (kind) => {
    const byMessage = await withMourner(kind, { "x-message-ttl": never });
    await broker.publish("", byMessage.queue, "1", { expiration: "20" });
    expect((await byMessage.dead.delivery(0)).content.toString()).toBe("1");
    const byQueue = await withMourner(kind, { "x-message-ttl": 20 });
    await broker.publish("", byQueue.queue, "2", { expiration: String(never) });
    expect((await byQueue.dead.delivery(0)).content.toString()).toBe("2");
  });

  test.each(kinds)("ends a message of a %s queue at its head only", async (kind) => {
    const { queue, dead } = await withMourner(kind);
    await broker.publish("", queue, "slow", { expiration: "80" });
    await broker.publish("", queue, "fast", { expiration: "1" });
    await dead.reaches(2);
    expect(dead.bodies).toEqual(["slow", "fast"]);
  });

  test.each(kinds)(
    "of a message behind a living one of a %s queue ends it when its turn comes",
    async (kind) => {
      const { queue, dead } = await withMourner(kind);
      await broker.publish("", queue, "slow", { expiration: String(never) });
      await broker.publish("", queue, "fast", { expiration: "10" });
      await broker.publish("", queue, "slow too");
      const clock = await withMourner(kind, { "x-message-ttl": 40 });
      await broker.publish("", clock.queue, "tick");
      await clock.dead.reaches(1);
      expect(await taken(broker, queue, 2)).toEqual(["slow", "slow too"]);
      await dead.reaches(1);
      expect(dead.bodies).toEqual(["fast"]);
    },
  );

  test.each(kinds)('expiration "0" ends a message of a %s queue that nobody takes at once', async (kind) => {
    const { queue, dead } = await withMourner(kind);
    await broker.publish("", queue, "1", { expiration: "0" });
    await dead.reaches(1);
    expect(dead.bodies).toEqual(["1"]);
  });

  test.each(kinds)(
    "of nothing still gives a message of a %s queue to a consumer that waits",
    async (kind) => {
      const { queue, dead } = await withMourner(kind, { "x-message-ttl": 0 });
      const inbox = await Inbox.open(await broker.channel(), queue, { noAck: true });
      await broker.publish("", queue, "1");
      await broker.publish("", queue, "2", { expiration: "0" });
      await inbox.reaches(2);
      expect([inbox.bodies, dead.bodies]).toEqual([["1", "2"], []]);
    },
  );

  test.each(kinds)("does not end what somebody holds of a %s queue, until it comes back", async (kind) => {
    const { queue, dead } = await withMourner(kind, { "x-message-ttl": 30 });
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    for (const body of ["held", "ready"]) await broker.publish("", queue, body);
    await dead.reaches(1);
    expect(dead.bodies).toEqual(["ready"]);
    await inbox.cancel();
    channel.nack(await inbox.delivery(0));
    await dead.reaches(2);
    expect(dead.bodies).toEqual(["ready", "held"]);
  });

  test("leaves expiration on what is delivered", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1", { expiration: String(never) });
    expect((await broker.messages(queue))[0]?.properties.expiration).toBe(String(never));
  });

  test.each(["0", "+5", "007", "4294967296", "315360000000"])(
    "takes the expiration %j",
    async (expiration) => {
      const queue = await broker.queue();
      await expect(broker.publish("", queue, "1", { expiration })).resolves.toMatchObject({
        confirmed: true,
      });
    },
  );

  test.each([
    ["abc", "no_integer"],
    ["", "no_integer"],
    [" 5", "no_integer"],
    ["5 ", '{leftover_string," "}'],
    ["1.5", '{leftover_string,".5"}'],
    ["-1", "{value_negative,-1}"],
    ["315360000001", "{value_too_large,315360000001}"],
  ])("closes the channel with 406 for the expiration %j", async (expiration, reason) => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    expect(
      await refused(channel, () => channel.sendToQueue(queue, Buffer.from("1"), { expiration })),
    ).toEqual({ code: 406, text: `PRECONDITION_FAILED - invalid expiration '${expiration}': ${reason}` });
    expect(await broker.depth(queue)).toBe(0);
  });

  test.each([
    [-1, "{value_negative,-1}"],
    ["5", '"expected integer, got longstr"'],
    [315_360_000_001, "{value_too_large,315360000001}"],
  ])("x-message-ttl may not be %j", async (value, reason) => {
    for (const kind of kinds) {
      const given = { "x-queue-type": kind, "x-message-ttl": value };
      expect(await refusedDeclare(broker, given)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid arg 'x-message-ttl' for queue Q in vhost V: ${reason}`,
      });
    }
  });
});
