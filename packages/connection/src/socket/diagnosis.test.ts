import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { ConnectionError, ErrorCode } from "@warren/message";
import { diagnose, isHopeless } from "./diagnosis.ts";
import { close, FakePeers, methodFrame, openOk, start, tune } from "./fake-peers.test-support.ts";

const peers = new FakePeers();

afterEach(() => peers.close());

function diagnosisOf(
  port: number,
  thrown: Error = new Error("something went wrong"),
  limits: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
): Promise<ConnectionError> {
  return diagnose(thrown, {
    address: { tls: false, host: "127.0.0.1", port, vhost: "orders" },
    login: { mechanism: "PLAIN", response: () => Buffer.from("\0user\0canary-password") },
    tls: {},
    frameMax: 131_072,
    timeoutMs: 300,
    ...limits,
  });
}

/** A peer that hangs up on AMQP; `meet` gets who comes next, to find out whether it speaks TLS. */
function hangingUp(meet: (socket: Socket) => void): Promise<number> {
  let isFirst = true;
  return peers.listen((socket) => {
    if (isFirst) socket.end();
    else meet(socket);
    isFirst = false;
  });
}

describe("what a handshake's failure is called", () => {
  test.each<readonly [string, ErrorCode, RegExp, readonly Buffer[]]>([
    [
      "an unknown vhost",
      "VHOST_NOT_FOUND",
      /no such vhost: 127.0.0.1:\d+\/orders/,
      [start, tune, close(530, "NOT_ALLOWED - vhost orders not found")],
    ],
    [
      "a vhost that the user may not use",
      "VHOST_ACCESS_REFUSED",
      /set_permissions/,
      [start, tune, close(530, "NOT_ALLOWED - access to vhost 'orders' refused for user 'user'")],
    ],
    [
      "a vhost that is down",
      "VHOST_DOWN",
      /is down/,
      [
        start,
        tune,
        close(
          541,
          "INTERNAL_ERROR - access to vhost 'orders' refused for user 'user': vhost 'orders' is down",
        ),
      ],
    ],
    [
      "a limit of connections",
      "CONNECTION_LIMIT",
      /limit \(1\) is reached/,
      [
        start,
        tune,
        close(
          530,
          "NOT_ALLOWED - access to vhost 'orders' refused for user 'user': connection limit (1) is reached",
        ),
      ],
    ],
    [
      "a refused frame size",
      "FRAME_SIZE_REFUSED",
      /change frameMax/,
      [
        start,
        tune,
        close(
          530,
          "NOT_ALLOWED - negotiated frame_max = 131072 is lower than the minimum allowed value (262144)",
        ),
      ],
    ],
    [
      "a refused login",
      "ACCESS_REFUSED",
      /check user and password/,
      [start, close(403, "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.")],
    ],
    [
      "whatever else the broker says",
      "CONNECT_FAILED",
      /320 CONNECTION_FORCED - shutdown/,
      [start, close(320, "CONNECTION_FORCED - shutdown")],
    ],
    ["an attempt that failed for once", "CONNECT_FAILED", /something went wrong/, [start, tune, openOk]],
    ["a peer that says nothing", "HANDSHAKE_TIMEOUT", /says nothing/, []],
    ["a peer that stops answering", "HANDSHAKE_TIMEOUT", /says nothing/, [start]],
    [
      "an HTTP server",
      "PROTOCOL_MISMATCH",
      /an HTTP server answers/,
      [Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ],
    [
      "another version of AMQP",
      "PROTOCOL_MISMATCH",
      /another version of AMQP/,
      [Buffer.from("AMQP\x03\x01\x00\x00", "latin1")],
    ],
    [
      "garbage",
      "PROTOCOL_MISMATCH",
      /no AMQP broker/,
      [Buffer.from("\x01\x00\x00\xff\xff\xff\xff\x00\x00", "latin1")],
    ],
    [
      "a method that is cut short",
      "PROTOCOL_MISMATCH",
      /no AMQP broker/,
      [start, methodFrame(30, Buffer.of(1))],
    ],
    ["a TLS server that alerts", "TLS_REQUIRED", /use amqps:/, [Buffer.of(0x15, 3, 1, 0, 2, 2, 70)]],
  ])("[B14, B28, N12, N13, N18] %s is %s", async (_what, code, sentence, answers) => {
    const error = await diagnosisOf(await peers.answering(answers));
    expect(error.code).toBe(code);
    expect(error.sentence).toMatch(sentence);
    expect(error.message).not.toContain("canary");
  });

  test("a peer that hangs up is CONNECT_FAILED", async () => {
    const error = await diagnosisOf(await peers.listen((socket) => socket.end()));
    expect(error).toMatchObject({
      code: "CONNECT_FAILED",
      sentence: expect.stringContaining("hangs up") as string,
    });
  });

  test("the connection's end ends the question whether a peer speaks TLS", async () => {
    const closing = new AbortController();
    const gone = new Promise<void>((resolve) => {
      void hangingUp((socket) => {
        socket.on("close", () => resolve());
        closing.abort();
      }).then((port) => diagnosisOf(port, undefined, { timeoutMs: 60_000, signal: closing.signal }));
    });
    await expect(gone).resolves.toBeUndefined();
  });

  test.each<readonly [string, ErrorCode]>([
    ["ENOTFOUND", "HOST_NOT_FOUND"],
    ["EAI_AGAIN", "HOST_NOT_FOUND"],
    ["ECONNREFUSED", "CONNECTION_REFUSED"],
    ["EHOSTUNREACH", "CONNECT_FAILED"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "TLS_NAME_MISMATCH"],
    ["CERT_HAS_EXPIRED", "TLS_EXPIRED"],
    ["CERT_NOT_YET_VALID", "TLS_EXPIRED"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "TLS_UNTRUSTED"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "TLS_UNTRUSTED"],
    ["CERT_REVOKED", "TLS_FAILED"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "TLS_NOT_OFFERED"],
    ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", "TLS_CLIENT_CERTIFICATE"],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", "TLS_FAILED"],
  ])("%s is %s, without asking the broker again", async (errno, code) => {
    const thrown = Object.assign(new Error("failed"), { code: errno });
    expect((await diagnosisOf(1, thrown)).code).toBe(code);
  });

  test("a mechanism that the broker does not offer is told with what it takes", async () => {
    const error = await diagnosisOf(1, new Error("SASL mechanism EXTERNAL is not provided by the server"));
    expect(error.code).toBe("MECHANISM_NOT_OFFERED");
    expect(error.sentence).toContain("rabbitmq_auth_mechanism_ssl");
    expect(isHopeless(error)).toBe(true);
  });
});
