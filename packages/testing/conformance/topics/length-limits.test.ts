import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { refusedDeclare } from "../harness/refused-declare.ts";
import { held } from "../harness/held.ts";
import { Inbox } from "../harness/inbox.ts";
import { deadLetterTo, kinds, ofKind, type QueueKind } from "../harness/queue-kinds.ts";
import { taken } from "../harness/taken.ts";

describeBrokers("Length limits", (broker) => {
  /** Publishes one after another, and tells which were confirmed. */
  async function publish(queue: string, ...bodies: string[]): Promise<string[]> {
    const confirmed: string[] = [];
    for (const body of bodies) if ((await broker.publish("", queue, body)).confirmed) confirmed.push(body);
    return confirmed;
  }

  async function withMourner(kind: QueueKind, further: object): Promise<{ queue: string; dead: Inbox }> {
    const graveyard = await broker.queue();
    return {
      queue: await broker.queue(ofKind(kind, { ...deadLetterTo(graveyard), ...further })),
      dead: await Inbox.open(await broker.channel(), graveyard, { noAck: true }),
    };
  }

  test.each(kinds)(
    "x-max-length drops messages from the head of a %s queue, and dead-letters them",
    async (kind) => {
      const { queue, dead } = await withMourner(kind, { "x-max-length": 2 });
      expect(await publish(queue, "1", "2", "3", "4", "5")).toHaveLength(5);
      await dead.reaches(3);
      expect(dead.bodies).toEqual(["1", "2", "3"]);
      expect(await taken(broker, queue, 2)).toEqual(["4", "5"]);
    },
  );

  test.each(kinds)("x-max-length of a %s queue counts what is ready, not what is held", async (kind) => {
    const queue = await broker.queue(ofKind(kind, { "x-max-length": 2 }));
    await publish(queue, "1", "2");
    const channel = await broker.channel();
    await held(channel, queue, 2);
    await publish(queue, "3", "4", "5");
    expect(await taken(broker, queue, 2)).toEqual(["4", "5"]);
  });

  test.each(kinds)(
    "x-max-length 0 lets only through a %s queue what a consumer takes at once",
    async (kind) => {
      const { queue, dead } = await withMourner(kind, { "x-max-length": 0 });
      await publish(queue, "1");
      await dead.reaches(1);
      const inbox = await Inbox.open(await broker.channel(), queue, { noAck: true });
      await publish(queue, "2");
      await inbox.reaches(1);
      expect([dead.bodies, inbox.bodies]).toEqual([["1"], ["2"]]);
    },
  );

  test("x-max-length drops the head also when messages come back", async () => {
    const queue = await broker.queue(ofKind("classic", { "x-max-length": 2 }));
    await publish(queue, "1", "2");
    const channel = await broker.channel();
    const [first] = await held(channel, queue, 1);
    await publish(queue, "3");
    channel.nack(first);
    await broker.barrier(channel);
    expect(await broker.bodies(queue)).toEqual(["2", "3"]);
  });

  test("x-max-length of a quorum queue drops the head then, too, which in 3.10 is another one", async () => {
    const { queue, dead } = await withMourner("quorum", { "x-max-length": 2 });
    await publish(queue, "1", "2");
    const channel = await broker.channel();
    const [first] = await held(channel, queue, 1);
    await publish(queue, "3");
    channel.nack(first);
    await dead.reaches(1);
    expect(await taken(broker, queue, 2)).toEqual(
      broker.byVersion({ "3.10": ["3", "1*"], "4.0": ["2", "3"] }),
    );
  });

  test.each(kinds)("x-max-length-bytes counts the bodies of a %s queue, and fits exactly", async (kind) => {
    const queue = await broker.queue(ofKind(kind, { "x-max-length-bytes": 8 }));
    const options = { headers: { padding: "x".repeat(100) } };
    for (const body of ["aaaa", "bbbb"]) await broker.publish("", queue, body, options);
    expect(await taken(broker, queue, 2)).toEqual(["aaaa", "bbbb"]);
    await publish(queue, "aaaa", "bbbb", "c");
    expect(await taken(broker, queue, 2)).toEqual(["bbbb", "c"]);
  });

  test.each(kinds)(
    "x-max-length-bytes drops from a %s queue a message that alone is larger",
    async (kind) => {
      const { queue, dead } = await withMourner(kind, { "x-max-length-bytes": 8 });
      await publish(queue, "small", "much too large");
      await dead.reaches(2);
      // A quorum queue gives away the larger one first: the order of what one publish drops is no promise.
      expect(dead.bodies.toSorted()).toEqual(["much too large", "small"]);
      expect(await broker.depth(queue)).toBe(0);
    },
  );

  test.each(kinds)("of both kinds hold together for a %s queue", async (kind) => {
    const queue = await broker.queue(ofKind(kind, { "x-max-length": 2, "x-max-length-bytes": 6 }));
    await publish(queue, "a", "b", "c");
    expect(await taken(broker, queue, 2)).toEqual(["b", "c"]);
    await publish(queue, "aaaa", "bbbb");
    expect(await taken(broker, queue, 1)).toEqual(["bbbb"]);
  });

  test("reject-publish nacks what is too much, and keeps what is there; a quorum queue takes one more first", async () => {
    for (const kind of kinds) {
      const { queue, dead } = await withMourner(kind, { "x-max-length": 2, "x-overflow": "reject-publish" });
      const accepted = kind === "classic" ? ["1", "2"] : ["1", "2", "3"];
      expect(await publish(queue, "1", "2", "3", "4", "5")).toEqual(accepted);
      expect(await taken(broker, queue, accepted.length)).toEqual(accepted);
      expect(dead.bodies).toEqual([]);
    }
  });

  test("reject-publish by bytes nacks once they are full; a quorum queue takes one more first", async () => {
    for (const kind of kinds) {
      const further = { "x-max-length-bytes": 8, "x-overflow": "reject-publish" };
      const queue = await broker.queue(ofKind(kind, further));
      const accepted = kind === "classic" ? ["aaaa", "bbbb"] : ["aaaa", "bbbb", "cccc"];
      expect(await publish(queue, "aaaa", "bbbb", "cccc", "d")).toEqual(accepted);
    }
  });

  test.each(kinds)("reject-publish takes messages again once a %s queue has room", async (kind) => {
    const queue = await broker.queue(ofKind(kind, { "x-max-length": 1, "x-overflow": "reject-publish" }));
    await publish(queue, "1", "2", "3");
    const channel = await broker.channel();
    const inbox = await Inbox.open(channel, queue);
    const before = kind === "classic" ? 1 : 2;
    channel.ack(await inbox.delivery(before - 1), true);
    await broker.barrier(channel);
    expect(await publish(queue, "4")).toEqual(["4"]);
    await inbox.reaches(before + 1);
    expect(inbox.bodies.at(-1)).toBe("4");
  });

  test.each(kinds)("reject-publish of a full %s queue is no return for a mandatory message", async (kind) => {
    const queue = await broker.queue(ofKind(kind, { "x-max-length": 0, "x-overflow": "reject-publish" }));
    await broker.publish("", queue, "1", { mandatory: true });
    expect(await broker.publish("", queue, "2", { mandatory: true })).toEqual({
      confirmed: false,
      returned: undefined,
    });
  });

  test("reject-publish nacks what one of several queues refuses, though the others store it", async () => {
    const exchange = await broker.exchange("fanout");
    const full = await broker.queue(ofKind("classic", { "x-max-length": 1, "x-overflow": "reject-publish" }));
    const open = await broker.queue();
    for (const queue of [full, open]) await broker.bind(queue, exchange, "");
    expect(await broker.publish(exchange, "", "1")).toMatchObject({ confirmed: true });
    expect(await broker.publish(exchange, "", "2")).toMatchObject({ confirmed: false });
    expect(await broker.bodies(full)).toEqual(["1"]);
    expect(await broker.bodies(open)).toEqual(["1", "2"]);
  });

  test("reject-publish without confirms loses what is too much", async () => {
    const queue = await broker.queue(
      ofKind("classic", { "x-max-length": 1, "x-overflow": "reject-publish" }),
    );
    const channel = await broker.channel();
    for (const body of ["1", "2"]) channel.sendToQueue(queue, Buffer.from(body));
    await broker.barrier(channel);
    expect(await broker.bodies(queue)).toEqual(["1"]);
  });

  test("reject-publish-dlx of a classic queue nacks and dead-letters what is too much", async () => {
    const { queue, dead } = await withMourner("classic", {
      "x-max-length": 2,
      "x-overflow": "reject-publish-dlx",
    });
    expect(await publish(queue, "1", "2", "3", "4")).toEqual(["1", "2"]);
    await dead.reaches(2);
    expect(dead.bodies).toEqual(["3", "4"]);
    expect((await dead.delivery(0)).properties.headers).toMatchObject({
      "x-death": [{ reason: "maxlen", queue, count: 1 }],
    });
    expect(await broker.bodies(queue)).toEqual(["1", "2"]);
  });

  test("reject-publish-dlx of a quorum queue is drop-head", async () => {
    const { queue, dead } = await withMourner("quorum", {
      "x-max-length": 2,
      "x-overflow": "reject-publish-dlx",
    });
    expect(await publish(queue, "1", "2", "3", "4")).toEqual(["1", "2", "3", "4"]);
    await dead.reaches(2);
    expect(dead.bodies).toEqual(["1", "2"]);
    expect(await taken(broker, queue, 2)).toEqual(["3", "4"]);
  });

  test("x-max-length of a queue with priorities drops the head, which is the highest", async () => {
    const queue = await broker.queue({ arguments: { "x-max-length": 2, "x-max-priority": 3 } });
    await broker.publish("", queue, "low", { priority: 0 });
    await broker.publish("", queue, "high", { priority: 3 });
    await broker.publish("", queue, "middle", { priority: 1 });
    expect(await broker.bodies(queue)).toEqual(["middle", "low"]);
  });

  test.each(kinds)("x-overflow of a %s queue is one of three", async (kind) => {
    expect(await refusedDeclare(broker, { "x-queue-type": kind, "x-overflow": "spill" })).toEqual({
      code: 406,
      text: "PRECONDITION_FAILED - invalid arg 'x-overflow' for queue Q in vhost V: invalid_overflow",
    });
  });

  test.each([
    [-1, "{value_negative,-1}"],
    ["5", '"expected integer, got longstr"'],
  ])("x-max-length may not be %j", async (value, reason) => {
    for (const kind of kinds) {
      const given = { "x-queue-type": kind, "x-max-length": value };
      expect(await refusedDeclare(broker, given)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid arg 'x-max-length' for queue Q in vhost V: ${reason}`,
      });
    }
  });

  test.each([
    [-1, "{value_negative,-1}"],
    ["5", '"expected integer, got longstr"'],
  ])("x-max-length-bytes may not be %j", async (value, reason) => {
    for (const kind of kinds) {
      const given = { "x-queue-type": kind, "x-max-length-bytes": value };
      expect(await refusedDeclare(broker, given)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - invalid arg 'x-max-length-bytes' for queue Q in vhost V: ${reason}`,
      });
    }
  });
});
