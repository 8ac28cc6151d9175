import { ConfigError } from "@warren/message";
import { anObject, type Rule, shownValue } from "@warren/message/authoring";
import type { Topology } from "./topology.ts";

/** A topology, as opposed to the definition of one. */
export const aTopology: Rule = (value) => {
  const declarations = anObject(value) === undefined ? (value as Partial<Topology>).declarations : undefined;
  return declarations !== undefined &&
    anObject(declarations) === undefined &&
    Array.isArray(declarations.exchanges) &&
    Array.isArray(declarations.queues) &&
    Array.isArray(declarations.bindings)
    ? undefined
    : "must be what defineTopology({ exchanges, queues }) returns: make it with defineTopology";
};

/**
 * @param what names the call in the message, e.g. `declare`.
 * @throws ConfigError INVALID_OPTION
 */
export function assertTopology(what: string, value: unknown): void {
  const complaint = aTopology(value);
  if (complaint !== undefined)
    throw new ConfigError("INVALID_OPTION", `${what}: topology ${complaint}, not ${shownValue(value)}`);
}
