import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";
import { eventually } from "../harness/eventually.ts";
import { Inbox } from "../harness/inbox.ts";
import { deadLetterTo, kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";

/** A quorum queue looks at its age every five seconds only. */
const limitMs = 10_000;

describeBrokers("Queue expiry", (broker) => {
  /**
   * Declares a queue that expires, with an auto-delete exchange that goes with it: asking for the queue itself would be
   * a use of it.
   */
  async function expiring(kind: QueueKind, expiresMs: number, further: object = {}) {
    const queue = await broker.queue(ofKind(kind, { "x-expires": expiresMs, ...further }));
    const shadow = await broker.exchange("fanout", { autoDelete: true });
    await broker.bind(queue, shadow, "");
    const exists = async (): Promise<boolean> => {
      const channel = await broker.channel();
      return channel.checkExchange(shadow).then(
        () => true,
        () => false,
      );
    };
    const goes = async (): Promise<boolean> => !(await eventually(exists, (there) => !there, limitMs));
    return { queue, exists, goes };
  }

  test.each(kinds)(
    "x-expires removes a %s queue that nobody uses, and dead-letters nothing",
    async (kind) => {
      const graveyard = await broker.queue();
      const { queue, goes } = await expiring(kind, 250, deadLetterTo(graveyard));
      await broker.publish("", queue, "1");
      expect(await goes()).toBe(true);
      expect(await broker.depth(graveyard)).toBe(0);
    },
  );

  test("waits while the queue has a consumer, and begins with its cancel", async () => {
    const used = await expiring("classic", 250);
    const inbox = await Inbox.open(await broker.channel(), used.queue);
    const unused = await expiring("classic", 300);
    expect(await unused.goes()).toBe(true);
    expect(await used.exists()).toBe(true);
    await inbox.cancel();
    expect(await used.goes()).toBe(true);
    expect(inbox.cancelled).toBe(false);
  });

  test("begins anew with every get, passive declare and declare", async () => {
    const { queue, exists, goes } = await expiring("classic", 700);
    const channel = await broker.channel();
    const uses = [
      () => channel.get(queue),
      () => channel.checkQueue(queue),
      () => channel.assertQueue(queue, ofKind("classic", { "x-expires": 700 })),
    ];
    for (const use of uses) {
      const shorter = await expiring("classic", 300);
      expect(await shorter.goes()).toBe(true);
      await use();
    }
    expect(await exists()).toBe(true);
    expect(await goes()).toBe(true);
  });

  test.each([
    [0, "{value_zero,0}"],
    [315_360_000_001, "{value_too_large,315360000001}"],
    [-1, "{value_negative,-1}"],
    ["5", '"expected integer, got longstr"'],
  ])("x-expires may not be %j", async (value, reason) => {
    for (const kind of kinds) {
      const given = { "x-queue-type": kind, "x-expires": value };
      expect(await refusedDeclare(broker, given)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid arg 'x-expires' for queue Q in vhost V: ${reason}`,
      });
    }
  });
});
