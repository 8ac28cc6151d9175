import type { FieldTable } from "../../codec/field-table.ts";
import { textOf } from "../../codec/field-values.ts";
import type { Queue } from "../queue/queue.ts";

export const queueKinds: readonly Queue["kind"][] = ["classic", "quorum", "stream"];

/** What `x-queue-type` says; undefined for a type that there is not, or none at all of a text. */
export function queueKindOf(queueArguments: FieldTable): Queue["kind"] | undefined {
  const type = queueArguments.get("x-queue-type");
  if (type === undefined) return "classic";
  return queueKinds.find((kind) => kind === textOf(type));
}
