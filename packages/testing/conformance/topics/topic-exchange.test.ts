import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";

const keys = [
  "",
  ".",
  "a",
  "b",
  "a.b",
  "a.b.c",
  "a.c.b",
  "b.a",
  "a.",
  ".a",
  "a..b",
  "a.b.c.d",
  "#",
  "*",
  "A",
] as const;

/** Each pattern with those of the keys that it matches. */
const patterns: readonly (readonly [pattern: string, matches: readonly string[]])[] = [
  ["", [""]],
  ["a", ["a"]],
  ["a.b", ["a.b"]],
  ["*", ["a", "b", "#", "*", "A"]],
  ["*.*", [".", "a.b", "b.a", "a.", ".a"]],
  ["a.*", ["a.b", "a."]],
  ["*.a", ["b.a", ".a"]],
  ["a.*.b", ["a.c.b", "a..b"]],
  ["#", keys],
  ["#.#", keys],
  ["a.#", ["a", "a.b", "a.b.c", "a.c.b", "a.", "a..b", "a.b.c.d"]],
  ["#.b", ["b", "a.b", "a.c.b", "a..b"]],
  ["a.#.b", ["a.b", "a.c.b", "a..b"]],
  ["#.b.#", ["b", "a.b", "a.b.c", "a.c.b", "b.a", "a..b", "a.b.c.d"]],
  ["*.#", keys.filter((key) => key !== "")],
  ["#.*", keys.filter((key) => key !== "")],
  ["*.#.*", keys.filter((key) => key.includes("."))],
  ["*.*.#.*", keys.filter((key) => key.split(".").length > 2)],
  ["a#", []],
  ["a*", []],
  ["#a.b", []],
];

describeBrokers("A topic exchange", (broker) => {
  test.each(patterns)("with the pattern '%s' matches %j", async (pattern, matches) => {
    const exchange = await broker.exchange("topic");
    const queue = await broker.queue();
    await broker.bind(queue, exchange, pattern);
    for (const key of keys) await broker.publish(exchange, key, key);
    expect(await broker.bodies(queue)).toEqual(matches);
  });

  test("forgets a pattern that is unbound and keeps those beside it", async () => {
    const exchange = await broker.exchange("topic");
    const queue = await broker.queue();
    for (const pattern of ["a.#", "a.*", "a.b"]) await broker.bind(queue, exchange, pattern);
    const channel = await broker.channel();
    await channel.unbindQueue(queue, exchange, "a.#");
    for (const key of ["a", "a.b", "a.c", "a.b.c"]) await broker.publish(exchange, key, key);
    expect(await broker.bodies(queue)).toEqual(["a.b", "a.c"]);
  });
});
