import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";
import { taken } from "../harness/taken.ts";

describeBrokers("basic.get", (broker) => {
  test.each(kinds)("takes the head of a %s queue and tells how many are left", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    for (const body of ["1", "2", "3"]) await broker.publish("", queue, body);
    await eventually(
      () => broker.depth(queue),
      (depth) => depth === 3,
    );
    const channel = await broker.channel();
    const messages = await held(channel, queue, 3);
    expect(messages.map(({ content }) => content.toString())).toEqual(["1", "2", "3"]);
    expect(messages.map(({ fields }) => fields)).toEqual(
      [2, 1, 0].map((messageCount, place) => ({
        deliveryTag: place + 1,
        redelivered: false,
        exchange: "",
        routingKey: queue,
        messageCount,
      })),
    );
  });

  test.each(kinds)("answers that a %s queue is empty", async (kind) => {
    const channel = await broker.channel();
    expect(await channel.get(await broker.queue(ofKind(kind)))).toBe(false);
  });

  test.each(kinds)("finds a %s queue empty while others hold all of it", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await broker.publish("", queue, "1");
    await held(await broker.channel(), queue, 1);
    expect(await (await broker.channel()).get(queue)).toBe(false);
  });

  test("with noAck settles at once", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, "1");
    const channel = await broker.channel();
    await channel.get(queue, { noAck: true });
    await channel.close();
    expect(await broker.bodies(queue)).toEqual([]);
  });

  test("with noAck uses up a delivery tag, too", async () => {
    const queue = await broker.queue();
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    const channel = await broker.channel();
    await channel.get(queue, { noAck: true });
    const [second] = await held(channel, queue, 1);
    expect(second.fields.deliveryTag).toBe(2);
  });

  test("makes a consumer of each message that it holds of a quorum queue, and none of those of a classic one", async () => {
    for (const kind of kinds) {
      const queue = await broker.queue(ofKind(kind));
      for (const body of ["1", "2"]) await broker.publish("", queue, body);
      const channel = await broker.channel();
      const count = async (): Promise<number> => (await channel.checkQueue(queue)).consumerCount;
      const [first] = await held(channel, queue, 2);
      expect(await count()).toBe(kind === "classic" ? 0 : 2);
      channel.ack(first);
      const left = kind === "classic" ? 0 : 1;
      expect(await eventually(count, (consumers) => consumers === left)).toBe(left);
    }
  });

  test("gives nothing of what a consumer was given before", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    for (const body of ["1", "2"]) await broker.publish("", queue, body);
    await inbox.reaches(1);
    expect(await taken(broker, queue, 1)).toEqual(["2"]);
  });

  test("closes the channel with 404 where there is no such queue", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.get("nowhere"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no queue 'nowhere' in vhost '${broker.vhost}'`,
    });
  });

  test("closes the channel with 405 where the queue is another connection's own", async () => {
    const queue = broker.name("own");
    await (await broker.channel(await broker.connect())).assertQueue(queue, { exclusive: true });
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.get(queue))).toEqual({
      code: 405,
      text:
        `RESOURCE_LOCKED - cannot obtain exclusive access to locked queue '${queue}' in vhost '${broker.vhost}'. ` +
        "It could be originally declared on another connection or the exclusive property value does not match " +
        "that of the original declaration.",
    });
  });
});
