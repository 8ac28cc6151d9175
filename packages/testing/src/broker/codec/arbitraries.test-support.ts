import fc from "fast-check";
import type { FieldTable, FieldValue } from "./field-table.ts";
import { methodTable, type Method, type MethodLayout, type MethodName } from "./method-table.ts";
import type { Properties } from "./properties.ts";

/** Text that fits into 255 bytes of UTF-8. */
export const shortText: fc.Arbitrary<string> = fc
  .string({ unit: "grapheme", maxLength: 40 })
  .filter((text) => Buffer.byteLength(text) <= 255);

export const someBytes: fc.Arbitrary<Buffer> = fc
  .uint8Array({ maxLength: 300 })
  .map((bytes) => Buffer.from(bytes));

const finite = { noNaN: true, noDefaultInfinity: true } as const;

/** Values of all types, several levels deep. */
export const fieldValue: fc.Arbitrary<FieldValue> = fc.letrec<{ value: FieldValue; table: FieldTable }>(
  (tie) => ({
    value: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      // amqplib can write texts only.
      fc.record({ type: fc.constant("longstr" as const), value: shortText.map((text) => Buffer.from(text)) }),
      fc.record({ type: fc.constant("bytes" as const), value: someBytes }),
      fc.record({ type: fc.constant("boolean" as const), value: fc.boolean() }),
      integer("int8", -(2 ** 7), 2 ** 7 - 1),
      integer("uint8", 0, 2 ** 8 - 1),
      integer("int16", -(2 ** 15), 2 ** 15 - 1),
      integer("uint16", 0, 2 ** 16 - 1),
      integer("int32", -(2 ** 31), 2 ** 31 - 1),
      integer("uint32", 0, 2 ** 32 - 1),
      fc.record({ type: fc.constant("int64" as const), value: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n) }),
      fc.record({ type: fc.constant("timestamp" as const), value: fc.bigInt(0n, 2n ** 64n - 1n) }),
      fc.record({ type: fc.constant("float" as const), value: fc.float(finite) }),
      fc.record({ type: fc.constant("double" as const), value: fc.double(finite) }),
      fc.record({
        type: fc.constant("decimal" as const),
        places: fc.nat(255),
        value: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      }),
      fc.constant<FieldValue>({ type: "void" }),
      fc.record({ type: fc.constant("array" as const), value: fc.array(tie("value"), { maxLength: 5 }) }),
      fc.record({ type: fc.constant("table" as const), value: tie("table") }),
    ),
    table: fc.array(fc.tuple(shortText, tie("value")), { maxLength: 6 }).map((entries) => new Map(entries)),
  }),
).value;

export const fieldTable: fc.Arbitrary<FieldTable> = fc
  .array(fc.tuple(fc.oneof(shortText, fc.constantFrom("__proto__", "constructor")), fieldValue), {
    maxLength: 8,
  })
  .map((entries) => new Map(entries));

export const properties: fc.Arbitrary<Properties> = fc.record(
  {
    contentType: shortText,
    contentEncoding: shortText,
    headers: fieldTable,
    deliveryMode: fc.nat(255),
    priority: fc.nat(255),
    correlationId: shortText,
    replyTo: shortText,
    expiration: shortText,
    messageId: shortText,
    // amqplib takes a number.
    timestamp: fc.maxSafeNat().map(BigInt),
    type: shortText,
    userId: shortText,
    appId: shortText,
    clusterId: shortText,
  },
  { requiredKeys: [] },
);

const byWireType: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  bit: fc.boolean(),
  octet: fc.nat(255),
  short: fc.nat(65_535),
  long: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  longlong: fc.maxSafeNat(),
  shortstr: shortText,
  name: shortText,
  "reply text": shortText,
  longstr: someBytes,
  table: fieldTable,
};

export const methodNames: readonly MethodName[] = Object.keys(methodTable) as MethodName[];

/** One method with arguments of all kinds. */
export function methodNamed(name: MethodName): fc.Arbitrary<Method> {
  const layout: MethodLayout = methodTable[name];
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [argument, type] of Object.entries(layout.arguments)) {
    const arbitrary = byWireType[type];
    if (arbitrary !== undefined) model[argument] = arbitrary;
  }
  return fc
    .record(model, { noNullPrototype: true })
    .map((args) => ({ name, arguments: args }) as unknown as Method);
}

export const method: fc.Arbitrary<Method> = fc.constantFrom(...methodNames).chain(methodNamed);

function integer<T extends "int8" | "uint8" | "int16" | "uint16" | "int32" | "uint32">(
  type: T,
  min: number,
  max: number,
): fc.Arbitrary<{ type: T; value: number }> {
  return fc.record({ type: fc.constant(type), value: fc.integer({ min, max }) });
}
