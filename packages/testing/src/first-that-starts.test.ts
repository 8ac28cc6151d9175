import { expect, test } from "vitest";
import { firstThatStarts } from "./first-that-starts.ts";
import { LaunchError } from "./launch-error.ts";

const refuses = (why: string) => () => Promise.reject(new LaunchError(why));

test("the first launcher that can start is taken", async () => {
  const started = await firstThatStarts("RabbitMQ", "AMQP_URL", [
    refuses("not installed"),
    async () => "container",
  ]);
  expect(started).toBe("container");
});

test("when nothing can be started, the message says all that was tried", async () => {
  const nothing = firstThatStarts("RabbitMQ", "AMQP_URL", [refuses("not installed"), refuses("no Docker")]);
  await expect(nothing).rejects.toThrow(
    "There is no RabbitMQ to test against:\n  - AMQP_URL is not set.\n  - not installed\n  - no Docker",
  );
});

test("a bug in a launcher is not taken for a missing server", async () => {
  const bug = firstThatStarts("RabbitMQ", "AMQP_URL", [() => Promise.reject(new TypeError("oops"))]);
  await expect(bug).rejects.toThrow(TypeError);
});
