import { methodIds, type MethodName } from "./frames.ts";

/** A frame as it came. */
export interface RawFrame {
  /** 1 method, 2 header, 3 body, 8 heartbeat. */
  readonly type: number;
  readonly channel: number;
  readonly payload: Buffer;
  /** Of a method; empty for other frames. */
  readonly name: MethodName | "";
}

const names = new Map(Object.entries(methodIds).map(([name, ids]) => [ids.join("."), name as MethodName]));

/** The first whole frame of the bytes, and what follows it. */
export function readFrame(bytes: Buffer): { readonly frame: RawFrame; readonly rest: Buffer } | undefined {
  if (bytes.length < 8) return undefined;
  const size = bytes.readUInt32BE(3);
  if (bytes.length < size + 8) return undefined;
  if (bytes.toString("latin1", 0, 4) === "AMQP") return undefined;
  const type = bytes.readUInt8(0);
  const payload = bytes.subarray(7, 7 + size);
  const ids = type === 1 ? `${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}` : "";
  return {
    frame: { type, channel: bytes.readUInt16BE(1), payload, name: names.get(ids) ?? "" },
    rest: bytes.subarray(size + 8),
  };
}
