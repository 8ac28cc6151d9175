import type { WireProperties } from "./wire-properties.ts";

/** What `basic.publish` itself says. */
export interface PublishFields {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
}

/** amqplib encodes tables; everything else is encoded here. */
export type PlainProperties = Omit<WireProperties, "headers">;

const methodFrame = 1;
const headerFrame = 2;
const bodyFrame = 3;
const frameEnd = 0xce;
const frameOverheadBytes = 8;
const basicPublish = 0x003c_0028;
const basicClass = 0x003c_0000;
const mandatoryBit = 1;

/** Smaller bodies are copied behind their headers: one buffer is cheaper than three. */
const copiedBodyBytes = 16_384;

/** Two fixed headers and eleven short strings of 255 bytes need less. */
const maxPrefixBytes = 4_096;

/** Frames are written side by side into one block, which lives until the last of them is sent. */
const slabBytes = 65_536;
let slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
let used = 0;

/**
 * Writes one publish as its frames: method, content header, body in pieces that fit `frameMax`. amqplib does the same
 * with three zeroed buffers, two big integers and two copies of the body, for more than twice the price; every text
 * must be known to have at most 255 bytes.
 */
export function encodePublish(
  channel: number,
  fields: PublishFields,
  properties: PlainProperties,
  body: Buffer,
  frameMax: number,
  write: (bytes: Buffer) => void,
): void {
  const copied = body.length <= Math.min(copiedBodyBytes, frameMax - frameOverheadBytes) ? body.length : 0;
  const from = room(maxPrefixBytes + copied + frameOverheadBytes);
  let at = encodeHeader(channel, properties, body.length, encodeMethod(channel, fields, from));
  if (copied > 0) {
    at = frameHead(bodyFrame, channel, copied, at);
    slab.set(body, at);
    at += copied;
    slab[at++] = frameEnd;
  }
  used = at;
  write(slab.subarray(from, at));
  if (copied < body.length) writePieces(channel, body, frameMax, write);
}

/** Where in the block there is room for so much. */
function room(bytes: number): number {
  if (used + bytes > slab.length) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  return used;
}

/** A large body is not copied; the end of each frame and the head of the next are one write. */
function writePieces(channel: number, body: Buffer, frameMax: number, write: (bytes: Buffer) => void): void {
  const maxPieceBytes = frameMax - frameOverheadBytes;
  for (let from = 0; from < body.length; from += maxPieceBytes) {
    const piece = body.subarray(from, from + maxPieceBytes);
    const start = room(frameOverheadBytes);
    if (from > 0) slab[used++] = frameEnd;
    used = frameHead(bodyFrame, channel, piece.length, used);
    write(slab.subarray(start, used));
    write(piece);
  }
  const end = room(1);
  slab[used++] = frameEnd;
  write(slab.subarray(end, used));
}

function encodeMethod(
  channel: number,
  { exchange, routingKey, mandatory }: PublishFields,
  from: number,
): number {
  let at = from + 7;
  at = slab.writeUInt32BE(basicPublish, at);
  at = slab.writeUInt16BE(0, at);
  at = shortString(exchange, at);
  at = shortString(routingKey, at);
  slab[at++] = mandatory ? mandatoryBit : 0;
  slab[at++] = frameEnd;
  frameHead(methodFrame, channel, at - from - frameOverheadBytes, from);
  return at;
}

function encodeHeader(
  channel: number,
  properties: PlainProperties,
  bodyBytes: number,
  headerAt: number,
): number {
  let at = slab.writeUInt32BE(basicClass, headerAt + 7);
  at = slab.writeUInt32BE(Math.floor(bodyBytes / 2 ** 32), at);
  at = slab.writeUInt32BE(bodyBytes >>> 0, at);
  const flagsAt = at;
  at += 2;
  let flags = 0;
  const { contentType, contentEncoding, deliveryMode, priority, correlationId, replyTo } = properties;
  const { expiration, messageId, timestamp, type, userId, appId } = properties;
  // The order of the flags is the order on the wire.
  if (contentType !== undefined) {
    flags |= 0x8000;
    at = shortString(contentType, at);
  }
  if (contentEncoding !== undefined) {
    flags |= 0x4000;
    at = shortString(contentEncoding, at);
  }
  if (deliveryMode !== undefined) {
    flags |= 0x1000;
    slab[at++] = deliveryMode;
  }
  if (priority !== undefined) {
    flags |= 0x0800;
    slab[at++] = priority;
  }
  if (correlationId !== undefined) {
    flags |= 0x0400;
    at = shortString(correlationId, at);
  }
  if (replyTo !== undefined) {
    flags |= 0x0200;
    at = shortString(replyTo, at);
  }
  if (expiration !== undefined) {
    flags |= 0x0100;
    at = shortString(expiration, at);
  }
  if (messageId !== undefined) {
    flags |= 0x0080;
    at = shortString(messageId, at);
  }
  if (timestamp !== undefined) {
    flags |= 0x0040;
    at = slab.writeUInt32BE(Math.floor(timestamp / 2 ** 32), at);
    at = slab.writeUInt32BE(timestamp >>> 0, at);
  }
  if (type !== undefined) {
    flags |= 0x0020;
    at = shortString(type, at);
  }
  if (userId !== undefined) {
    flags |= 0x0010;
    at = shortString(userId, at);
  }
  if (appId !== undefined) {
    flags |= 0x0008;
    at = shortString(appId, at);
  }
  slab.writeUInt16BE(flags, flagsAt);
  slab[at++] = frameEnd;
  frameHead(headerFrame, channel, at - headerAt - frameOverheadBytes, headerAt);
  return at;
}

function frameHead(type: number, channel: number, payloadBytes: number, at: number): number {
  slab[at] = type;
  slab[at + 1] = channel >>> 8;
  slab[at + 2] = channel;
  return slab.writeUInt32BE(payloadBytes, at + 3);
}

function shortString(text: string, at: number): number {
  const bytes = slab.write(text, at + 1);
  slab[at] = bytes;
  return at + 1 + bytes;
}
