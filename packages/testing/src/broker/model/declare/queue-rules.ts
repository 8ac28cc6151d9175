import { AmqpError } from "../../amqp-error.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import { integerOf } from "../../codec/field-values.ts";
import type { VersionRules } from "../../version.ts";
import { erlangType } from "../erlang-term.ts";
import type { Queue, QueueDeclaration } from "../queue/queue.ts";
import { queueIn } from "../resource.ts";
import { argumentChecks, checkQueueType, type ArgumentCheck } from "./argument-checks.ts";
import { belongsElsewhere, legalArguments } from "./legal-arguments.ts";
import { queueKindOf } from "./queue-kind.ts";

const maxSegmentBytes = 3_000_000_000;

/** @throws AmqpError 406 for a new queue that RabbitMQ would not make, for the reason that it would find first. */
export function checkNewQueue(declaration: QueueDeclaration, vhost: string, rules: VersionRules): void {
  const { arguments: args } = declaration;
  const queue = queueIn(vhost, declaration.name);

  const deadLetterExchange = args.get("x-dead-letter-exchange");
  if (deadLetterExchange !== undefined && deadLetterExchange.type !== "longstr") {
    const type = erlangType(deadLetterExchange.type);
    throw new AmqpError(406, `invalid type '${type}' for arg 'x-dead-letter-exchange' in ${queue}`);
  }

  const ask = (argument: string, check: ArgumentCheck): void => {
    const value = args.get(argument);
    const problem = value === undefined ? undefined : check(value, args, rules);
    if (problem !== undefined) {
      throw new AmqpError(406, `invalid arg '${argument}' for ${queue}: ${problem}`);
    }
  };
  ask("x-queue-type", checkQueueType);
  const kind = queueKindOf(args) ?? "classic";
  const legal = legalArguments(kind, rules);
  for (const [argument, check] of Object.entries(argumentChecks)) {
    if (legal.includes(argument)) ask(argument, check);
  }
  for (const argument of args.keys()) {
    if (belongsElsewhere(argument, kind, rules)) {
      throw new AmqpError(406, `invalid arg '${argument}' for ${queue} of queue type rabbit_${kind}_queue`);
    }
  }
  if (kind !== "classic") checkReplicated(declaration, queue);
  if (kind === "stream") checkStreamSizes(args, rules);
}

/** Quorum queues and streams live on their own: no connection, consumer or restart ends them. */
function checkReplicated({ autoDelete, exclusive, durable }: QueueDeclaration, queue: string): void {
  const property = autoDelete
    ? "auto-delete"
    : exclusive
      ? "exclusive-owner"
      : durable
        ? undefined
        : "non-durable";
  if (property !== undefined) throw new AmqpError(406, `invalid property '${property}' for ${queue}`);
}

function checkStreamSizes(queueArguments: FieldTable, rules: VersionRules): void {
  const segmentBytes = integerOf(queueArguments.get("x-stream-max-segment-size-bytes")) ?? 0;
  if (segmentBytes > maxSegmentBytes) {
    throw new AmqpError(406, "Exceeded max value for x-stream-max-segment-size-bytes");
  }
  const filter = queueArguments.get("x-stream-filter-size-bytes");
  if (filter === undefined || !rules.filtersStreams) return;
  const filterBytes = integerOf(filter) ?? 0;
  if (filterBytes < 16 || filterBytes > 255) {
    throw new AmqpError(406, "Invalid value for  x-stream-filter-size-bytes");
  }
}

/** @throws AmqpError 406 where the queue is in use or not empty; 540 where its kind does not know. */
export function checkDeletable(
  queue: Queue,
  vhost: string,
  { ifUnused, ifEmpty }: { readonly ifUnused: boolean; readonly ifEmpty: boolean },
): void {
  const text = queueIn(vhost, queue.declaration.name);
  if (queue.kind === "quorum" && (ifUnused || ifEmpty)) {
    const flag = ifUnused ? "if-unused" : "if-empty";
    throw new AmqpError(
      540,
      `cannot delete ${text}. queue.delete operations with ${flag} flag set are not supported by quorum queues`,
    );
  }
  if (queue.kind !== "classic") return;
  if (ifUnused && queue.consumerCount > 0) throw new AmqpError(406, `${text} in use`);
  if (ifEmpty && queue.readyCount > 0) throw new AmqpError(406, `${text} not empty`);
}
