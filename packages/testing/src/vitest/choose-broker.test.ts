import { expect, test } from "vitest";
import { readEnvironment } from "../environment.ts";
import { chooseBroker } from "./choose-broker.ts";
import type { ProvidedBroker } from "./provided-broker.ts";

const nothing = readEnvironment({});
const real: ProvidedBroker = { url: "amqp://localhost", version: "3.10.8", access: undefined };

test("without a global set-up it is an embedded broker, like the RabbitMQ that is asked for", () => {
  expect(chooseBroker(undefined, undefined, nothing)).toEqual({ embedded: "3.10" });
  const four = readEnvironment({ WARREN_RABBITMQ: "4" });
  expect(chooseBroker(undefined, undefined, four)).toEqual({ embedded: "4.0" });
});

test.each([{ WARREN_BROKER: "real" }, { WARREN_REQUIRE_REAL: "1" }, { AMQP_URL: "amqp://localhost" }])(
  "with %j somebody has to look for a real one",
  (variables) => {
    expect(() => chooseBroker(undefined, undefined, readEnvironment(variables))).toThrow("globalSetup");
    expect(() => chooseBroker("real", undefined, nothing)).toThrow("globalSetup");
  },
);

test("a test file that asks for one kind gets it, or is skipped", () => {
  expect(chooseBroker(undefined, real, nothing)).toBe(real);
  expect(chooseBroker("real", real, nothing)).toBe(real);
  expect(chooseBroker("embedded", real, nothing)).toEqual({ embedded: "3.10" });
  expect(chooseBroker("real", { embedded: "3.10" }, nothing)).toEqual({
    missing: "There is only the embedded broker, and these tests need a real one.",
  });
});
