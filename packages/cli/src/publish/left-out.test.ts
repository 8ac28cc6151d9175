import { expect, test } from "vitest";
import { LeftOut } from "./left-out.ts";

const publishing = { exchange: "", routingKey: "jobs", body: Buffer.from("x") };

test("nothing is told of envelopes that go out as they were", () => {
  const leftOut = new LeftOut();
  leftOut.add({ publishing });
  leftOut.add({ publishing, leftOut: [] });
  expect(leftOut.text()).toBeUndefined();
});

test("headers are told by family, properties that were moved away by their name, queues with their count", () => {
  const leftOut = new LeftOut();
  leftOut.add({ publishing, leftOut: ["x-warren-attempt", "x-warren-user-id", "x-death"], sentBackTo: "a" });
  leftOut.add({ publishing, leftOut: ["x-warren-error-code", "CC"], sentBackTo: "a" });
  for (const sentBackTo of ["b", "c", "d", "e"]) leftOut.add({ publishing, sentBackTo });
  expect(leftOut.text()).toBe(
    "left out of 2 messages what the broker or Warren wrote about a failure: x-warren-*, x-death; " +
      'not sent again: userId, CC; sent to the queue it failed in: "a" (2), "b" (1), "c" (1) and 2 more',
  );
});

test("a CC alone is told too", () => {
  const leftOut = new LeftOut();
  leftOut.add({ publishing, leftOut: ["CC"] });
  expect(leftOut.text()).toBe("left out of 1 message; not sent again: CC");
});
