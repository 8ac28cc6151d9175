import { AmqpError } from "../../amqp-error.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import { integerOf } from "../../codec/field-values.ts";
import type { VersionRules } from "../../version.ts";
import { erlangType } from "../erlang-term.ts";
import type { Queue } from "./queue.ts";

/** What the queues of a kind understand of what others do; what none does is let be. */
const foreignArguments: Readonly<Record<Queue["kind"], readonly string[]>> = {
  classic: ["x-stream-offset"],
  quorum: ["x-stream-offset"],
  stream: ["x-priority"],
};

/** @throws AmqpError 406 for an argument of another kind of queue, and for an `x-priority` that is no integer. */
export function checkConsumerArguments(
  args: FieldTable,
  queue: Pick<Queue, "kind" | "declaration">,
  vhost: string,
  rules: VersionRules,
): void {
  const refuse = (name: string, why: string): never => {
    const place = `queue '${queue.declaration.name}' in vhost '${vhost}'`;
    throw new AmqpError(406, `invalid arg '${name}' for ${place}${why}`);
  };
  const foreign = [...foreignArguments[queue.kind]];
  if (queue.kind === "stream" && rules.knowsHaFailover) foreign.push("x-cancel-on-ha-failover");
  for (const name of foreign) {
    if (args.has(name)) refuse(name, ` of queue type rabbit_${queue.kind}_queue`);
  }
  const priority = args.get("x-priority");
  if (priority !== undefined && integerOf(priority) === undefined)
    refuse("x-priority", `: "expected integer, got ${erlangType(priority.type)}"`);
}
