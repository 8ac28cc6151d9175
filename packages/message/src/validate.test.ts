import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineMessage } from "./define-message.ts";
import { DeliveryError, WarrenError } from "./errors.ts";
import { schemaError, validate } from "./validate.ts";

const base = { type: "order", exchange: "orders", routingKey: "order" } as const;
const lines = [{ price: 1 }, { price: "2" }];

test("a valid payload gives the schema's output at once", () => {
  const Order = defineMessage({ ...base, schema: z.object({ at: z.coerce.date() }) });
  expect(validate(Order, { at: "2020-01-01" })).toEqual({ value: { at: new Date("2020-01-01") } });
});

test.each([
  ["zod", z.object({ lines: z.array(z.object({ price: z.number() })) })],
  ["valibot", v.object({ lines: v.array(v.object({ price: v.number() })) })],
])("an issue starts with the path (%s)", (_name, schema) => {
  const Order = defineMessage({ ...base, schema });
  expect(validate(Order, { lines })).toEqual({ issues: [expect.stringMatching(/^lines\[1\]\.price: /)] });
});

test("an issue with the whole payload has no path", () => {
  const Order = defineMessage({ ...base, schema: v.string("a text, please") });
  expect(validate(Order, 1)).toEqual({ issues: ["a text, please"] });
});

test("a promise of another make is waited for, not taken for a success", async () => {
  const issues = [{ message: "no such order" }];
  // oxlint-disable-next-line unicorn/no-thenable -- It is what is tested.
  const later = { then: (resolve: (result: unknown) => void) => resolve({ issues }) } as never;
  const schema = { "~standard": { version: 1, vendor: "test", validate: () => later } } as const;
  const result = validate(defineMessage({ ...base, schema }), "o-1");
  expect(result).toBeInstanceOf(Promise);
  await expect(result).resolves.toEqual({ issues: ["no such order"] });
});

test("an asynchronous schema gives a promise", async () => {
  const schema = z.string().refine(async (id) => id.startsWith("o-"), "must start with o-");
  const Order = defineMessage({ ...base, schema });
  const validation = validate(Order, "x");
  expect(validation).toBeInstanceOf(Promise);
  expect(await validation).toEqual({ issues: ["must start with o-"] });
});

test("the error names the message and its issues, and is a DeliveryError on the way in", () => {
  const Order = defineMessage({ ...base, schema: z.string() });
  const incoming = schemaError("SCHEMA_FAILED", Order, ["id: missing"]);
  expect(incoming).toBeInstanceOf(DeliveryError);
  expect(incoming.message).toBe('[SCHEMA_FAILED] the payload of "order" fails its schema: id: missing');
  expect(incoming.context).toEqual({ type: "order", issues: ["id: missing"] });
  const outgoing = schemaError("PUBLISH_INVALID", Order, ["id: missing"]);
  expect(outgoing).toBeInstanceOf(WarrenError);
  expect(outgoing).not.toBeInstanceOf(DeliveryError);
});

test("a hostile payload cannot make the error long", () => {
  const Order = defineMessage({ ...base, schema: z.strictObject({}) });
  const payload = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`key-${index}`, 1]));
  const { issues } = validate(Order, payload) as { issues: readonly string[] };
  expect(schemaError("SCHEMA_FAILED", Order, issues).message.length).toBeLessThan(500);
  const many = Array.from({ length: 100 }, (_, index) => `issue ${index}`);
  expect(schemaError("SCHEMA_FAILED", Order, many).message).toContain("issue 9 (and 90 more)");
});
