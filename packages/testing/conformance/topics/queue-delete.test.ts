import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("Deleting a queue", (broker) => {
  test("tells how many messages were ready", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    await broker.publish("", queue);
    await broker.publish("", queue);
    expect(await channel.deleteQueue(queue)).toEqual({ messageCount: 2 });
    expect(await refused(channel, () => channel.checkQueue(queue))).toMatchObject({ code: 404 });
  });

  test("that is not there is no error", async () => {
    const channel = await broker.channel();
    expect(await channel.deleteQueue("not-there")).toEqual({ messageCount: 0 });
    expect(await channel.deleteQueue("not-there", { ifEmpty: true, ifUnused: true })).toEqual({
      messageCount: 0,
    });
  });

  test("only if empty refuses one that holds messages", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    await broker.publish("", queue);
    expect(await refused(channel, () => channel.deleteQueue(queue, { ifEmpty: true }))).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - queue '${queue}' in vhost '${broker.vhost}' not empty`,
    });
  });

  test("only if empty does not count what a consumer has in hand", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    await broker.publish("", queue);
    expect(await channel.get(queue)).not.toBe(false);
    expect(await channel.deleteQueue(queue, { ifEmpty: true })).toEqual({ messageCount: 0 });
  });

  test("only if unused refuses one that has a consumer", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    await channel.consume(queue, () => undefined);
    expect(await refused(channel, () => channel.deleteQueue(queue, { ifUnused: true }))).toEqual({
      code: 406,
      text: `PRECONDITION_FAILED - queue '${queue}' in vhost '${broker.vhost}' in use`,
    });
  });

  test("takes its bindings along", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    await channel.bindQueue(queue, "amq.fanout", "");
    await channel.deleteQueue(queue);
    await channel.assertQueue(queue);
    await broker.publish("amq.fanout", "", "lost");
    expect(await broker.depth(queue)).toBe(0);
  });

  test("on the channel that declared it last may leave the name out", async () => {
    const channel = await broker.channel();
    const { queue } = await channel.assertQueue(broker.name("last"));
    await channel.bindQueue("", "amq.direct", queue);
    await broker.publish("amq.direct", queue, "by the binding");
    expect(await broker.bodies(queue)).toEqual(["by the binding"]);
    await channel.deleteQueue("");
    expect(await refused(channel, () => channel.checkQueue(queue))).toMatchObject({ code: 404 });
  });

  test("without a name on a channel that declared none is refused", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.deleteQueue(""))).toEqual({
      code: 404,
      text: "NOT_FOUND - no previously declared queue",
    });
  });
});

describeBrokers("Purging a queue", (broker) => {
  test("drops what is ready, tells how much that was, and leaves what is in hand", async () => {
    const channel = await broker.channel();
    const queue = await broker.queue();
    for (const body of ["in hand", "one", "two"]) await broker.publish("", queue, body);
    const message = await channel.get(queue);
    expect(await channel.purgeQueue(queue)).toEqual({ messageCount: 2 });
    expect(await broker.depth(queue)).toBe(0);
    if (message !== false) channel.nack(message);
    await broker.barrier(channel);
    expect(await broker.bodies(queue)).toEqual(["in hand"]);
  });

  test("refuses a queue that is not there", async () => {
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.purgeQueue("not-there"))).toEqual({
      code: 404,
      text: `NOT_FOUND - no queue 'not-there' in vhost '${broker.vhost}'`,
    });
  });
});
