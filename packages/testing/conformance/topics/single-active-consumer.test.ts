import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { eventually } from "../harness/eventually.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";

describeBrokers("A single active consumer", (broker) => {
  const singly = (kind: QueueKind): Promise<string> =>
    broker.queue(ofKind(kind, { "x-single-active-consumer": true }));

  async function publish(queue: string, ...bodies: string[]): Promise<void> {
    for (const body of bodies) await broker.publish("", queue, body);
  }

  test.each(kinds)("of a %s queue gets all, while the others wait", async (kind) => {
    const queue = await singly(kind);
    const active = await Inbox.open(await broker.channel(), queue);
    const waiting = await Inbox.open(await broker.channel(), queue);
    await publish(queue, "1", "2", "3");
    await active.reaches(3);
    expect([active.bodies, waiting.bodies]).toEqual([["1", "2", "3"], []]);
  });

  test("of a quorum queue is the only one that counts, of a classic queue the waiting ones do, too", async () => {
    const channel = await broker.channel();
    const counts = kinds.map(async (kind) => {
      const queue = await singly(kind);
      for (const _ of ["active", "waiting"]) await Inbox.open(channel, queue);
      return (await channel.checkQueue(queue)).consumerCount;
    });
    expect(await Promise.all(counts)).toEqual([2, 1]);
  });

  test("of a quorum queue counts beside a cancelled one until that holds nothing", async () => {
    const queue = await singly("quorum");
    const channel = await broker.channel();
    await channel.prefetch(1);
    const cancelled = await Inbox.open(channel, queue);
    for (const _ of ["active", "waiting"]) await Inbox.open(channel, queue);
    await publish(queue, "1");
    const message = await cancelled.delivery(0);
    await cancelled.cancel();
    const count = async (): Promise<number> => (await channel.checkQueue(queue)).consumerCount;
    expect(await count()).toBe(2);
    channel.ack(message);
    expect(await eventually(count, (consumers) => consumers === 1)).toBe(1);
  });

  test.each(kinds)("of a %s queue is relieved by nobody while its prefetch is used up", async (kind) => {
    const queue = await singly(kind);
    const channel = await broker.channel();
    await channel.prefetch(1);
    const active = await Inbox.open(channel, queue);
    const waiting = await Inbox.open(channel, queue);
    await publish(queue, "1", "2");
    channel.ack(await active.delivery(0));
    await active.reaches(2);
    expect([active.bodies, waiting.bodies]).toEqual([["1", "2"], []]);
  });

  test.each(kinds)("of a %s queue leaves what it holds to the next one, before the rest", async (kind) => {
    const queue = await singly(kind);
    const channel = await broker.channel();
    await channel.prefetch(2);
    const active = await Inbox.open(channel, queue);
    const next = await Inbox.open(await broker.channel(), queue);
    await publish(queue, "1", "2", "3", "4");
    await active.reaches(2);
    await channel.close();
    await next.reaches(4);
    expect(next.bodies).toEqual(["1*", "2*", "3", "4"]);
  });

  test.each(kinds)("of a %s queue hands over by its cancel, what it holds excepted", async (kind) => {
    const queue = await singly(kind);
    const channel = await broker.channel();
    const active = await Inbox.open(channel, queue);
    const next = await Inbox.open(await broker.channel(), queue);
    await publish(queue, "1", "2");
    await active.reaches(2);
    await active.cancel();
    await publish(queue, "3");
    await next.reaches(1);
    channel.nack(await active.delivery(1));
    await next.reaches(2);
    expect([active.bodies, next.bodies]).toEqual([
      ["1", "2"],
      ["3", "2*"],
    ]);
  });

  test("of a quorum queue hands over by its cancel also while its prefetch is used up", async () => {
    // So does a classic queue of 4.0. One of 3.10.8 gives the next one nothing, and crashes with the next publish.
    const queue = await singly("quorum");
    const channel = await broker.channel();
    await channel.prefetch(1);
    const active = await Inbox.open(channel, queue);
    const next = await Inbox.open(channel, queue);
    await publish(queue, "1", "2");
    await active.reaches(1);
    await active.cancel();
    await next.reaches(1);
    expect([active.bodies, next.bodies]).toEqual([["1"], ["2"]]);
  });

  test.each(kinds)(
    "of a %s queue hands over by the close of its channel, with what it holds",
    async (kind) => {
      const queue = await singly(kind);
      const channel = await broker.channel();
      await channel.prefetch(2);
      const active = await Inbox.open(channel, queue);
      const next = await Inbox.open(await broker.channel(), queue);
      await publish(queue, "1", "2", "3");
      channel.ack(await active.delivery(0));
      await active.reaches(3);
      await channel.close();
      await next.reaches(2);
      expect(next.bodies).toEqual(["2*", "3*"]);
    },
  );

  test.each(kinds)("of a %s queue is followed by the one that waits longest", async (kind) => {
    const queue = await singly(kind);
    const active = await Inbox.open(await broker.channel(), queue);
    const next = await Inbox.open(await broker.channel(), queue);
    const last = await Inbox.open(await broker.channel(), queue);
    await active.cancel();
    await publish(queue, "1");
    await next.reaches(1);
    await next.cancel();
    await publish(queue, "2");
    await last.reaches(1);
    expect([active.bodies, next.bodies, last.bodies]).toEqual([[], ["1"], ["2"]]);
  });

  test("of a classic queue stays active beside one with a higher x-priority", async () => {
    const queue = await singly("classic");
    const active = await Inbox.open(await broker.channel(), queue);
    const higher = await Inbox.open(await broker.channel(), queue, { arguments: { "x-priority": 9 } });
    await publish(queue, "1");
    await active.reaches(1);
    expect([active.bodies, higher.bodies]).toEqual([["1"], []]);
  });

  test("of a quorum queue gives way to one with a higher x-priority in 4.0, not in 3.10", async () => {
    const queue = await singly("quorum");
    const first = await Inbox.open(await broker.channel(), queue);
    const higher = await Inbox.open(await broker.channel(), queue, { arguments: { "x-priority": 9 } });
    await publish(queue, "1");
    const [active, waiting] = broker.byVersion({ "3.10": [first, higher], "4.0": [higher, first] } as const);
    await active.reaches(1);
    expect([active.bodies, waiting.bodies]).toEqual([["1"], []]);
  });

  test("of a classic queue keeps nobody from basic.get", async () => {
    const queue = await singly("classic");
    const channel = await broker.channel();
    await channel.prefetch(1);
    const inbox = await Inbox.open(channel, queue);
    await publish(queue, "1", "2");
    await inbox.reaches(1);
    const [message] = await held(await broker.channel(), queue, 1);
    expect(message.content.toString()).toBe("2");
  });

  test("of a quorum queue keeps everybody from basic.get, with 405", async () => {
    const queue = await singly("quorum");
    const channel = await broker.channel();
    expect(await refused(channel, () => channel.get(queue))).toEqual({
      code: 405,
      text:
        `RESOURCE_LOCKED - cannot obtain access to locked queue '${queue}' in vhost '${broker.vhost}'. ` +
        "basic.get operations are not supported by quorum queues with single active consumer",
    });
  });

  test.each([
    [1, "byte"],
    ["true", "longstr"],
  ])("cannot be asked for with x-single-active-consumer %j", async (value, type) => {
    for (const kind of kinds) {
      const given = { "x-queue-type": kind, "x-single-active-consumer": value };
      expect(await refusedDeclare(broker, given)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid arg 'x-single-active-consumer' for queue Q in vhost V: {unacceptable_type,${type}}`,
      });
    }
  });
});
