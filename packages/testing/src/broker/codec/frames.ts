import type { MethodArguments, MethodName } from "./method-table.ts";
import { writeMethod } from "./methods.ts";
import { sharedWriter } from "./wire-writer.ts";

/** The first octet of a frame. */
export const frameTypes = { method: 1, header: 2, body: 3, heartbeat: 8 } as const;

/** Type, channel and length before the payload. */
export const frameHeaderBytes = 7;
/** The octet after the payload. */
export const frameEnd = 0xce;
const overheadBytes = frameHeaderBytes + 1;

/** What either side may send before they have agreed on a larger frame. */
export const minFrameBytes = 4_096;

/** Bodies up to here are copied behind their header: one small write is cheaper than four. */
const copiedBodyBytes = 4_096;

/** What a client sends first, and what a broker answers to any other beginning before it closes the socket. */
export const protocolHeader: Buffer = Buffer.from("AMQP\0\0\u0009\u0001", "latin1");

export const heartbeatFrame: Buffer = encodeFrame(frameTypes.heartbeat, 0, Buffer.alloc(0));

export function encodeFrame(type: number, channel: number, payload: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(overheadBytes + payload.length);
  putFrame(frame, 0, type, channel, payload);
  return frame;
}

/** A whole method frame. @throws RangeError as `encodeMethod` does. */
export function methodFrame<N extends MethodName>(
  channel: number,
  name: N,
  args: MethodArguments<N>,
): Buffer {
  const writer = sharedWriter.begin();
  writer.octet(frameTypes.method);
  writer.short(channel);
  const length = writer.skipLong();
  writeMethod(writer, name, args);
  writer.patchLong(length, writer.length - frameHeaderBytes);
  writer.octet(frameEnd);
  return writer.take();
}

/**
 * The frames of a content, to be written one after another: `header` is the payload of the content header frame. A large
 * body is not copied: what is returned has views of it, one for each `frameMaxBytes` (0: in one piece).
 */
export function contentFrames(
  channel: number,
  header: Buffer,
  body: Buffer,
  frameMaxBytes: number,
): Buffer[] {
  const most = frameMaxBytes === 0 ? Infinity : frameMaxBytes - overheadBytes;
  const headerFrameBytes = overheadBytes + header.length;
  if (body.length <= copiedBodyBytes && body.length <= most) {
    const bodyFrameBytes = body.length === 0 ? 0 : overheadBytes + body.length;
    const frames = Buffer.allocUnsafe(headerFrameBytes + bodyFrameBytes);
    const end = putFrame(frames, 0, frameTypes.header, channel, header);
    if (body.length > 0) putFrame(frames, end, frameTypes.body, channel, body);
    return [frames];
  }
  let before = Buffer.allocUnsafe(headerFrameBytes + frameHeaderBytes);
  let at = putFrame(before, 0, frameTypes.header, channel, header);
  const frames: Buffer[] = [];
  for (let start = 0; start < body.length; start += most) {
    const end = Math.min(start + most, body.length);
    putHead(before, at, frameTypes.body, channel, end - start);
    frames.push(before, body.subarray(start, end));
    before = Buffer.allocUnsafe(end < body.length ? overheadBytes : 1);
    before[0] = frameEnd;
    at = 1;
  }
  frames.push(before);
  return frames;
}

function putFrame(frame: Buffer, at: number, type: number, channel: number, payload: Buffer): number {
  const start = putHead(frame, at, type, channel, payload.length);
  payload.copy(frame, start);
  frame[start + payload.length] = frameEnd;
  return start + payload.length + 1;
}

function putHead(frame: Buffer, at: number, type: number, channel: number, payloadBytes: number): number {
  frame[at] = type;
  frame.writeUInt16BE(channel, at + 1);
  frame.writeUInt32BE(payloadBytes, at + 3);
  return at + frameHeaderBytes;
}
