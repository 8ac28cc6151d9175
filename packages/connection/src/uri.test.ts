import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ConfigError } from "@warren/message";
import { describeAddress, isLoopback, parseUri } from "./uri.ts";

const text = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().map((address) => `[${address}]`),
);

describe("parseUri", () => {
  test("gives back every part that was encoded into a URL", () => {
    fc.assert(
      fc.property(
        fc.boolean(),
        text,
        text,
        host,
        fc.integer({ min: 1, max: 65_535 }),
        text,
        (tls, username, password, at, port, vhost) => {
          const uri = `${tls ? "amqps" : "amqp"}://${encode(username)}:${encode(password)}@${at}:${port}/${encode(vhost)}`;
          const parsed = parseUri(uri);
          expect(parsed).toMatchObject({ tls, username, password, port, vhost, query: {} });
          const { hostname } = new URL(`http://${at}`);
          expect(parsed.host.toLowerCase()).toBe(hostname.replace(/^\[|\]$/g, ""));
        },
      ),
    );
  });

  test("throws nothing but a ConfigError that does not repeat its input", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webUrl(),
          text.map((rest) => `amqp://user:canary-secret@${rest}`),
        ),
        (uri) => {
          const error = refusal(uri);
          expect(error === undefined || error instanceof ConfigError).toBe(true);
          expect(inspect(error, { depth: null })).not.toContain("canary-secret");
        },
      ),
    );
  });

  test.each([
    ["amqp://", { host: "localhost", port: 5672, vhost: "/", tls: false, username: undefined }],
    ["amqps://broker", { host: "broker", port: 5671, vhost: "/", tls: true }],
    ["amqp://broker/", { vhost: "/" }],
    ["amqp://broker/%2F", { vhost: "/" }],
    ["amqp://broker/%2E?heartbeat=5", { vhost: "." }],
    ["amqp://broker/..", { vhost: ".." }],
    ["amqp://broker/a%2Fb", { vhost: "a/b" }],
    ["amqp://broker/%00", { vhost: "\0" }],
    ["amqp://user@broker", { username: "user", password: undefined }],
    ["amqp://[::1]:5673/x", { host: "::1", port: 5673, vhost: "x" }],
    [
      "amqp://b?heartbeat=7&connection_timeout=3000&frame_max=16384&channel_max=5",
      { query: { heartbeatSeconds: 7, connectTimeoutMs: 3000, frameMax: 16_384, channelMax: 5 } },
    ],
  ])("reads %s", (uri, expected) => {
    expect(parseUri(uri)).toMatchObject(expected);
  });

  test.each([
    ["http://broker", "begins with amqp:// or amqps://, not with http://"],
    ["broker:5672", "begins with amqp:// or amqps://, and this one with no scheme"],
    ["amqp:broker", "cannot be read"],
    ["amqp://broker:99999", "cannot be read"],
    ["amqp://broker:0", "cannot be read"],
    ["amqp://user:pass/word@broker", "cannot be read"],
    ["amqp://broker/a/b", `a "/" in the vhost is written %2F`],
    ["amqp://broker/%zz", "the vhost in the broker URL is not percent-encoded"],
    ["amqp://broker?heartbeet=5", `has an unknown key "heartbeet". Did you mean "heartbeat"?`],
    ["amqp://broker?foo=5", "there are heartbeat, connection_timeout, frame_max and channel_max"],
    ["amqp://broker?heartbeat=5&heartbeat=6", "heartbeat stands twice"],
    ["amqp://broker?heartbeat=soon", "heartbeat in the broker URL must be a whole number"],
    ["", "cannot be read"],
  ])("refuses %s", (uri, reason) => {
    expect(() => parseUri(uri)).toThrow(expect.objectContaining({ code: "INVALID_URL" }) as Error);
    expect(() => parseUri(uri)).toThrow(reason);
  });
});

test.each(["canary:canary@broker", "http://canary:canary@broker", "amqp://canary:canary@broker?foo=canary"])(
  "what is refused shows no credentials",
  (uri) => {
    expect(refusal(uri)).toMatchObject({ code: "INVALID_URL" });
    expect(String(refusal(uri))).not.toContain("canary");
  },
);

test("an address is described without its credentials", () => {
  expect(describeAddress(parseUri("amqp://user:secret@broker/orders"))).toBe("broker:5672/orders");
  expect(describeAddress(parseUri("amqp://user:secret@[::1]"))).toBe("[::1]:5672");
});

test.each(["localhost", "LOCALHOST", "dev.localhost", "127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])(
  "%s is on this machine",
  (name) => {
    expect(isLoopback(name)).toBe(true);
  },
);

test.each([
  "localhost.example.com",
  "127.0.0.1.example.com",
  "128.0.0.1",
  "broker",
  "::2",
  "notlocalhost",
  "0.0.0.0",
])("%s is not known to be on this machine", (name) => {
  expect(isLoopback(name)).toBe(false);
});

function refusal(uri: string): unknown {
  try {
    parseUri(uri);
    return undefined;
  } catch (error) {
    return error;
  }
}

/** encodeURIComponent leaves these, and WHATWG URL treats a dot segment as a way up. */
function encode(value: string): string {
  return encodeURIComponent(value).replaceAll(/[.'()*!~]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}
