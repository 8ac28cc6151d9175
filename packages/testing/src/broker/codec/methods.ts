import { AmqpError } from "../amqp-error.ts";
import { compileMethod, type CompiledMethod, type Values } from "./compiled-method.ts";
import { octetList } from "./erlang-octets.ts";
import {
  methodTable,
  type Method,
  type MethodArguments,
  type MethodLayout,
  type MethodName,
} from "./method-table.ts";
import { malformed, WireReader } from "./wire-reader.ts";
import { sharedWriter, type WireWriter } from "./wire-writer.ts";

const layouts: Readonly<Record<MethodName, MethodLayout>> = methodTable;
const names = Object.keys(methodTable) as MethodName[];
const byName: ReadonlyMap<MethodName, CompiledMethod> = new Map(
  names.map((name) => [name, compileMethod(layouts[name])]),
);
const byId: ReadonlyMap<number, [MethodName, CompiledMethod]> = new Map(
  Array.from(byName, ([name, method]) => [method.id, [name, method]]),
);

/** The method in a method frame, by the first four octets of its payload; undefined for one that RabbitMQ does not know. */
export function methodName(payload: Buffer): MethodName | undefined {
  return payload.length < 4 ? undefined : byId.get(payload.readUInt32BE(0))?.[0];
}

/** Whether a content header and a body follow. */
export function carriesContent(name: MethodName): boolean {
  return layouts[name].content === true;
}

/**
 * `payload` is that of a method frame: class id, method id, arguments. Long strings are views of it, those within tables are copied.
 *
 * @throws AmqpError 501 for arguments that are too short, too long or no UTF-8, 502 for a table of too many levels, 540
 * for a method that RabbitMQ does not know. (RabbitMQ closes the socket without a word for that one, and for a table
 * that it cannot read.)
 */
export function decodeMethod(payload: Buffer): Method {
  const known = payload.length < 4 ? undefined : byId.get(payload.readUInt32BE(0));
  if (known === undefined) throw unknownMethod(payload);
  const [name, method] = known;
  const reader = new WireReader(payload, 4);
  const values: Values = {};
  try {
    for (const step of method.read) step(reader, values);
    if (!reader.ended) throw malformed;
  } catch (error) {
    throw error === malformed ? new AmqpError(501, `cannot decode ${octetList(payload.subarray(4))}`) : error;
  }
  return { name, arguments: values } as unknown as Method;
}

/**
 * The payload of a method frame.
 *
 * @throws RangeError where a number does not fit its type, or a text 255 bytes. A reply text is cut instead.
 */
export function encodeMethod<N extends MethodName>(name: N, args: MethodArguments<N>): Buffer {
  const writer = sharedWriter.begin();
  writeMethod(writer, name, args);
  return writer.take();
}

/** As {@link encodeMethod}, behind what `writer` has already. */
export function writeMethod<N extends MethodName>(
  writer: WireWriter,
  name: N,
  args: MethodArguments<N>,
): void {
  const method = byName.get(name)!;
  writer.long(method.id);
  for (const step of method.write) step(writer, args);
}

function unknownMethod(payload: Buffer): AmqpError {
  if (payload.length < 4) return new AmqpError(501, `cannot decode ${octetList(payload)}`);
  return new AmqpError(540, `unknown method ${payload.readUInt16BE(0)}.${payload.readUInt16BE(2)}`);
}
