import { expect, test } from "vitest";
import { readEnvironment } from "./environment.ts";

test("an empty variable counts as unset", () => {
  expect(readEnvironment({ AMQP_URL: "", DATABASE_URL: "" })).toMatchObject({
    amqpUrl: undefined,
    databaseUrl: undefined,
  });
});

test("a real broker is required by WARREN_REQUIRE_REAL=1 and by nothing else", () => {
  expect(readEnvironment({ WARREN_REQUIRE_REAL: "1" }).requireReal).toBe(true);
  expect(readEnvironment({ WARREN_REQUIRE_REAL: "0" }).requireReal).toBe(false);
  expect(readEnvironment({}).requireReal).toBe(false);
});

test("private nodes are of the RabbitMQ that WARREN_RABBITMQ names", () => {
  expect(readEnvironment({}).rabbitMqVersion).toBe("installed");
  expect(readEnvironment({ WARREN_RABBITMQ: "4" }).rabbitMqVersion).toBe("4");
  expect(() => readEnvironment({ WARREN_RABBITMQ: "4.1" })).toThrow(
    'WARREN_RABBITMQ is "4.1"; it must be "installed" or "4".',
  );
});

test("the cache is below XDG_CACHE_HOME", () => {
  expect(readEnvironment({ XDG_CACHE_HOME: "/var/cache/me" }).cacheFolder).toBe("/var/cache/me/warren");
});

test("which kind of broker is said by WARREN_BROKER", () => {
  expect(readEnvironment({}).broker).toBe(undefined);
  expect(readEnvironment({ WARREN_BROKER: "embedded" }).broker).toBe("embedded");
  expect(readEnvironment({ WARREN_BROKER: "real" }).broker).toBe("real");
  expect(() => readEnvironment({ WARREN_BROKER: "docker" })).toThrow(
    'WARREN_BROKER is "docker"; it must be "embedded" or "real".',
  );
  expect(() => readEnvironment({ WARREN_BROKER: "embedded", WARREN_REQUIRE_REAL: "1" })).toThrow(
    "exclude each other",
  );
});
