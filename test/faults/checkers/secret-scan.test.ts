import { expect, test } from "vitest";
import { secretsIn } from "./secret-scan.ts";

const secret = "canary/7+x";

test("K10 finds nothing where there is nothing", () => {
  expect(secretsIn([secret], "amqp://user:***@broker", { url: "amqp://broker" })).toEqual([]);
});

test.each([
  ["a text", `amqp://user:${secret}@broker`],
  ["a URL", "amqp://user:canary%2F7%2Bx@broker"],
  ["base64", Buffer.from(secret).toString("base64")],
  ["bytes", { login: Buffer.from(secret) }],
  ["a nested value", { a: [{ b: new Map([["c", { d: { e: secret } }]]) }] }],
  ["the cause of an error", new Error("failed", { cause: new Error(secret) })],
  ["a property that is not enumerable", Object.defineProperty({}, "hidden", { value: secret })],
])("K10 finds a secret in %s", (_where, value) => {
  expect(secretsIn([secret], "nothing here", value)).toEqual([expect.stringContaining("in value 1")]);
});
