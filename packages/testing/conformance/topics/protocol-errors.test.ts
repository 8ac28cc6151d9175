import { describe, expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import { bits, contentHeader, frame, long, method, octet, short, shortstr } from "../harness/frames.ts";
import type { RawClient } from "../harness/raw-client.ts";
import { refused } from "../harness/refused.ts";

const qos = method("basic.qos", long(0), short(1), bits(false));
const none: Buffer = Buffer.alloc(0);
const publish = (flags = bits(false)): Buffer =>
  frame(1, 1, method("basic.publish", short(0), shortstr("amq.fanout"), shortstr("key"), flags));

/** What goes wrong, the bytes of it, and how RabbitMQ closes the connection. */
const errors: readonly (readonly [what: string, bytes: readonly Buffer[], code: number, text: string])[] = [
  [
    "a frame with a wrong end",
    [frame(1, 1, qos, 0)],
    501,
    "FRAME_ERROR - type 1, all octets = <<0,60,0,10,0,0,0,0,0,1,0>>: {invalid_frame_end_marker,0}",
  ],
  [
    "a frame of an unknown type",
    [frame(4, 1, octet(0))],
    501,
    "FRAME_ERROR - type 4, all octets = <<0>>: unknown_frame",
  ],
  [
    "a method frame too short for a method",
    [frame(1, 1, Buffer.alloc(2))],
    501,
    "FRAME_ERROR - type 1, all octets = <<0,0>>: unknown_frame",
  ],
  ["a heartbeat on a channel", [frame(8, 1, none)], 505, "UNEXPECTED_FRAME - type 8, all octets = <<>>"],
  [
    "a heartbeat with a payload",
    [frame(8, 0, octet(0))],
    501,
    "FRAME_ERROR - type 8, all octets = <<0>>: unknown_frame",
  ],
  [
    "arguments that end too early",
    [frame(1, 1, method("queue.declare", short(0), octet(200)))],
    501,
    "FRAME_ERROR - cannot decode <<0,0,200>>",
  ],
  [
    "arguments with something behind them",
    [frame(1, 1, Buffer.concat([qos, octet(1)]))],
    501,
    "FRAME_ERROR - cannot decode <<0,0,0,0,0,1,0,1>>",
  ],
  [
    "a content header out of the blue",
    [frame(2, 1, contentHeader(1))],
    505,
    "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
  ],
  [
    "a body out of the blue",
    [frame(3, 1, octet(1))],
    505,
    "UNEXPECTED_FRAME - expected method frame, got non method frame instead",
  ],
  [
    "a method where a content header is due",
    [publish(), frame(1, 1, qos)],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
  ],
  [
    "a body where a content header is due",
    [publish(), frame(3, 1, octet(1))],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
  ],
  [
    "a content header of another class",
    [publish(), frame(2, 1, contentHeader(1, { classId: 50 }))],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got one for class 50 instead",
  ],
  [
    "a content header with a weight",
    [publish(), frame(2, 1, contentHeader(0, { weight: 1 }))],
    505,
    "UNEXPECTED_FRAME - expected content header for class 60, got non content header frame instead",
  ],
  [
    "a method where a body is due",
    [publish(), frame(2, 1, contentHeader(5)), frame(1, 1, qos)],
    505,
    "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
  ],
  [
    "a second content header",
    [publish(), frame(2, 1, contentHeader(5)), frame(2, 1, contentHeader(5))],
    505,
    "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
  ],
  [
    "a body longer than announced, once something else follows",
    [publish(), frame(2, 1, contentHeader(2)), frame(3, 1, Buffer.from("longer")), frame(1, 1, qos)],
    505,
    "UNEXPECTED_FRAME - expected content body, got non content body frame instead",
  ],
  [
    "properties that end too early",
    [publish(), frame(2, 1, contentHeader(0, { flags: 0x8000, properties: octet(200) }))],
    541,
    "INTERNAL_ERROR",
  ],
  [
    "headers with a value of an unknown type",
    [
      publish(),
      frame(
        2,
        1,
        contentHeader(0, {
          flags: 0x2000,
          properties: Buffer.concat([long(3), shortstr("a"), Buffer.from("Z")]),
        }),
      ),
    ],
    541,
    "INTERNAL_ERROR",
  ],
  [
    "the flag immediate",
    [publish(bits(false, true)), frame(2, 1, contentHeader(0))],
    540,
    "NOT_IMPLEMENTED - immediate=true",
  ],
  [
    "a prefetch in bytes",
    [frame(1, 1, method("basic.qos", long(10), short(1), bits(false)))],
    540,
    "NOT_IMPLEMENTED - prefetch_size!=0 (10)",
  ],
  [
    "a recover without requeue",
    [frame(1, 1, method("basic.recover", bits(false)))],
    540,
    "NOT_IMPLEMENTED - requeue=false",
  ],
];

/** What RabbitMQ has no words for; a broker that has some may say them. */
const speechless: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["an unknown class", frame(1, 1, method([99, 1]))],
  ["an unknown method", frame(1, 1, method([50, 99]))],
  [
    "a table with a value of an unknown type",
    frame(
      1,
      1,
      method("queue.declare", short(0), shortstr("q"), bits(), long(3), shortstr("a"), Buffer.from("Z")),
    ),
  ],
];

