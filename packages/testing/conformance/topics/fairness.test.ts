import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("Consumers that share a queue", (broker) => {
  async function publish(queue: string, count: number): Promise<void> {
    for (let number = 1; number <= count; number++) await broker.publish("", queue, String(number));
  }

  test.each(kinds)("on one channel take turns at a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const channel = await broker.channel();
    const inboxes = [
      await Inbox.open(channel, queue),
      await Inbox.open(channel, queue),
      await Inbox.open(channel, queue),
    ];
    await publish(queue, 7);
    await inboxes[0]?.reaches(3);
    expect(inboxes.map(({ bodies }) => bodies)).toEqual([
      ["1", "4", "7"],
      ["2", "5"],
      ["3", "6"],
    ]);
  });

  test.each(kinds)("on two channels take turns at a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const one = await Inbox.open(await broker.channel(), queue);
    const other = await Inbox.open(await broker.channel(), queue);
    await publish(queue, 6);
    await other.reaches(3);
    expect(one.bodies).toEqual(["1", "3", "5"]);
    expect(other.bodies).toEqual(["2", "4", "6"]);
  });

  test.each(kinds)("on two connections take turns at a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const one = await Inbox.open(await broker.channel(await broker.connect()), queue);
    const other = await Inbox.open(await broker.channel(await broker.connect()), queue);
    await publish(queue, 6);
    await one.reaches(3);
    await other.reaches(3);
    expect(one.bodies).toEqual(["1", "3", "5"]);
    expect(other.bodies).toEqual(["2", "4", "6"]);
  });

  test.each(kinds)("pass over one whose prefetch is used up, at a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const channel = await broker.channel();
    await channel.prefetch(1);
    const slow = await Inbox.open(channel, queue);
    await channel.prefetch(0);
    const fast = await Inbox.open(channel, queue);
    await publish(queue, 4);
    await fast.reaches(3);
    channel.ack(await slow.delivery(0));
    await broker.barrier(channel);
    await broker.publish("", queue, "5");
    await broker.publish("", queue, "6");
    await slow.reaches(2);
    await fast.reaches(4);
    expect(slow.bodies).toHaveLength(2);
    expect([...slow.bodies, ...fast.bodies].toSorted()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  test.each(kinds)(
    "get the next message of a %s queue as they make room, in the order of their acks",
    async (kind) => {
      const queue = await broker.queue(ofKind(kind));
      await publish(queue, 10);
      const channel = await broker.channel();
      await channel.prefetch(2);
      const one = await Inbox.open(channel, queue);
      await one.reaches(2);
      const other = await Inbox.open(channel, queue);
      await other.reaches(2);
      channel.ack(await one.delivery(1));
      await one.reaches(3);
      channel.ack(await other.delivery(0));
      await other.reaches(3);
      channel.ack(await one.delivery(0));
      await one.reaches(4);
      expect(one.bodies).toEqual(["1", "2", "5", "7"]);
      expect(other.bodies).toEqual(["3", "4", "6"]);
    },
  );

  test.each(kinds)("are all served by a %s queue once one ack has freed them together", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    await publish(queue, 10);
    const channel = await broker.channel();
    await channel.prefetch(2);
    const one = await Inbox.open(channel, queue);
    await one.reaches(2);
    const other = await Inbox.open(channel, queue);
    channel.ack(await other.delivery(1), true);
    await one.reaches(4);
    await other.reaches(4);
    // Which of them is served first is nowhere promised, and differs from run to run.
    const second = [one.bodies.slice(2), other.bodies.slice(2)].map((bodies) => bodies.join(" and "));
    expect(second.toSorted()).toEqual(["5 and 6", "7 and 8"]);
  });

  test.each(kinds)(
    "with a higher x-priority come first at a %s queue, while their prefetch lasts",
    async (kind) => {
      const queue = await broker.queue(ofKind(kind));
      const channel = await broker.channel();
      await channel.prefetch(2);
      const usual = await Inbox.open(channel, queue);
      const high = await Inbox.open(channel, queue, { arguments: { "x-priority": 5 } });
      const low = await Inbox.open(channel, queue, { arguments: { "x-priority": -1 } });
      await publish(queue, 8);
      await low.reaches(2);
      expect([high.bodies, usual.bodies, low.bodies]).toEqual([
        ["1", "2"],
        ["3", "4"],
        ["5", "6"],
      ]);
      channel.ack(await high.delivery(0));
      await high.reaches(3);
      channel.ack(await usual.delivery(0));
      await usual.reaches(3);
      expect([high.bodies, usual.bodies, low.bodies]).toEqual([
        ["1", "2", "7"],
        ["3", "4", "8"],
        ["5", "6"],
      ]);
    },
  );

  test.each(kinds)("with the same x-priority take turns at a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind));
    const channel = await broker.channel();
    const usual = await Inbox.open(channel, queue);
    const one = await Inbox.open(channel, queue, { arguments: { "x-priority": 5 } });
    const other = await Inbox.open(channel, queue, { arguments: { "x-priority": 5 } });
    await publish(queue, 6);
    await other.reaches(3);
    expect([one.bodies, other.bodies, usual.bodies]).toEqual([["1", "3", "5"], ["2", "4", "6"], []]);
  });

  test.each([
    ["high", "longstr"],
    [2.5, "double"],
    [true, "bool"],
  ])("are refused with an x-priority of %s", async (priority, type) => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    const consuming = (): Promise<Inbox> =>
      Inbox.open(channel, queue, { arguments: { "x-priority": priority } });
    expect(await refused(channel, consuming)).toEqual({
      code: 406,
      text:
        `PRECONDITION_FAILED - invalid arg 'x-priority' for queue '${queue}' in vhost '${broker.vhost}': ` +
        `"expected integer, got ${type}"`,
    });
  });
});
