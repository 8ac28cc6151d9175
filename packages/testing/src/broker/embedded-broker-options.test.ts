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
  [{ users: null } as unknown as EmbeddedBrokerOptions, "users has nobody who could connect"],
  [
    { users: { ann: "secret" } } as unknown as EmbeddedBrokerOptions,
    'user "ann" must be an object with a password',
  ],
  [
    { users: { ann: {} } } as unknown as EmbeddedBrokerOptions,
    'user "ann" must have a password, which is a text',
  ],
  [
    { users: { ann: { password: "p", vhost: "/" } } } as unknown as EmbeddedBrokerOptions,
    'user "ann" has no option "vhost"',
  ],
  [
    { users: { ann: { password: "p", permissions: { configure: "(", write: ".*", read: ".*" } } } },
    'permissions of user "ann" must have a regular expression for configure',
  ],
  [{ port: "5672" } as unknown as EmbeddedBrokerOptions, 'port "5672" is not between 0 and 65535'],
  [{ host: 5 } as unknown as EmbeddedBrokerOptions, "host 5 is no text"],
  [{ vhosts: "orders" } as unknown as EmbeddedBrokerOptions, "vhosts must be a list of texts"],
  [{ tls: {} } as unknown as EmbeddedBrokerOptions, "tls must have a key and a cert, in PEM"],
  [{ clock: {} } as unknown as EmbeddedBrokerOptions, "clock must be able to tell now() and to schedule()"],
  [{ management: null } as unknown as EmbeddedBrokerOptions, "management must be true, false or { port }"],
  [{ toString: 1 } as unknown as EmbeddedBrokerOptions, 'there is no option "toString"'],
  [{ portt: 1 } as EmbeddedBrokerOptions, 'there is no option "portt"'],
])("%j is refused", (options, text) => {
  expect(() => resolveEmbeddedBrokerOptions(options)).toThrow(new RangeError(`startEmbeddedBroker: ${text}`));
});

test("every problem is named at once", () => {
  expect(() => resolveEmbeddedBrokerOptions({ port: -1, users: {} })).toThrow(
    "startEmbeddedBroker: port -1 is not between 0 and 65535; users has nobody who could connect",
  );
});
