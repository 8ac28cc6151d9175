/** The few methods of class connection (10) that the probe writes and reads. */
export const connectionMethods: Readonly<Record<"start" | "secure" | "tune" | "openOk" | "close", number>> =
  Object.freeze({ start: 10, secure: 20, tune: 30, openOk: 41, close: 50 });

export const protocolHeader: Buffer = Buffer.from("AMQP\0\0\x09\x01", "latin1");

const frameEnd = 0xce;
const frameHeaderBytes = 7;

/** No method of a handshake is longer; more than that is not AMQP. */
const maxHandshakeBytes = 64 * 1024;

export interface HandshakeMethod {
  readonly method: number;
  /** Behind class and method id. */
  readonly fields: Buffer;
  /** Length of the whole frame. */
  readonly bytes: number;
}

/** The method at the head of what was received; `"incomplete"` and `"garbage"` where there is none. */
export function readMethod(received: Buffer): HandshakeMethod | "incomplete" | "garbage" {
  if (received.length > 0 && received[0] !== 1) return "garbage";
  if (received.length < frameHeaderBytes) return "incomplete";
  const size = received.readUInt32BE(3);
  if (received.readUInt16BE(1) !== 0 || size < 4 || size > maxHandshakeBytes) return "garbage";
  const bytes = frameHeaderBytes + size + 1;
  if (received.length < bytes) return "incomplete";
  if (received[bytes - 1] !== frameEnd || received.readUInt16BE(frameHeaderBytes) !== 10) return "garbage";
  return {
    method: received.readUInt16BE(frameHeaderBytes + 2),
    fields: received.subarray(frameHeaderBytes + 4, bytes - 1),
    bytes,
  };
}

/** `authentication_failure_close` makes the broker say why it refuses a login, instead of hanging up. */
export function startOk(mechanism: string, response: Buffer): Buffer {
  const capability = Buffer.concat([
    shortString("authentication_failure_close"),
    Buffer.from("t\x01", "latin1"),
  ]);
  const properties = Buffer.concat([shortString("capabilities"), Buffer.from("F"), long(capability)]);
  return frame(
    11,
    Buffer.concat([long(properties), shortString(mechanism), long(response), shortString("en_US")]),
  );
}

export interface Tuning {
  readonly channelMax: number;
  readonly frameMax: number;
  readonly heartbeatSeconds: number;
}

export function readTune(fields: Buffer): Tuning {
  return {
    channelMax: fields.readUInt16BE(0),
    frameMax: fields.readUInt32BE(2),
    heartbeatSeconds: fields.readUInt16BE(6),
  };
}

export function tuneOk({ channelMax, frameMax, heartbeatSeconds }: Tuning): Buffer {
  const fields = Buffer.alloc(8);
  fields.writeUInt16BE(channelMax, 0);
  fields.writeUInt32BE(frameMax, 2);
  fields.writeUInt16BE(heartbeatSeconds, 6);
  return frame(31, fields);
}

export function open(vhost: string): Buffer {
  return frame(40, Buffer.concat([shortString(vhost), shortString(""), Buffer.of(0)]));
}

export function readClose(fields: Buffer): { readonly replyCode: number; readonly replyText: string } {
  return { replyCode: fields.readUInt16BE(0), replyText: fields.toString("utf8", 3, 3 + fields[2]!) };
}

export function closeOk(): Buffer {
  return frame(51, Buffer.alloc(0));
}

function frame(method: number, fields: Buffer): Buffer {
  const bytes = Buffer.alloc(frameHeaderBytes + 4 + fields.length + 1);
  bytes[0] = 1;
  bytes.writeUInt32BE(4 + fields.length, 3);
  bytes.writeUInt16BE(10, frameHeaderBytes);
  bytes.writeUInt16BE(method, frameHeaderBytes + 2);
  fields.copy(bytes, frameHeaderBytes + 4);
  bytes[bytes.length - 1] = frameEnd;
  return bytes;
}

function shortString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function long(content: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  return Buffer.concat([length, content]);
}
