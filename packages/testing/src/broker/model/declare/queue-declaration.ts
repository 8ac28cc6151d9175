import { AmqpError } from "../../amqp-error.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import { longstr } from "../../codec/field-values.ts";
import type { VersionRules } from "../../version.ts";
import type { QueueDeclaration } from "../queue/queue.ts";
import { withoutLineBreaks } from "../resource.ts";
import { checkNotReserved, serverName } from "./names.ts";
import { queueKindOf } from "./queue-kind.ts";

/**
 * A declaration as RabbitMQ understands it: an exclusive queue is never durable, and one without a name gets one.
 *
 * @throws AmqpError 403 for a reserved name; 406 and 541 where a queue of that type has to be named
 */
export function completeDeclaration(asked: QueueDeclaration, rules: VersionRules): QueueDeclaration {
  const args =
    rules.writesDownQueueType && !asked.arguments.has("x-queue-type")
      ? withClassicType(asked.arguments)
      : asked.arguments;
  return {
    ...asked,
    name: nameOf(asked),
    durable: asked.durable && !asked.exclusive,
    arguments: args,
  };
}

/** In RabbitMQ 4's order, which decides which of two foreign arguments it refuses. */
function withClassicType(queueArguments: FieldTable): FieldTable {
  const entries = [...queueArguments, ["x-queue-type", longstr("classic")] as const];
  return new Map(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function nameOf(asked: QueueDeclaration): string {
  const name = withoutLineBreaks(asked.name);
  if (name !== "") {
    checkNotReserved("queue", name);
    return name;
  }
  const kind = queueKindOf(asked.arguments);
  if (kind === undefined) throw new AmqpError(541, "");
  if (kind !== "classic") {
    throw new AmqpError(406, `Cannot declare a server-named queue for type rabbit_${kind}_queue`);
  }
  return serverName();
}
