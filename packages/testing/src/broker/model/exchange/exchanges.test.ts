import { describe, expect, test } from "vitest";
import type { FieldValue } from "../../codec/field-table.ts";
import { fieldTable, longstr } from "../../codec/field-values.ts";
import { versionRules, type BrokerVersion } from "../../version.ts";
import { DefaultRouter } from "../routing/default-router.ts";
import type { ExchangeDeclaration } from "./exchange-declaration.ts";
import { Exchanges } from "./exchanges.ts";

const open = (version: BrokerVersion = "3.10"): Exchanges =>
  new Exchanges("/", versionRules[version], new DefaultRouter(new Map()));

const declaration = (changes: Partial<ExchangeDeclaration> = {}): ExchangeDeclaration => ({
  name: "x",
  type: "direct",
  durable: false,
  autoDelete: false,
  internal: false,
  arguments: new Map(),
  ...changes,
});

describe("Exchanges", () => {
  test("begins with the default exchange and RabbitMQ's own", () => {
    expect(Array.from(open(), ({ declaration: { name, type } }) => [name, type])).toEqual([
      ["", "direct"],
      ["amq.direct", "direct"],
      ["amq.fanout", "fanout"],
      ["amq.headers", "headers"],
      ["amq.match", "headers"],
      ["amq.rabbitmq.trace", "topic"],
      ["amq.topic", "topic"],
    ]);
  });

  test("declaring one again changes nothing, declaring it otherwise is refused", () => {
    const exchanges = open();
    exchanges.declare(declaration());
    const first = exchanges.find("x");
    exchanges.declare(declaration());
    expect(exchanges.find("x")).toBe(first);
    expect(() => exchanges.declare(declaration({ type: "fanout" }))).toThrow("inequivalent arg 'type'");
  });

  test("RabbitMQ's own may be declared as they are", () => {
    const exchanges = open();
    const own = { name: "amq.direct", durable: true };
    expect(() => exchanges.declare(declaration(own))).not.toThrow();
    expect(() => exchanges.declare(declaration({ ...own, durable: false }))).toThrow(
      "inequivalent arg 'durable' for exchange 'amq.direct' in vhost '/': received 'false' but current is 'true'",
    );
  });

  test("no other name may begin with amq.", () => {
    expect(() => open().declare(declaration({ name: "amq.foo" }))).toThrow(
      "ACCESS_REFUSED - exchange name 'amq.foo' contains reserved prefix 'amq.*'",
    );
  });

  test.each(["nope", "Direct", "x-consistent-hash"])("there is no type %s", (type) => {
    const text = `unknown exchange type '${type}'`;
    expect(() => open("3.10").declare(declaration({ type }))).toThrow(
      expect.objectContaining({ scope: "connection", replyText: `COMMAND_INVALID - ${text}` }),
    );
    expect(() => open("4.0").declare(declaration({ type }))).toThrow(
      expect.objectContaining({ scope: "channel", replyText: `PRECONDITION_FAILED - ${text}` }),
    );
  });

  test("a type has to be named", () => {
    expect(() => open().declare(declaration({ type: "" }))).toThrow(
      "COMMAND_INVALID - invalid exchange type ''",
    );
  });

  test("an unknown type is told before anything else, also of an exchange that exists", () => {
    const exchanges = open();
    exchanges.declare(declaration());
    for (const name of ["", "x", "amq.foo"]) {
      expect(() => exchanges.declare(declaration({ name, type: "zz" }))).toThrow("unknown exchange type");
    }
  });

  test.each<readonly [string, FieldValue]>([
    ["byte", { type: "int8", value: 5 }],
    ["void", { type: "void" }],
  ])("an alternate exchange of type %s is refused", (type, value) => {
    const args = fieldTable({ "alternate-exchange": value });
    expect(() => open().declare(declaration({ arguments: args }))).toThrow(
      `PRECONDITION_FAILED - invalid type '${type}' for arg 'alternate-exchange' in exchange 'x' in vhost '/'`,
    );
  });

  test("an alternate exchange need not exist", () => {
    const exchanges = open();
    exchanges.declare(declaration({ arguments: fieldTable({ "alternate-exchange": longstr("later") }) }));
    expect(exchanges.find("x")?.alternateName).toBe("later");
  });

  test("the default exchange can neither be declared nor deleted", () => {
    const refusal = "ACCESS_REFUSED - operation not permitted on the default exchange";
    expect(() => open().declare(declaration({ name: "" }))).toThrow(refusal);
    expect(() => open().toDelete("", { ifUnused: false })).toThrow(refusal);
  });

  test("names that begin with amq. cannot be deleted, whether they exist or not", () => {
    for (const name of ["amq.direct", "amq.foo"]) {
      expect(() => open().toDelete(name, { ifUnused: false })).toThrow(
        `ACCESS_REFUSED - deletion of system exchange '${name}' in vhost '/' not allowed`,
      );
    }
  });

  test("one that there is not is found missing by its users, and no error to delete", () => {
    const exchanges = open();
    expect(() => exchanges.require("nope")).toThrow("NOT_FOUND - no exchange 'nope' in vhost '/'");
    expect(exchanges.toDelete("nope", { ifUnused: true })).toBeUndefined();
  });
});
