import { describe, expect, test } from "vitest";
import { fieldTable, longstr } from "../codec/field-values.ts";
import { versionRules, type BrokerVersion } from "../version.ts";
import { UserPermissions } from "./permissions.ts";

/** A name has the rights that are spelt behind its dash. */
function permissions(version: BrokerVersion = "3.10"): UserPermissions {
  const patterns = { configure: "-.*c", write: "-.*w", read: "-.*r" };
  return new UserPermissions({ user: "u", vhost: "/", patterns, rules: versionRules[version] });
}

const queue = (name: string, deadLetterExchange?: string) => ({
  name,
  durable: true,
  exclusive: false,
  autoDelete: false,
  arguments: fieldTable(
    deadLetterExchange === undefined ? {} : { "x-dead-letter-exchange": longstr(deadLetterExchange) },
  ),
});
const exchange = (name: string, alternate?: string, type = "direct") => ({
  name,
  type,
  durable: true,
  autoDelete: false,
  internal: false,
  arguments: fieldTable(alternate === undefined ? {} : { "alternate-exchange": longstr(alternate) }),
});
const binding = (source: string, destination: string, destinationKind: "queue" | "exchange") => ({
  source,
  destination,
  destinationKind,
  routingKey: "",
  arguments: new Map(),
});

describe("UserPermissions", () => {
  test("RabbitMQ 3 names the resource that is refused, 4 the right as well", () => {
    expect(() => permissions("3.10").check("read", "queue", "q-cw")).toThrow(
      "ACCESS_REFUSED - access to queue 'q-cw' in vhost '/' refused for user 'u'",
    );
    expect(() => permissions("4.0").check("read", "queue", "q-cw")).toThrow(
      "ACCESS_REFUSED - read access to queue 'q-cw' in vhost '/' refused for user 'u'",
    );
  });

  test("the default exchange is checked under the name amq.default", () => {
    expect(() => permissions().check("write", "exchange", "")).toThrow(
      "access to exchange 'amq.default' in vhost '/' refused for user 'u'",
    );
    const patterns = { configure: "", write: "^amq\\.default$", read: "" };
    const writer = new UserPermissions({ user: "u", vhost: "/", patterns, rules: versionRules["3.10"] });
    writer.check("write", "exchange", "");
    expect(() => writer.check("write", "queue", "")).toThrow("access to queue '' in vhost '/'");
  });

  test("an empty pattern fits nothing, one without anchors any part of the name", () => {
    const patterns = { configure: "", write: "ord", read: ".*" };
    const user = new UserPermissions({ user: "u", vhost: "/", patterns, rules: versionRules["3.10"] });
    user.check("write", "queue", "my-orders");
    user.check("read", "queue", "");
    expect(() => user.check("configure", "queue", "my-orders")).toThrow("refused");
  });

  test("a new queue with a dead-letter exchange needs read on itself and write there", () => {
    permissions().toDeclareQueue(queue("q-c"), { isNew: true });
    permissions().toDeclareQueue(queue("q-cr", "d-w"), { isNew: true });
    permissions().toDeclareQueue(queue("q-c", "d-"), { isNew: false });
    const declare = (name: string, deadLetterExchange?: string) => () =>
      permissions().toDeclareQueue(queue(name, deadLetterExchange), { isNew: true });
    expect(declare("q-rw")).toThrow("access to queue 'q-rw' in vhost '/'");
    expect(declare("q-cw", "d-w")).toThrow("access to queue 'q-cw' in vhost '/'");
    expect(declare("q-cr", "d-r")).toThrow("access to exchange 'd-r' in vhost '/'");
    expect(declare("q-cr", "")).toThrow("access to exchange 'amq.default' in vhost '/'");
  });

  test("a queue without a name is checked under one that the broker makes", () => {
    const patterns = { configure: "^amq\\.gen-[\\w-]{22}$", write: ".*", read: "^q$" };
    const user = new UserPermissions({ user: "u", vhost: "/", patterns, rules: versionRules["4.0"] });
    user.toDeclareQueue(queue(""), { isNew: true });
    expect(() => user.toDeclareQueue(queue("", "d"), { isNew: true })).toThrow(
      /read access to queue 'amq\.gen-[\w-]{22}' in vhost/,
    );
  });

  test("a new exchange with an alternate exchange needs read on itself and write there", () => {
    permissions().toDeclareExchange(exchange("x-c"), { isNew: true });
    permissions().toDeclareExchange(exchange("x-cr", "a-w"), { isNew: true });
    permissions().toDeclareExchange(exchange("x-c", "a-"), { isNew: false });
    const declare = (name: string, alternate?: string) => () =>
      permissions().toDeclareExchange(exchange(name, alternate), { isNew: true });
    expect(declare("x-rw")).toThrow("access to exchange 'x-rw' in vhost '/'");
    expect(declare("x-cw", "a-w")).toThrow("access to exchange 'x-cw' in vhost '/'");
    expect(declare("x-cr", "a-r")).toThrow("access to exchange 'a-r' in vhost '/'");
  });

  test("what nobody may do is refused before what this user may not", () => {
    expect(() => permissions().toDeclareQueue(queue("amq.x"), { isNew: true })).toThrow("reserved prefix");
    expect(() => permissions().toDeclareExchange(exchange(""), { isNew: false })).toThrow(
      "operation not permitted on the default exchange",
    );
    expect(() => permissions().toDeclareExchange(exchange("x", undefined, "zz"), { isNew: true })).toThrow(
      "COMMAND_INVALID - unknown exchange type 'zz'",
    );
    expect(() => permissions().toDeleteExchange("amq.direct")).toThrow(
      "deletion of system exchange 'amq.direct'",
    );
    expect(() => permissions().toBind(binding("", "q-w", "queue"))).toThrow(
      "operation not permitted on the default exchange",
    );
  });

  test("a binding needs write on its destination and read on its source, asked in this order", () => {
    permissions().toBind(binding("x-r", "q-w", "queue"));
    expect(() => permissions().toBind(binding("x-w", "q-r", "queue"))).toThrow("access to queue 'q-r'");
    expect(() => permissions().toBind(binding("x-w", "y-w", "exchange"))).toThrow("access to exchange 'x-w'");
    expect(() => permissions().toBind(binding("x-r", "", "exchange"))).toThrow(
      "access to exchange 'amq.default'",
    );
  });

  test("deleting an exchange needs configure", () => {
    expect(() => permissions().toDeleteExchange("x-c")).not.toThrow();
    expect(() => permissions().toDeleteExchange("x-rw")).toThrow("access to exchange 'x-rw' in vhost '/'");
  });

  test("line breaks in a name do not count", () => {
    expect(() => permissions().check("read", "queue", "q\n-\rr")).not.toThrow();
    expect(() => permissions().check("read", "queue", "q\n-w")).toThrow("access to queue 'q-w' in vhost");
  });
});
