import { builtinModules } from "node:module";
import { describe, expect, test } from "vitest";
import { importProblems, processProblems, tlsProblems } from "./boundaries.ts";
import { files, read, sources } from "./repository.ts";

const production = sources().map((path) => ({ path, text: read(path) }));
const everything = [
  ...files("packages", /\.[cm]?[jt]s$/),
  ...files("examples", /\.[cm]?[jt]s$/),
  ...files("scripts", /\.[cm]?[jt]s$/),
];

test("there is something to check", () => {
  for (const name of ["message", "connection", "publisher", "consumer", "testing", "cli"])
    expect(production.some(({ path }) => path === `packages/${name}/src/index.ts`)).toBe(true);
  expect(builtinModules).toContain("net");
});

test("packages import only what they may", () => {
  expect(production.flatMap(({ path, text }) => importProblems(path, text))).toEqual([]);
});

test("library code neither prints, nor reads the environment, nor ends the process, nor handles signals", () => {
  expect(production.flatMap(({ path, text }) => processProblems(path, text))).toEqual([]);
});

// Unit tests reach no broker; some write the option down to prove that it is refused.
const reachesABroker = everything.filter((path) => !/(?<!\.broker)\.test\.ts$/.test(path));

test("S3 nothing in the repository switches the verification of certificates off", () => {
  expect(reachesABroker.flatMap((path) => tlsProblems(path, read(path)))).toEqual([]);
});

describe("a seeded fault is found:", () => {
  test.each([
    ["packages/message/src/a.ts", 'import { connect } from "@warren/connection";'],
    ["packages/message/src/a.ts", 'import { createServer } from "node:net";'],
    ["packages/message/src/a.ts", 'import type { Channel } from "amqplib";'],
    ["packages/connection/src/a.ts", 'export { x } from "@warren/publisher";'],
    ["packages/publisher/src/a.ts", 'import { on } from "@warren/consumer";'],
    ["packages/consumer/src/a.ts", 'import { createPublisher } from "@warren/publisher";'],
    ["packages/consumer/src/a.ts", 'const amqp = await import("amqplib");'],
    ["packages/publisher/src/a.ts", 'import amqp from "amqp-connection-manager";'],
    ["packages/cli/src/a.ts", 'import amqp from "amqplib/callback_api.js";'],
    ["packages/testing/src/a.ts", 'import { connect } from "@warren/connection";'],
    ["packages/testing/src/broker/a.ts", 'import { topicMatcher } from "@warren/message";'],
    ["packages/testing/src/broker/wire/a.ts", 'import type { Frame } from "../../proxy/frame-reader.ts";'],
    ["packages/testing/src/broker/a.ts", 'import { test } from "vitest";'],
    ["packages/cli/src/a.ts", 'import { startFaultProxy } from "@warren/testing";'],
    ["packages/publisher/src/a.ts", 'import { x } from "../../connection/src/connection.ts";'],
    ["packages/publisher/src/a.ts", 'import { x } from "@warren/connection/src/connection.ts";'],
    ["packages/publisher/src/a.ts", 'import { x } from "./index.ts";'],
    ["packages/publisher/src/deep/a.ts", 'export type { X } from "../index.ts";'],
    ["packages/publisher/src/a.ts", 'import {\n  one,\n  two,\n} from "@warren/consumer";'],
    ["packages/publisher/src/a.ts", 'import "@warren/consumer";'],
    ["packages/publisher/src/a.ts", 'export * from "./publisher.ts";'],
  ])("%s: %s", (path, text) => {
    expect(importProblems(path, text)).toHaveLength(1);
  });

  test.each([
    ["packages/publisher/src/a.ts", 'console.log("x");'],
    ["packages/publisher/src/a.ts", "const url = process.env.AMQP_URL;"],
    ["packages/publisher/src/a.ts", "const { env } = process;"],
    ["packages/publisher/src/a.ts", 'import { env } from "node:process";'],
    ["packages/publisher/src/a.ts", 'import process from "node:process";'],
    ["packages/publisher/src/a.ts", 'import { exit as stop } from "process";'],
    ["packages/connection/src/a.ts", "process.exit(1);"],
    ["packages/connection/src/a.ts", "process.exitCode = 1;"],
    ["packages/connection/src/a.ts", 'process.on("SIGTERM", stop);'],
    ["packages/consumer/src/a.ts", 'process.once("uncaughtException", stop);'],
    ["packages/testing/src/a.ts", "process.env.PATH"],
    ["packages/message/src/a.ts", "eval(text)"],
    ["packages/message/src/a.ts", "new Function(text)"],
  ])("%s: %s", (path, text) => {
    expect(processProblems(path, text)).toHaveLength(1);
  });

  test.each([
    ["packages/connection/src/a.ts", "const tls = { rejectUnauthorized: false };"],
    ["packages/connection/src/a.ts", 'const tls = { "rejectUnauthorized" : !1 };'],
    ["examples/a.ts", 'process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";'],
  ])("%s: %s", (path, text) => {
    expect(tlsProblems(path, text)).toHaveLength(1);
  });

  test.each([
    ["packages/publisher/src/a.ts", '// console.log("x") and process.env in a comment'],
    ["packages/publisher/src/a.ts", '/** ```ts\n * import { on } from "@warren/consumer";\n * ``` */'],
    [
      "packages/publisher/src/a.ts",
      'const key = "log.console.level"; const o = { console: 1 }; type T = typeof process.env;',
    ],
    ["packages/cli/src/a.ts", "process.env.AMQP_URL"],
    ["packages/testing/src/a.ts", 'import { stderr } from "node:process";'],
    ["packages/testing/src/environment.ts", "process.env.AMQP_URL"],
    [
      "packages/testing/src/broker/wire/a.ts",
      'import { createServer } from "node:net"; import "../clock.ts";',
    ],
    ["packages/connection/src/close-on-signals.ts", 'process.once("SIGTERM", close);'],
    ["packages/connection/src/close-on-signals.ts", "process.exit(143);"],
    ["packages/connection/src/a.ts", 'import { connect } from "amqp-connection-manager";'],
  ])("and what is allowed is not: %s: %s", (path, text) => {
    expect([...importProblems(path, text), ...processProblems(path, text)]).toEqual([]);
  });
});
