import * as v from "valibot";
import { expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import {
  type AnyMessage,
  defineMessage,
  type InputOf,
  type Message,
  type PayloadOf,
} from "./define-message.ts";
import { ConfigError } from "./errors.ts";

const OrderPlaced = defineMessage({
  type: "order.placed",
  exchange: "orders",
  routingKey: "order.placed.{region}",
  schema: z.object({ id: z.string(), region: z.enum(["eu", "us"]), total: z.number() }),
});

/** The wire carries a text and cents; the handler gets a Date and a number. */
const Shipped = defineMessage({
  type: "shipped",
  exchange: "orders",
  routingKey: "shipped.{carrier}",
  schema: v.object({
    at: v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
    carrier: v.optional(v.picklist(["dhl", "ups"]), "dhl"),
  }),
});

test("a message is a frozen value with its routing key's binding pattern", () => {
  expect(OrderPlaced).toMatchObject({
    type: "order.placed",
    exchange: "orders",
    routingKey: "order.placed.{region}",
    routingKeyPattern: "order.placed.*",
    contentType: "application/json",
  });
  expect(OrderPlaced.routingKeyFor({ id: "o-1", region: "eu", total: 1 })).toBe("order.placed.eu");
  expect(Object.isFrozen(OrderPlaced)).toBe(true);
});

test("types: payload, input, exchange and pattern are inferred (zod)", () => {
  expectTypeOf<PayloadOf<typeof OrderPlaced>>().toEqualTypeOf<{
    id: string;
    region: "eu" | "us";
    total: number;
  }>();
  expectTypeOf<InputOf<typeof OrderPlaced>>().toEqualTypeOf<PayloadOf<typeof OrderPlaced>>();
  expectTypeOf(OrderPlaced.type).toEqualTypeOf<"order.placed">();
  expectTypeOf(OrderPlaced.exchange).toEqualTypeOf<"orders">();
  expectTypeOf(OrderPlaced.routingKeyPattern).toEqualTypeOf<"order.placed.*">();
  expectTypeOf(OrderPlaced).toExtend<AnyMessage>();
});

test("types: a schema that transforms has another input than output (valibot)", () => {
  expectTypeOf<InputOf<typeof Shipped>>().toEqualTypeOf<{
    at: string;
    carrier?: "dhl" | "ups" | undefined;
  }>();
  expectTypeOf<PayloadOf<typeof Shipped>>().toEqualTypeOf<{ at: Date; carrier: "dhl" | "ups" }>();
  expectTypeOf<Parameters<(typeof Shipped)["routingKeyFor"]>[0]>().toEqualTypeOf<{
    at: Date;
    carrier: "dhl" | "ups";
  }>();
  expectTypeOf(Shipped).toExtend<AnyMessage>();
});

test("types: a schema that transforms has another input than output (zod)", () => {
  const Counted = defineMessage({
    type: "counted",
    exchange: "",
    routingKey: "counts.{count}",
    schema: z.object({ count: z.string().transform(Number) }),
  });
  expectTypeOf<InputOf<typeof Counted>>().toEqualTypeOf<{ count: string }>();
  expectTypeOf<PayloadOf<typeof Counted>>().toEqualTypeOf<{ count: number }>();
});

test("types: messages of different payloads fit into one list", () => {
  const all: readonly AnyMessage[] = [OrderPlaced, Shipped];
  expect(all.map(({ type }) => type)).toEqual(["order.placed", "shipped"]);
  expectTypeOf<Message>().toExtend<AnyMessage>();
});

test("types: a misspelt placeholder is a compile error that names it", () => {
  const Misspelt = defineMessage({
    type: "order.placed",
    exchange: "orders",
    // @ts-expect-error -- {regoin} is not a property of the payload that a routing key can hold
    routingKey: "order.placed.{regoin}",
    schema: z.object({ region: z.string() }),
  });
  expect(() => Misspelt.routingKeyFor({ region: "eu" })).toThrow("regoin is missing");
  defineMessage({
    type: "order.placed",
    exchange: "orders",
    // @ts-expect-error -- an optional property may be missing from the key
    routingKey: "order.placed.{region}",
    schema: v.object({ region: v.optional(v.string()) }),
  });
});

test("types: a property of one variant only cannot stand in the key of a union", () => {
  const schema = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), a: z.string() }),
    z.object({ kind: z.literal("b"), b: z.string() }),
  ]);
  const Either = defineMessage({ type: "t", exchange: "e", routingKey: "{kind}", schema });
  expect(Either.routingKeyFor({ kind: "b", b: "x" })).toBe("b");
  // @ts-expect-error -- {a} is not a property of every variant
  defineMessage({ type: "t", exchange: "e", routingKey: "{a}", schema });
});

test("everything that is wrong with a definition is said at once", () => {
  const define = () =>
    defineMessage({
      type: "",
      exchange: "é".repeat(128),
      routingKey: "order.{",
      contentType: "",
      shema: 1,
    } as never);
  expect(define).toThrow(ConfigError);
  expect(define).toThrow("[INVALID_MESSAGE] 6 problems:");
  for (const problem of [
    'defineMessage "": unknown property "shema". Did you mean "schema"?',
    "type must be a text of 1 to 255 bytes",
    "exchange must be a text of at most 255 bytes",
    "contentType must be a text of 1 to 255 bytes",
    "schema must be a Standard Schema",
    'routingKey "order.{" has a brace without its partner',
  ])
    expect(define).toThrow(problem);
});

test("a definition that is no object is told so", () => {
  expect(() => defineMessage(undefined as never)).toThrow("[INVALID_MESSAGE] defineMessage takes an object");
});
