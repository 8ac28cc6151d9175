/** Class and method of what the tests send and wait for. */
export const methodIds = {
  "connection.start": [10, 10],
  "connection.start-ok": [10, 11],
  "connection.secure": [10, 20],
  "connection.secure-ok": [10, 21],
  "connection.tune": [10, 30],
  "connection.tune-ok": [10, 31],
  "connection.open": [10, 40],
  "connection.open-ok": [10, 41],
  "connection.close": [10, 50],
  "connection.close-ok": [10, 51],
  "connection.blocked": [10, 60],
  "connection.unblocked": [10, 61],
  "connection.update-secret": [10, 70],
  "connection.update-secret-ok": [10, 71],
  "channel.open": [20, 10],
  "channel.open-ok": [20, 11],
  "channel.flow": [20, 20],
  "channel.flow-ok": [20, 21],
  "channel.close": [20, 40],
  "channel.close-ok": [20, 41],
  "exchange.declare": [40, 10],
  "exchange.declare-ok": [40, 11],
  "exchange.delete": [40, 20],
  "exchange.delete-ok": [40, 21],
  "exchange.bind": [40, 30],
  "exchange.bind-ok": [40, 31],
  "queue.declare": [50, 10],
  "queue.declare-ok": [50, 11],
  "queue.bind": [50, 20],
  "queue.bind-ok": [50, 21],
  "queue.purge": [50, 30],
  "queue.purge-ok": [50, 31],
  "queue.delete": [50, 40],
  "queue.delete-ok": [50, 41],
  "queue.unbind": [50, 50],
  "queue.unbind-ok": [50, 51],
  "basic.qos": [60, 10],
  "basic.qos-ok": [60, 11],
  "basic.consume": [60, 20],
  "basic.consume-ok": [60, 21],
  "basic.cancel": [60, 30],
  "basic.cancel-ok": [60, 31],
  "basic.publish": [60, 40],
  "basic.return": [60, 50],
  "basic.deliver": [60, 60],
  "basic.get": [60, 70],
  "basic.get-ok": [60, 71],
  "basic.get-empty": [60, 72],
  "basic.ack": [60, 80],
  "basic.reject": [60, 90],
  "basic.recover-async": [60, 100],
  "basic.recover": [60, 110],
  "basic.recover-ok": [60, 111],
  "basic.nack": [60, 120],
  "confirm.select": [85, 10],
  "confirm.select-ok": [85, 11],
  "tx.select": [90, 10],
  "tx.select-ok": [90, 11],
  "tx.commit": [90, 20],
  "tx.commit-ok": [90, 21],
  "tx.rollback": [90, 30],
  "tx.rollback-ok": [90, 31],
} as const;

export type MethodName = keyof typeof methodIds;

/** A frame of any type around any payload. */
export function frame(type: number, channel: number, payload: Buffer, end = 0xce): Buffer {
  return Buffer.concat([octet(type), short(channel), long(payload.length), payload, octet(end)]);
}

/** The payload of a method frame. */
export function method(name: MethodName | readonly [number, number], ...args: readonly Buffer[]): Buffer {
  const [classId, methodId] = typeof name === "string" ? methodIds[name] : name;
  return Buffer.concat([short(classId), short(methodId), ...args]);
}

const noBytes: Buffer = Buffer.alloc(0);

/** The payload of a content header, without properties unless their flags and bytes are given. */
export function contentHeader(
  bodyBytes: number | bigint,
  { classId = 60, weight = 0, flags = 0, properties = noBytes } = {},
): Buffer {
  return Buffer.concat([
    short(classId),
    short(weight),
    longlong(BigInt(bodyBytes)),
    short(flags),
    properties,
  ]);
}

export function octet(value: number): Buffer {
  return Buffer.from([value]);
}

export function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function long(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function longlong(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function shortstr(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([octet(bytes.length), bytes]);
}

export function longstr(text: string | Buffer): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([long(bytes.length), bytes]);
}

/** Up to eight booleans of neighbouring arguments, the first one lowest. */
export function bits(...values: readonly boolean[]): Buffer {
  return octet(values.reduce((sum, value, place) => sum | (value ? 1 << place : 0), 0));
}

/** A table of values that carry their type octet. */
export function table(fields: Readonly<Record<string, Buffer>>): Buffer {
  return longstr(Buffer.concat(Object.entries(fields).flatMap(([key, value]) => [shortstr(key), value])));
}