describeBrokers("The broker", (broker) => {
  const opened = async (): Promise<RawClient> => {
    const raw = await broker.raw();
    await raw.openChannel(1);
    return raw;
  };

  describe("closes the connection over", () => {
    test.each(errors)("%s", async (_what, bytes, code, text) => {
      const raw = await opened();
      raw.write(...bytes);
      expect(await raw.refusal()).toMatchObject({ scope: "connection", channel: 0, code, text });
    });

    test("a frame that is larger than negotiated, of which it reads nothing", async () => {
      const raw = await opened();
      raw.write(publish(), frame(2, 1, contentHeader(131_072)), frame(3, 1, Buffer.alloc(131_072)));
      expect((await raw.call(1, "channel.flow", bits(true))).name).toBe("channel.flow-ok");
      raw.write(octet(3), short(1), long(131_073));
      expect(await raw.refusal()).toMatchObject({
        scope: "connection",
        code: 501,
        text: "FRAME_ERROR - type 3, all octets = <<>>: {frame_too_large,131073,131064}",
      });
    });
  });

  test.each(speechless)("ends the connection over %s, with or without a word", async (_what, bytes) => {
    const raw = await opened();
    raw.write(bytes);
    const next = await raw.nextOrEnd();
    if (next !== undefined) {
      expect(next.name).toBe("connection.close");
      raw.send(0, "connection.close-ok");
    }
    expect(await raw.ended()).toEqual(none);
  });

  test("takes frames torn at any byte", async () => {
    const raw = await opened();
    const whole = Buffer.concat([
      publish(bits(true)),
      frame(2, 1, contentHeader(5)),
      frame(3, 1, Buffer.from("he")),
      frame(3, 1, Buffer.from("llo")),
    ]);
    for (const byte of whole) raw.write(octet(byte));
    expect((await raw.next()).name).toBe("basic.return");
    await raw.next();
    expect((await raw.next()).payload.toString()).toBe("hello");
  });

  test("takes an empty body frame beside the others", async () => {
    const queue = await broker.queue();
    const raw = await opened();
    const toQueue = method("basic.publish", short(0), shortstr(""), shortstr(queue), bits(false));
    raw.write(
      frame(1, 1, toQueue),
      frame(2, 1, contentHeader(2)),
      frame(3, 1, none),
      frame(3, 1, Buffer.from("ok")),
    );
    expect((await raw.call(1, "channel.flow", bits(true))).name).toBe("channel.flow-ok");
    expect(await broker.bodies(queue)).toEqual(["ok"]);
  });

  test("closes the channel over a message of more than 16 MiB since 4.0", async () => {
    const body = Buffer.alloc(16_777_217);
    const queue = await broker.queue();
    const channel = await broker.confirmChannel();
    const send = (bytes: Buffer) =>
      new Promise<unknown>((resolve) => {
        channel.sendToQueue(queue, bytes, {}, resolve);
      });
    expect(await send(body.subarray(1))).toBeNull();
    if (broker.version === "3.10") expect(await send(body)).toBeNull();
    else
      expect(await refused(channel, () => send(body))).toEqual({
        code: 406,
        text: "PRECONDITION_FAILED - message size 16777217 is larger than configured max size 16777216",
      });
    expect(await broker.depth(queue)).toBe(broker.byVersion({ "3.10": 2, "4.0": 1 }));
  });
});
