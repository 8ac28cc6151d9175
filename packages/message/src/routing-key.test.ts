import * as fc from "fast-check";
import { expect, expectTypeOf, test } from "vitest";
import type { WarrenError } from "./errors.ts";
import {
  type PatternOf,
  parseRoutingKey,
  type RoutingKeyOf,
  type RoutingKeyTemplate,
} from "./routing-key.ts";
import { quickestMs } from "./quickest.test-support.ts";

function parsed(template: string): RoutingKeyTemplate {
  const result = parseRoutingKey(template);
  if ("problem" in result) throw new Error(result.problem);
  return result;
}

/** Whether a topic binding matches, by RabbitMQ's definition of `*`. */
function matches(pattern: string, key: string): boolean {
  const wanted = pattern.split(".");
  const words = key.split(".");
  return (
    wanted.length === words.length && wanted.every((word, index) => word === "*" || word === words[index])
  );
}

const word = fc.stringMatching(/^[a-z0-9_-]{1,12}$/);
const part = fc.oneof(
  word.map((literal) => ({ literal })),
  fc.record({
    name: word.filter((name) => !/^\d/.test(name)),
    value: fc.oneof(word, fc.integer(), fc.boolean()),
  }),
);

test("a filled key has the template's words, and the pattern matches it", () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
      const template = parts.map((each) => ("literal" in each ? each.literal : `{${each.name}}`)).join(".");
      const named = parts.filter((each) => "name" in each);
      const payload = Object.fromEntries(named.map(({ name, value }) => [name, value]));
      const { pattern, placeholders, keyFor } = parsed(template);
      const key = keyFor(payload);
      expect(key.split(".")).toEqual(
        parts.map((each) => ("literal" in each ? each.literal : String(payload[each.name]))),
      );
      expect(matches(pattern, key)).toBe(true);
      expect(placeholders).toEqual(named.map(({ name }) => name));
    }),
  );
});

test("whatever the value, a filled key has exactly the template's number of words or is refused", () => {
  const template = parsed("order.{region}.eu");
  const attempt = (region: unknown): string => {
    try {
      return template.keyFor({ region });
    } catch (error) {
      return (error as WarrenError).code;
    }
  };
  fc.assert(
    fc.property(fc.anything(), (region) => {
      const key = attempt(region);
      expect(key === "PUBLISH_INVALID" || matches("order.*.eu", key)).toBe(true);
    }),
  );
});

test.each([
  ["a.b", "a.b"],
  ["", ""],
  ["{a}", "*"],
  ["order.{region}.{kind}", "order.*.*"],
])("the template %j has the pattern %j", (template, pattern) => {
  expect(parsed(template).pattern).toBe(pattern);
});

test.each([
  ["order.{region", "has a brace without its partner"],
  ["order.region}", "has a brace without its partner"],
  ["order.{{region}}", "has a brace without its partner"],
  ["order.{}", "has an empty placeholder {}"],
  ["order.*", 'holds "*" or "#", which only a binding may'],
  ["order.#.{a}", 'holds "*" or "#", which only a binding may'],
  ["order-{region}", "has a placeholder that is not a whole word between dots"],
  ["{region}s", "has a placeholder that is not a whole word between dots"],
  ["{a}{b}", "has a placeholder that is not a whole word between dots"],
  ["é".repeat(128), "is longer than 255 bytes"],
])("the template %j %s", (template, problem) => {
  expect(parseRoutingKey(template)).toEqual({ problem });
});

test.each([
  [{}, "region is missing or no text, finite number or boolean"],
  [null, "region is missing"],
  [{ region: null }, "region is missing"],
  [{ region: { name: "eu" } }, "region is missing"],
  [{ region: NaN }, "region is missing"],
  [{ region: "" }, "region is empty"],
  [{ region: "eu.west" }, 'region holds a "."'],
  [{ region: 1.5 }, 'region holds a "."'],
  [{ region: "é".repeat(128) }, "becomes longer than 255 bytes"],
])("the payload %j is refused: %s", (payload, reason) => {
  expect(() => parsed("{region}").keyFor(payload)).toThrow(reason);
});

test("a name that every object inherits is not taken for a value", () => {
  for (const name of ["constructor", "toString", "__proto__"])
    expect(() => parsed(`{${name}}`).keyFor({})).toThrow("[PUBLISH_INVALID]");
});

test("S22 adversarial templates and values of 100 KB take less than 50 ms", () => {
  for (const template of [
    "{".repeat(100_000),
    "{a".repeat(50_000),
    "{a}.".repeat(25_000),
    "}{".repeat(50_000),
  ]) {
    expect(quickestMs(() => parseRoutingKey(template))).toBeLessThan(50);
  }
  for (const region of ["x".repeat(100_000), ".".repeat(100_000)]) {
    expect(() => parsed("{region}").keyFor({ region })).toThrow("[PUBLISH_INVALID]");
    expect(quickestMs(() => parsed("{region}").keyFor({ region }))).toBeLessThan(50);
  }
});

test("types: the pattern and the check of placeholders", () => {
  interface Payload {
    region: "eu" | "us";
    count: number;
    urgent: boolean;
    note?: string;
    lines: string[];
  }
  expectTypeOf<PatternOf<"a.{b}.c.{d}">>().toEqualTypeOf<"a.*.c.*">();
  expectTypeOf<PatternOf<"a.b">>().toEqualTypeOf<"a.b">();
  expectTypeOf<PatternOf<string>>().toEqualTypeOf<string>();
  expectTypeOf<
    RoutingKeyOf<"{region}.{count}.{urgent}", Payload>
  >().toEqualTypeOf<"{region}.{count}.{urgent}">();
  expectTypeOf<
    RoutingKeyOf<"o.{regoin}", Payload>
  >().toEqualTypeOf<"{regoin} is not a property of the payload that a routing key can hold">();
  expectTypeOf<RoutingKeyOf<"o.{note}", Payload>>().not.toEqualTypeOf<"o.{note}">();
  expectTypeOf<RoutingKeyOf<"o.{lines}", Payload>>().not.toEqualTypeOf<"o.{lines}">();
  expectTypeOf<RoutingKeyOf<string, Payload>>().toEqualTypeOf<string>();
});
