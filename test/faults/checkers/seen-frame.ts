import type { Direction, MethodFields, MethodName, SeenFrame } from "@warren/testing";

/** A frame as a tap would have seen it, to show a checker a broken run. */
export function seenFrame(
  method: MethodName,
  direction: Direction,
  fields: MethodFields = {},
  payload: Buffer = Buffer.alloc(4),
): SeenFrame {
  const connection = { id: 1 } as SeenFrame["connection"];
  return { type: "method", channel: 1, method, fields, payload, direction, connection };
}
