import { describe, expect, test } from "vitest";
import { stageQueue } from "./queue.test-support.ts";

const refusing = { "x-overflow": "reject-publish" };

describe.each(["classic", "quorum"])("a full %s queue", (kind) => {
  test("drops its head", () => {
    const { publish, drain } = stageQueue({ "x-queue-type": kind, "x-max-length": 2 });
    expect(publish("a", "b", "c")).toEqual(["accepted", "accepted", "accepted"]);
    expect(drain()).toEqual(["b", "c"]);
  });

  test("drops as many as the bytes of the newest demand", () => {
    const { publish, drain } = stageQueue({ "x-queue-type": kind, "x-max-length-bytes": 10 });
    publish("aaaa", "bbbb", "cccccccccc");
    expect(drain()).toEqual(["cccccccccc"]);
  });

  test("does not count what consumers hold", () => {
    const { queue, publish } = stageQueue({ "x-queue-type": kind, "x-max-length": 1 });
    publish("a");
    queue.get(false);
    publish("b");
    expect([queue.readyCount, queue.unackedCount]).toEqual([1, 1]);
  });
});

describe("with x-overflow: reject-publish", () => {
  test("a classic queue takes what fits and no more", () => {
    const { queue, publish, drain } = stageQueue({ ...refusing, "x-max-length": 2 });
    expect(publish("a", "b", "c")).toEqual(["accepted", "accepted", "rejected"]);
    queue.get(true);
    expect(publish("d")).toEqual(["accepted"]);
    expect(drain()).toEqual(["b", "d"]);
  });

  test("a classic queue of length 0 refuses all", () => {
    const { publish } = stageQueue({ ...refusing, "x-max-length": 0 });
    expect(publish("a")).toEqual(["rejected"]);
  });

  test("a classic queue keeps what is requeued beyond its limit", () => {
    const { queue, publish, drain } = stageQueue({ ...refusing, "x-max-length": 1 });
    publish("a");
    const held = queue.get(false)!;
    publish("b");
    queue.settle([held], "nack-requeue");
    expect(drain()).toEqual(["a", "b"]);
  });

  // How many a queue of that length holds, and of how many it must be rid before it takes another.
  test.each([
    [0, 1, 1],
    [1, 2, 2],
    [2, 3, 2],
    [5, 6, 2],
    [10, 11, 3],
  ])("a quorum queue of length %i holds %i and reopens after %i have gone", (length, held, gone) => {
    const { queue, publish } = stageQueue({
      "x-queue-type": "quorum",
      ...refusing,
      "x-max-length": length,
    });
    const accepted = publish(...Array.from({ length: 14 }, String)).filter((answer) => answer === "accepted");
    expect(accepted).toHaveLength(held);
    let taken = 0;
    do {
      queue.get(true);
      taken++;
    } while (publish("x")[0] === "rejected");
    expect(taken).toBe(gone);
  });

  test("a quorum queue that went beyond its length stays closed although one was taken", () => {
    const { queue, publish } = stageQueue({
      "x-queue-type": "quorum",
      ...refusing,
      "x-max-length": 1,
    });
    publish("a", "b");
    queue.get(false);
    expect(publish("c")).toEqual(["rejected"]);
  });

  test("a quorum queue that reopened takes messages until it goes beyond its length again", () => {
    const { queue, publish } = stageQueue({
      "x-queue-type": "quorum",
      ...refusing,
      "x-max-length": 2,
    });
    publish("a", "b", "c");
    const held = [queue.get(false)!, queue.get(false)!];
    queue.settle([held[0]!], "nack-requeue");
    expect(publish("d", "e")).toEqual(["accepted", "rejected"]);
  });

  test("reject-publish-dlx refuses, and sends the message to the dead letters", () => {
    const { publish, letters } = stageQueue({
      "x-overflow": "reject-publish-dlx",
      "x-max-length": 0,
      "x-dead-letter-exchange": "dlx",
    });
    expect(publish("a")).toEqual(["rejected"]);
    expect(letters.map(({ message }) => message.body.toString())).toEqual(["a"]);
  });
});

test("after a requeue a classic queue drops its head, a quorum queue of 3.10 what was not out", () => {
  const leftOf = (kind: string): string[] => {
    const { queue, publish, drain } = stageQueue({ "x-queue-type": kind, "x-max-length": 2 });
    publish("a", "b");
    const held = [queue.get(false)!, queue.get(false)!];
    publish("c", "d");
    queue.settle(held, "nack-requeue");
    return drain();
  };
  expect(leftOf("classic")).toEqual(["c", "d"]);
  expect(leftOf("quorum")).toEqual(["a", "b"]);
});

test("what is dropped at once dies in its order, and in a quorum queue in the reverse order", () => {
  const dropped = (kind: string): string[] => {
    const { letters, publish } = stageQueue({
      "x-queue-type": kind,
      "x-max-length-bytes": 6,
      "x-dead-letter-exchange": "dlx",
    });
    publish("aa", "bb", "cc", "dddddd");
    return letters.map(({ message }) => message.body.toString());
  };
  expect(dropped("classic")).toEqual(["aa", "bb", "cc"]);
  expect(dropped("quorum")).toEqual(["cc", "bb", "aa"]);
});

test("what was got from a quorum queue one by one comes back one by one, and is dropped so", () => {
  const { queue, letters, publish } = stageQueue(
    { "x-queue-type": "quorum", "x-max-length": 1, "x-dead-letter-exchange": "dlx" },
    { version: "4.0" },
  );
  const held = ["a", "b", "c"].map((body) => {
    publish(body);
    return queue.get(false)!;
  });
  publish("d");
  queue.settle(held, "nack-requeue");
  expect(letters.map(({ message }) => message.body.toString())).toEqual(["a", "b", "c"]);
});
