import { connect } from "@warren/connection";
import { diagnostics } from "@warren/message";
import { FrameReader, type MethodName } from "@warren/testing";
import { afterEach, expect, test } from "vitest";
import {
  FakePeers,
  openOk,
  start,
  tune,
} from "../../../packages/connection/src/socket/fake-peers.test-support.ts";
import { ResourceSampler } from "../checkers/resource-sampler.ts";
import { recorded, Seen } from "../../guarantees/seen.ts";

const peers = new FakePeers();
afterEach(() => peers.close());

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(7);
  header[0] = type;
  header.writeUInt16BE(1, 1);
  header.writeUInt32BE(payload.length, 3);
  return Buffer.concat([header, payload, Buffer.of(0xce)]);
}

const method = (classId: number, methodId: number, ...fields: Buffer[]): Buffer =>
  frame(1, Buffer.concat([Buffer.of(0, classId, 0, methodId), ...fields]));
const short = (text: string): Buffer => Buffer.concat([Buffer.of(text.length), Buffer.from(text)]);
const long = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
};

const channelOpenOk = method(20, 11, Buffer.alloc(4));
const qosOk = method(60, 11);
const consumeOk = (tag: string): Buffer => method(60, 21, short(tag));
const deliver = (tag: string): Buffer =>
  method(60, 60, short(tag), long(1n), Buffer.of(0), short(""), short("q"));
/** Says how long the body will be, with no properties. */
const contentHeader = (size: bigint): Buffer =>
  frame(2, Buffer.concat([Buffer.of(0, 60, 0, 0), long(size), Buffer.of(0, 0)]));
const body = (bytes: number): Buffer => frame(3, Buffer.alloc(bytes, 1));

const answers: Readonly<Partial<Record<MethodName, Buffer>>> = {
  "connection.start-ok": tune,
  "connection.open": openOk,
  "channel.open": channelOpenOk,
  "basic.qos": qosOk,
};

test.each<readonly [string, (tag: string) => readonly Buffer[]]>([
  ["a negative size of its body", (tag) => [deliver(tag), contentHeader(2n ** 64n - 1n), body(100)]],
  ["more body than was announced", (tag) => [deliver(tag), contentHeader(10n), body(5_000)]],
  ["a body and no header", (tag) => [deliver(tag), body(100)]],
  ["another delivery in the middle of it", (tag) => [deliver(tag), contentHeader(10n), deliver(tag)]],
])(
  "[N18] a delivery with %s costs its channel, reaches no handler and takes no memory",
  async (_what, hostile) => {
    const attacked = new Seen<string>();
    const port = await peers.listen((socket) => {
      const reader = new FrameReader();
      socket.once("data", () => socket.write(start));
      socket.on("data", (bytes: Buffer) => {
        for (const { method: asked } of reader.push(bytes)) {
          const answer = answers[asked!];
          if (answer !== undefined) socket.write(answer);
          if (asked !== "basic.consume") continue;
          const tag = "tag";
          socket.write(Buffer.concat([consumeOk(tag), ...hostile(tag)]));
          attacked.add(tag);
        }
      });
    });
    await using connection = await connect(`amqp://127.0.0.1:${port}`, {
      closeTimeoutMs: 200,
      reconnect: { baseMs: 3_600_000, maxMs: 3_600_000 },
    });
    const delivered = new Seen<Buffer>();
    using closes = recorded<{ error: { code: string } }>(diagnostics.channelClosed);
    using sampler = new ResourceSampler();
    connection.channels.consume({
      queue: "q",
      prefetch: 1,
      delivered: ({ content }) => delivered.add(content),
    });
    const [closed] = await closes.until(1);
    expect(attacked.items).toHaveLength(1);
    expect(closed!.error.code).toMatch(/^(CHANNEL_LOST|BROKER_)/);
    expect(delivered.items).toEqual([]);
    expect(sampler.problems({ bufferBytes: 8_000_000 })).toEqual([]);
  },
);
