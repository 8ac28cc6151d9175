import { expect, test } from "vitest";
import { resolveEmbeddedBrokerOptions, type EmbeddedBrokerOptions } from "./embedded-broker-options.ts";

test("what is not given is as RabbitMQ has it", () => {
  expect(resolveEmbeddedBrokerOptions({})).toMatchObject({
    version: "3.10",
    host: "127.0.0.1",
    heartbeatSeconds: 60,
    frameMaxBytes: 131_072,
    channelMax: 2_047,
  });
});

test.each<[EmbeddedBrokerOptions, string]>([
  [{ version: "3.9" as "3.10" }, "version 3.9 is none of 3.10, 4.0"],
  [{ port: 70_000 }, "port 70000 is not between 0 and 65535"],
  [{ heartbeatSeconds: -1 }, "heartbeatSeconds -1 is not between 0 and 65535"],
  [{ channelMax: 1.5 }, "channelMax 1.5 is not between 0 and 65535"],
  [
    { frameMaxBytes: 4_095 },
    "frameMaxBytes 4095 is neither 0, for no limit, nor between 4096 and 2147483648",
  ],
  [{ users: {} }, "users has nobody who could connect"],
  [{ portt: 1 } as EmbeddedBrokerOptions, 'there is no option "portt"'],
])("%j is refused", (options, text) => {
  expect(() => resolveEmbeddedBrokerOptions(options)).toThrow(new RangeError(`startEmbeddedBroker: ${text}`));
});

test("every problem is named at once", () => {
  expect(() => resolveEmbeddedBrokerOptions({ port: -1, users: {} })).toThrow(
    "startEmbeddedBroker: port -1 is not between 0 and 65535; users has nobody who could connect",
  );
});
