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

/** Two fixed headers and eleven short strings fit, each with 255 bytes. */
const scratch = Buffer.allocUnsafeSlow(4_096);

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
  const headerAt = encodeMethod(channel, fields);
  const end = encodeHeader(channel, properties, body.length, headerAt);
  if (body.length === 0) write(copyOfScratch(end, 0));
  else if (body.length <= Math.min(copiedBodyBytes, frameMax - frameOverheadBytes)) {
    const bytes = copyOfScratch(end, body.length + frameOverheadBytes);
    const bodyAt = frameHead(bytes, bodyFrame, channel, body.length, end);
    bytes.set(body, bodyAt);
    bytes[bytes.length - 1] = frameEnd;
    write(bytes);
  } else writeBody(channel, body, frameMax, end, write);
}

function copyOfScratch(bytes: number, more: number): Buffer {
  const copy = Buffer.allocUnsafe(bytes + more);
  scratch.copy(copy, 0, 0, bytes);
  return copy;
}

/** A large body is not copied; the end of each frame and the head of the next are one write. */
function writeBody(
  channel: number,
  body: Buffer,
  frameMax: number,
  prefixBytes: number,
  write: (bytes: Buffer) => void,
): void {
  const maxPieceBytes = frameMax - frameOverheadBytes;
  let between = copyOfScratch(prefixBytes, 7);
  let at = prefixBytes;
  for (let from = 0; from < body.length; from += maxPieceBytes) {
    const piece = body.subarray(from, from + maxPieceBytes);
    frameHead(between, bodyFrame, channel, piece.length, at);
    write(between);
    write(piece);
    between = Buffer.allocUnsafe(frameOverheadBytes);
    between[0] = frameEnd;
    at = 1;
  }
  write(between.subarray(0, 1));
}

function encodeMethod(channel: number, { exchange, routingKey, mandatory }: PublishFields): number {
  let at = 7;
  at = scratch.writeUInt32BE(basicPublish, at);
  at = scratch.writeUInt16BE(0, at);
  at = shortString(exchange, at);
  at = shortString(routingKey, at);
  scratch[at++] = mandatory ? mandatoryBit : 0;
  scratch[at++] = frameEnd;
  frameHead(scratch, methodFrame, channel, at - frameOverheadBytes, 0);
  return at;
}

function encodeHeader(
  channel: number,
  properties: PlainProperties,
  bodyBytes: number,
  headerAt: number,
): number {
  let at = scratch.writeUInt32BE(basicClass, headerAt + 7);
  at = scratch.writeUInt32BE(Math.floor(bodyBytes / 2 ** 32), at);
  at = scratch.writeUInt32BE(bodyBytes >>> 0, at);
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
    scratch[at++] = deliveryMode;
  }
  if (priority !== undefined) {
    flags |= 0x0800;
    scratch[at++] = priority;
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
    at = scratch.writeUInt32BE(Math.floor(timestamp / 2 ** 32), at);
    at = scratch.writeUInt32BE(timestamp >>> 0, at);
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
  scratch.writeUInt16BE(flags, flagsAt);
  scratch[at++] = frameEnd;
  frameHead(scratch, headerFrame, channel, at - headerAt - frameOverheadBytes, headerAt);
  return at;
}

function frameHead(into: Buffer, type: number, channel: number, payloadBytes: number, at: number): number {
  into[at] = type;
  into[at + 1] = channel >>> 8;
  into[at + 2] = channel;
  return into.writeUInt32BE(payloadBytes, at + 3);
}

function shortString(text: string, at: number): number {
  const bytes = scratch.write(text, at + 1);
  scratch[at] = bytes;
  return at + 1 + bytes;
}
