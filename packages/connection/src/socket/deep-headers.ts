const frameHeadBytes = 7;
const frameEndBytes = 1;
const contentHeaderFrame = 2;

/** Where the property flags stand in a content header, behind class, weight and body size. */
const flagsAt = frameHeadBytes + 12;
const contentTypeFlag = 0x8000;
const contentEncodingFlag = 0x4000;
const headersFlag = 0x2000;

/** Levels of the table that takes the place of one that is too deep: one more than anybody is shown. */
const substituteLevels = 33;
const substituteName = "headers";

/** The parts of amqplib's connection that read frames. */
export interface FrameReceiver {
  /** What was received and not read yet; it begins with a frame. */
  rest: Buffer;
  recvFrame(): unknown;
}

/**
 * amqplib decodes header tables by recursion: one that is nested some thousand levels deep, which fits into 35 KB and
 * which brokers pass on, exhausts the stack. The connection would be lost with all that is un-acked on it, made again, and
 * given the same message. Here the table of such a message is replaced by one that can be decoded and is still too deep for
 * a handler, so that the message alone is dead-lettered. The other properties stay as they were.
 */
export function surviveDeepHeaders(receiver: FrameReceiver): void {
  const receive = receiver.recvFrame.bind(receiver);
  receiver.recvFrame = () => {
    const received = receiver.rest;
    try {
      return receive();
    } catch (error) {
      const shallow = isStackOverflow(error) ? withShallowHeaders(received) : undefined;
      if (shallow === undefined) throw error;
      receiver.rest = Buffer.concat([shallow, receiver.rest]);
      return receive();
    }
  };
}

/** What Node's buffers throw when they are read beyond their end is a RangeError, too, and has a code. */
function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && !("code" in error);
}

/** The frame at the beginning of these bytes with another header table; nothing when it is not whole, or has none. */
function withShallowHeaders(received: Buffer): Buffer | undefined {
  if (received.length < flagsAt + 2 || received.readUInt8(0) !== contentHeaderFrame) return undefined;
  const end = frameHeadBytes + received.readUInt32BE(3) + frameEndBytes;
  if (received.length < end) return undefined;
  const flags = received.readUInt16BE(flagsAt);
  if ((flags & headersFlag) === 0) return undefined;
  let at = flagsAt + 2;
  for (const flag of [contentTypeFlag, contentEncodingFlag])
    if ((flags & flag) !== 0) at += 1 + received.readUInt8(at);
  const after = at + 4 + received.readUInt32BE(at);
  const frame = Buffer.concat([received.subarray(0, at), substitute, received.subarray(after, end)]);
  frame.writeUInt32BE(frame.length - frameHeadBytes - frameEndBytes, 3);
  return frame;
}

function nestedTable(levels: number): Buffer {
  if (levels === 0) return Buffer.alloc(4);
  const inner = nestedTable(levels - 1);
  const head = Buffer.alloc(4);
  const entry = Buffer.from(`${String.fromCharCode(substituteName.length)}${substituteName}F`, "latin1");
  head.writeUInt32BE(entry.length + inner.length);
  return Buffer.concat([head, entry, inner]);
}

const substitute = nestedTable(substituteLevels);
