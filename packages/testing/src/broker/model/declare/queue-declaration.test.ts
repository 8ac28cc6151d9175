import { expect, test } from "vitest";
import { fieldTable, longstr } from "../../codec/field-values.ts";
import { versionRules } from "../../version.ts";
import type { QueueDeclaration } from "../queue/queue.ts";
import { completeDeclaration } from "./queue-declaration.ts";

const before4 = versionRules["3.10"];
const since4 = versionRules["4.0"];
const asked = (changes: Partial<QueueDeclaration>): QueueDeclaration => ({
  name: "q",
  durable: true,
  exclusive: false,
  autoDelete: false,
  arguments: new Map(),
  ...changes,
});
const ofType = (type: string) => fieldTable({ "x-queue-type": longstr(type) });

test("a queue without a name gets one of 22 characters after amq.gen-, another each time", () => {
  const first = completeDeclaration(asked({ name: "" }), before4).name;
  expect(first).toMatch(/^amq\.gen-[A-Za-z0-9_-]{22}$/);
  expect(completeDeclaration(asked({ name: "" }), before4).name).not.toBe(first);
});

test.each(["quorum", "stream"])("a %s queue has to be named", (type) => {
  expect(() => completeDeclaration(asked({ name: "", arguments: ofType(type) }), before4)).toThrow(
    `PRECONDITION_FAILED - Cannot declare a server-named queue for type rabbit_${type}_queue`,
  );
});

test("a nameless queue of an unknown type is more than RabbitMQ can take", () => {
  expect(() => completeDeclaration(asked({ name: "", arguments: ofType("zz") }), before4)).toThrow(
    "INTERNAL_ERROR",
  );
});

test("names that begin with amq. are reserved, others like it are not", () => {
  expect(() => completeDeclaration(asked({ name: "amq.foo" }), before4)).toThrow(
    "ACCESS_REFUSED - queue name 'amq.foo' contains reserved prefix 'amq.*'",
  );
  expect(completeDeclaration(asked({ name: "amq" }), before4).name).toBe("amq");
});

test("line breaks vanish from a name", () => {
  expect(completeDeclaration(asked({ name: "a\r\nb\n" }), before4).name).toBe("ab");
});

test("an exclusive queue is not durable", () => {
  expect(completeDeclaration(asked({ exclusive: true }), before4).durable).toBe(false);
  expect(completeDeclaration(asked({}), before4).durable).toBe(true);
});

test("4.0 writes the type of a queue down among its arguments, in the order of their names", () => {
  const args = fieldTable({ "x-single-active-consumer": longstr("a"), "x-expires": longstr("b") });
  expect([...completeDeclaration(asked({ arguments: args }), since4).arguments.keys()]).toEqual([
    "x-expires",
    "x-queue-type",
    "x-single-active-consumer",
  ]);
  expect(completeDeclaration(asked({ arguments: args }), before4).arguments).toBe(args);
  const quorum = ofType("quorum");
  expect(completeDeclaration(asked({ arguments: quorum }), since4).arguments).toBe(quorum);
});
