import { connect } from "@warren/connection";
import { diagnostics } from "@warren/message";
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
const consumeOk = method(60, 21, short("tag"));
const deliver = method(60, 60, short("tag"), long(1n), Buffer.of(0), short(""), short("q"));
/** Says how long the body will be, with no properties. */
const contentHeader = (size: bigint): Buffer =>
  frame(2, Buffer.concat([Buffer.of(0, 60, 0, 0), long(size), Buffer.of(0, 0)]));
const body = (bytes: number): Buffer => frame(3, Buffer.alloc(bytes, 1));

const id = (classId: number, methodId: number): number => (classId << 16) | methodId;
/** By what the client asks. */
const answers = new Map([
  [id(10, 11), tune],
  [id(10, 40), openOk],
  [id(20, 10), channelOpenOk],
  [id(20, 40), method(20, 41)],
  [id(60, 10), qosOk],
  [id(60, 20), consumeOk],
]);

test.each<readonly [string, readonly Buffer[]]>([
  ["a negative size of its body", [deliver, contentHeader(2n ** 64n - 1n), body(100)]],
  ["more body than was announced", [deliver, contentHeader(10n), body(5_000)]],
  ["a body and no header", [deliver, body(100)]],
  ["another delivery in the middle of it", [deliver, contentHeader(10n), deliver]],
])(
  "[N18] a delivery with %s costs its channel, reaches no handler and takes no memory",
  async (_what, hostile) => {
    const attacked = new Seen<number>();
    const port = await peers.listen((socket) => {
      let pending = Buffer.alloc(0);
      socket.on("data", (bytes: Buffer) => {
        pending = Buffer.concat([pending, bytes]);
        if (pending.toString("latin1", 0, 4) === "AMQP") {
          pending = pending.subarray(8);
          socket.write(start);
        }
        while (pending.length >= 8 && pending.length >= 8 + pending.readUInt32BE(3)) {
          const [asked, type] = [pending.readUInt32BE(7), pending[0]];
          pending = pending.subarray(8 + pending.readUInt32BE(3));
          const answer = type === 1 ? answers.get(asked) : undefined;
          if (answer !== undefined) socket.write(answer);
          if (answer !== consumeOk) continue;
          for (const each of hostile) socket.write(each);
          attacked.add(asked);
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
    expect(closed!.error.code).toMatch(/^(CHANNEL_LOST|BROKER_)/);
    expect(delivered.items).toEqual([]);
    expect(sampler.problems({ bufferBytes: 8_000_000 })).toEqual([]);
  },
);
