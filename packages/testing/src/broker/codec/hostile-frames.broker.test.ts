import { connect } from "node:net";
import { expect, test } from "vitest";
import { AmqpError } from "../amqp-error.ts";
import { useBroker } from "../../vitest/use-broker.ts";
import { decodeContentHeader } from "./content-header.ts";
import { fieldTable } from "./field-values.ts";
import { nestedFields } from "./frame-corpus.test-support.ts";
import { FrameReader } from "./frame-reader.ts";
import { encodeFrame, frameTypes, methodFrame, protocolHeader } from "./frames.ts";
import type { Method, MethodArguments } from "./method-table.ts";
import { decodeMethod, encodeMethod } from "./methods.ts";

const broker = useBroker({ broker: "real" });
const maxFrameBytes = 131_072;

type Close = MethodArguments<"connection.close">;
/** How the broker ends the connection; "silence" where it closes the socket without a word. */
type End = Pick<Close, "replyCode" | "replyText"> | "silence" | "accepted";

/** Does the handshake, opens channel 1, sends the bytes and a `basic.qos`, and tells what came of it. */
async function askBroker(hostile: Buffer): Promise<End> {
  const { hostname, port, username, password, pathname } = new URL(broker.url);
  const socket = connect({ host: hostname, port: Number(port) });
  let end: End = "silence";
  const answers: Partial<Record<Method["name"], () => readonly Buffer[]>> = {
    "connection.start": () => [
      methodFrame(0, "connection.start-ok", {
        clientProperties: fieldTable({}),
        mechanism: "PLAIN",
        response: Buffer.from(`\0${username}\0${password}`),
        locale: "en_US",
      }),
    ],
    "connection.tune": () => [
      methodFrame(0, "connection.tune-ok", { channelMax: 2_047, frameMax: maxFrameBytes, heartbeat: 0 }),
      methodFrame(0, "connection.open", { virtualHost: decodeURIComponent(pathname.slice(1)) || "/" }),
    ],
    "connection.open-ok": () => [methodFrame(1, "channel.open", {})],
    "channel.open-ok": () => [
      hostile,
      methodFrame(1, "basic.qos", { prefetchSize: 0, prefetchCount: 1, global: false }),
    ],
  };
  const reader = new FrameReader({
    maxFrameBytes: 0,
    onFrame: (_type, _channel, payload) => {
      const method = decodeMethod(payload);
      for (const frame of answers[method.name]?.() ?? []) socket.write(frame);
      if (method.name === "basic.qos-ok") end = "accepted";
      if (method.name === "connection.close") {
        const { replyCode, replyText } = method.arguments;
        end = { replyCode, replyText };
      }
      if (end !== "silence") socket.destroy();
    },
  });
  socket.on("data", (bytes: Buffer) => reader.push(bytes));
  // RabbitMQ resets where it has not read everything.
  socket.on("error", () => undefined);
  socket.write(protocolHeader);
  await new Promise((resolve) => socket.once("close", resolve));
  return end;
}

function askCodec(hostile: Buffer): End {
  const onFrame = (type: number, _channel: number, payload: Buffer): void => {
    if (type === frameTypes.method) decodeMethod(payload);
    if (type === frameTypes.header) decodeContentHeader(payload);
  };
  try {
    new FrameReader({ maxFrameBytes, onFrame }).push(hostile);
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error;
    return asSent(error);
  }
  return "accepted";
}

/** With its text as long as it may be in a `connection.close`. */
function asSent({ replyCode, replyText }: AmqpError): End {
  const close = decodeMethod(
    encodeMethod("connection.close", { replyCode, replyText, classId: 0, methodId: 0 }),
  );
  return { replyCode, replyText: (close.arguments as Close).replyText };
}

function head(type: number, payloadBytes: number): Buffer {
  const bytes = Buffer.from([type, 0, 1, 0, 0, 0, 0]);
  bytes.writeUInt32BE(payloadBytes, 3);
  return bytes;
}

const qos = encodeMethod("basic.qos", { prefetchSize: 0, prefetchCount: 1, global: false });

