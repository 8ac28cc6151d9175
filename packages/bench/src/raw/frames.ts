/** Just enough of AMQP 0-9-1's framing for the handshake, `basic.publish`, `basic.deliver` and acks. */

export const frameType = { method: 1, header: 2, body: 3 } as const;
const frameEnd = 0xce;
const frameHeaderBytes = 7;

/** Class id in the upper half, method id in the lower. */
export const method = {
  connectionStart: 0x000a_000a,
  connectionStartOk: 0x000a_000b,
  connectionTune: 0x000a_001e,
  connectionTuneOk: 0x000a_001f,
  connectionOpen: 0x000a_0028,
  connectionOpenOk: 0x000a_0029,
  connectionClose: 0x000a_0032,
  connectionCloseOk: 0x000a_0033,
  channelOpen: 0x0014_000a,
  channelOpenOk: 0x0014_000b,
  channelClose: 0x0014_0028,
  basicQos: 0x003c_000a,
  basicQosOk: 0x003c_000b,
  basicConsume: 0x003c_0014,
  basicConsumeOk: 0x003c_0015,
  basicPublish: 0x003c_0028,
  basicReturn: 0x003c_0032,
  basicDeliver: 0x003c_003c,
  basicAck: 0x003c_0050,
  basicNack: 0x003c_0078,
  confirmSelect: 0x0055_000a,
  confirmSelectOk: 0x0055_000b,
} as const;

export function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(frameHeaderBytes);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.of(frameEnd)]);
}

export function methodFrame(channel: number, id: number, ...fields: Buffer[]): Buffer {
  return frame(frameType.method, channel, Buffer.concat([uint32(id), ...fields]));
}

export function shortString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

export function longString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function uint64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** Gets one whole frame; the payload is `bytes` from `start` up to `end`, valid during the call only. */
export type OnFrame = (type: number, bytes: Buffer, start: number, end: number) => void;

/** Cuts a stream of chunks into frames. Copies only what one chunk leaves for the next. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  readonly #onFrame: OnFrame;

  constructor(onFrame: OnFrame) {
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let offset = 0;
    while (bytes.length - offset >= frameHeaderBytes) {
      const start = offset + frameHeaderBytes;
      const end = start + bytes.readUInt32BE(offset + 3);
      if (bytes.length <= end) break;
      if (bytes[end] !== frameEnd) throw new Error("lost the frame boundary");
      this.#onFrame(bytes[offset] ?? 0, bytes, start, end);
      offset = end + 1;
    }
    this.#rest = offset === bytes.length ? Buffer.alloc(0) : bytes.subarray(offset);
  }
}
