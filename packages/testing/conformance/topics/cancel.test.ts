import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind } from "../harness/queue-kinds.ts";
import { taken } from "../harness/taken.ts";

describeBrokers("Cancelling a consumer", (broker) => {
  async function consuming(kind: "classic" | "quorum", prefetch: number) {
    const queue = await broker.queue(ofKind(kind));
    for (const body of ["1", "2", "3", "4"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    await channel.prefetch(prefetch);
    const inbox = await Inbox.open(channel, queue);
    await inbox.reaches(prefetch);
    return { queue, channel, inbox };
  }

  test.each(kinds)("leaves its deliveries of a %s queue in its hands, to be settled", async (kind) => {
    const { queue, channel, inbox } = await consuming(kind, 2);
    await inbox.cancel();
    expect(await broker.depth(queue)).toBe(2);
    channel.ack(await inbox.delivery(0));
    await channel.close();
    expect(await taken(broker, queue, 3)).toEqual(["2*", "3", "4"]);
  });

  test.each(kinds)("lets nothing more come from a %s queue when what it held is settled", async (kind) => {
    const { queue, channel, inbox } = await consuming(kind, 2);
    await inbox.cancel();
    channel.ack(await inbox.delivery(1), true);
    await broker.barrier(channel);
    expect(inbox.bodies).toEqual(["1", "2"]);
    expect(await taken(broker, queue, 2)).toEqual(["3", "4"]);
  });

  test.each(kinds)("leaves the rest of a %s queue to the next consumer of the channel", async (kind) => {
    const { queue, channel, inbox } = await consuming(kind, 2);
    await inbox.cancel();
    const next = await Inbox.open(channel, queue);
    await next.reaches(2);
    expect(next.bodies).toEqual(["3", "4"]);
  });

  test("takes it off the count of a classic queue at once, and off that of a quorum queue once it holds nothing", async () => {
    for (const kind of kinds) {
      const { queue, channel, inbox } = await consuming(kind, 2);
      await inbox.cancel();
      expect((await channel.checkQueue(queue)).consumerCount).toBe(kind === "classic" ? 0 : 1);
      channel.ack(await inbox.delivery(1), true);
      const { consumerCount } = await eventually(
        () => channel.checkQueue(queue),
        (answer) => answer.consumerCount === 0,
      );
      expect(consumerCount).toBe(0);
    }
  });

  test("is answered with the tag, also for a tag that nobody has", async () => {
    const channel = await broker.channel();
    expect(await channel.cancel("nobody")).toEqual({ consumerTag: "nobody" });
  });

  test.each(kinds)("is told to the client when the %s queue is deleted", async (kind) => {
    const { queue, channel, inbox } = await consuming(kind, 1);
    const tags: string[] = [];
    channel.on("cancel", ({ consumerTag }) => tags.push(consumerTag));
    await (await broker.channel()).deleteQueue(queue);
    await eventually(
      async () => inbox.cancelled,
      (cancelled) => cancelled,
    );
    expect(inbox.cancelled).toBe(true);
    expect(tags).toEqual([inbox.consumerTag]);
  });

  test.each(kinds)("by deletion of its %s queue leaves tags that may still be acknowledged", async (kind) => {
    const { queue, channel, inbox } = await consuming(kind, 2);
    await channel.deleteQueue(queue);
    channel.ack(await inbox.delivery(0));
    channel.nack(await inbox.delivery(1));
    await expect(broker.barrier(channel)).resolves.toBeUndefined();
  });

  test("tells each consumer of a deleted queue, on whatever channel", async () => {
    const queue = await broker.queue();
    const inboxes = [
      await Inbox.open(await broker.channel(), queue),
      await Inbox.open(await broker.channel(await broker.connect()), queue),
    ];
    await (await broker.channel()).deleteQueue(queue);
    const told = await eventually(
      async () => inboxes.map(({ cancelled }) => cancelled),
      (all) => all.every(Boolean),
    );
    expect(told).toEqual([true, true]);
  });

  test("of the last consumer deletes an auto-delete queue, with what is in it", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue({ autoDelete: true });
    const [one, other] = [await Inbox.open(channel, queue), await Inbox.open(channel, queue)];
    await one.cancel();
    await expect(channel.checkQueue(queue)).resolves.toMatchObject({ consumerCount: 1 });
    await other.cancel();
    const { returned } = await broker.publish("", queue, "late", { mandatory: true });
    expect(returned?.fields).toMatchObject({ replyCode: 312, replyText: "NO_ROUTE" });
  });
});