/** To an exchange and a queue that are there in every virtual host, or nowhere. */
function publishWith(header: string): Buffer {
  const args = { exchange: "", routingKey: "nowhere", mandatory: false, immediate: false };
  return Buffer.concat([
    methodFrame(1, "basic.publish", args),
    encodeFrame(frameTypes.header, 1, Buffer.from(header, "hex")),
  ]);
}

function declareWith(fields: Buffer): Buffer {
  const start = encodeMethod("queue.declare", {
    queue: "hostile",
    passive: false,
    durable: false,
    exclusive: true,
    autoDelete: true,
    noWait: true,
    arguments: new Map(),
  });
  start.writeUInt32BE(fields.length, start.length - 4);
  return encodeFrame(frameTypes.method, 1, Buffer.concat([start, fields]));
}

test.for<[what: string, hostile: Buffer]>([
  ["a frame of 4 GiB", head(1, 0xffff_ffff)],
  ["a frame one byte too large", head(3, maxFrameBytes + 1)],
  ["an unknown type with a text", encodeFrame(9, 1, Buffer.from('a"b\\c\n'))],
  ["an unknown type with octets", encodeFrame(9, 1, Buffer.from([1, 2, 3]))],
  ["an unknown type with a long text", encodeFrame(9, 1, Buffer.alloc(20, "A"))],
  ["a wrong end octet", Buffer.concat([head(1, 4), Buffer.from([0, 20, 0, 10, 0x41])])],
  ["a heartbeat with a payload", encodeFrame(8, 1, Buffer.of(1))],
  ["a method frame of two octets", encodeFrame(1, 1, Buffer.of(0, 60))],
  ["a method that ends early", encodeFrame(1, 1, qos.subarray(0, 8))],
  ["a method with an octet too many", encodeFrame(1, 1, Buffer.concat([qos, Buffer.of(0)]))],
  ["a method with a long rest", encodeFrame(1, 1, Buffer.concat([qos, Buffer.alloc(300)]))],
  ["a channel.open with a text that is no UTF-8", encodeFrame(1, 2, Buffer.from([0, 20, 0, 10, 1, 255]))],
  ["a table of 32 levels", declareWith(nestedFields("F", 32))],
  ["a table with L", declareWith(Buffer.from("01614c0000000000000001", "hex"))],
  ["a content header of five octets", publishWith("003c000000")],
  ["a content header of another class", publishWith("0032000000000000000000000000")],
  ["a content header with a weight", publishWith("003c000100000000000000000000")],
  ["a content header without flags", publishWith("003c00000000000000000000")],
  ["the two lowest flags", publishWith("003c000000000000000000000003")],
  ["a property that is no UTF-8", publishWith("003c00000000000000000000800001ff")],
  ["properties that end early", publishWith("003c00000000000000000000800009ff")],
  ["octets after the properties", publishWith("003c0000000000000000000000000901")],
  ["headers of an unknown type", publishWith("003c0000000000000000000020000000000301615a")],
  [
    "headers with a double that is no number",
    publishWith("003c0000000000000000000020000000000b0161647ff8000000000000"),
  ],
])("%s gets the same answer from RabbitMQ and from the codec", async ([, hostile]) => {
  expect(askCodec(hostile)).toEqual(await askBroker(hostile));
});

test.for<[what: string, hostile: Buffer, replyCode: number]>([
  ["an unknown method", encodeFrame(1, 1, Buffer.from([0, 60, 1, 244])), 540],
  ["a table of an unknown type", declareWith(Buffer.from("01615a", "hex")), 501],
])("%s ends in silence on RabbitMQ, while the codec gives a reason", async ([, hostile, replyCode]) => {
  await expect(askBroker(hostile)).resolves.toBe("silence");
  expect(askCodec(hostile)).toMatchObject({ replyCode });
});

test("a table of 33 levels is accepted by RabbitMQ and refused by the codec, whose stack has an end", async () => {
  const hostile = declareWith(nestedFields("F", 33));
  await expect(askBroker(hostile)).resolves.toBe("accepted");
  expect(askCodec(hostile)).toMatchObject({ replyCode: 502 });
});
