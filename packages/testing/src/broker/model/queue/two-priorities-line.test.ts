import { describe, expect, test } from "vitest";
import { stageQueue } from "./queue.test-support.ts";

const HIGH = 9;

describe("a quorum queue of 4.0", () => {
  // Each as RabbitMQ 4.0.5 answered.
  test.each([
    ["h0 h1 h2 h3 n0 n1", "h0 h1 h2 h3 n0 n1"],
    ["n0 n1 h0 h1 h2 h3", "h0 h1 n0 h2 h3 n1"],
    ["h0 n0 h1 n1 h2 h3", "h0 h1 n0 h2 h3 n1"],
  ])("gives the oldest its turn after two urgent ones: %s leaves as %s", (published, left) => {
    const { publishWith, drain } = stageQueue({ "x-queue-type": "quorum" }, { version: "4.0" });
    for (const body of published.split(" "))
      publishWith(body.startsWith("h") ? { priority: HIGH } : {}, body);
    expect(drain().join(" ")).toBe(left);
  });

  test("counts turns on from one burst to the next", () => {
    const { publish, publishWith, drain } = stageQueue({ "x-queue-type": "quorum" }, { version: "4.0" });
    publish("n9");
    drain();
    publish("n0", "n1");
    publishWith({ priority: HIGH }, "h0", "h1", "h2", "h3");
    expect(drain()).toEqual(["h0", "n0", "h1", "h2", "n1", "h3"]);
  });

  test("counts turns anew after a purge", () => {
    const { queue, publish, publishWith, drain } = stageQueue(
      { "x-queue-type": "quorum" },
      { version: "4.0" },
    );
    publish("n8", "n9");
    drain();
    queue.purge();
    publish("n0");
    publishWith({ priority: HIGH }, "h0", "h1", "h2");
    expect(drain()).toEqual(["h0", "h1", "n0", "h2"]);
  });

  test("takes priority 4 for normal and 5 for urgent", () => {
    const { publishWith, drain } = stageQueue({ "x-queue-type": "quorum" }, { version: "4.0" });
    publishWith({ priority: 4 }, "four");
    publishWith({ priority: 5 }, "five");
    expect(drain()).toEqual(["five", "four"]);
  });
});

test("a quorum queue of 3.10 knows no priorities", () => {
  const { publish, publishWith, drain } = stageQueue({ "x-queue-type": "quorum" });
  publish("a");
  publishWith({ priority: HIGH }, "b");
  expect(drain()).toEqual(["a", "b"]);
});
