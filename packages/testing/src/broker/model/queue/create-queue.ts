import type { Clock } from "../../clock.ts";
import type { VersionRules } from "../../version.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Lease } from "./lease.ts";
import { hardLimit, softLimit } from "./length-limit.ts";
import { MessageQueue, type MessageQueueParts } from "./message-queue.ts";
import { PositionedLine } from "./positioned-line.ts";
import { PriorityLines } from "./priority-lines.ts";
import { readSettings } from "./queue-settings.ts";
import type { Owner, Queue, QueueDeclaration, QueueSurroundings } from "./queue.ts";
import { QuorumLine } from "./quorum-line.ts";
import { counted, uncounted } from "./return-rules.ts";
import { RoundRobin } from "./round-robin.ts";
import { SingleActiveConsumer } from "./single-active-consumer.ts";

/** Where a queue lives. */
export interface QueuePlace {
  readonly rules: VersionRules;
  readonly clock: Clock;
  readonly surroundings: QueueSurroundings;
}

/**
 * A queue of the kind that its `x-queue-type` names, classic without one.
 *
 * @param declaration with arguments that were checked: what is wrong in them is ignored here
 * @param owner the connection of an exclusive queue
 */
export function createQueue(
  declaration: QueueDeclaration,
  owner: Owner | undefined,
  place: QueuePlace,
): Queue {
  const { rules, clock, surroundings } = place;
  const settings = readSettings(declaration, rules);
  const common = {
    declaration,
    owner,
    settings,
    clock,
    surroundings,
    deadLetters: new DeadLetters(declaration.name, settings, clock, surroundings),
    lease: new Lease(clock, settings.expiresMs),
  };
  return new MessageQueue({
    ...common,
    ...(settings.kind === "quorum" ? quorumParts(common, rules) : classicParts(common)),
  });
}

type KindParts = Pick<MessageQueueParts, "ready" | "consumers" | "limit" | "returns">;

function classicParts({ settings }: Pick<MessageQueueParts, "settings">): KindParts {
  const { maxPriority } = settings;
  const ready = maxPriority === undefined ? new PositionedLine() : new PriorityLines(maxPriority);
  return {
    ready,
    consumers: settings.singleActiveConsumer
      ? new SingleActiveConsumer({ byPriority: true, replacesLower: false })
      : new RoundRobin({ leavesWhenFull: false }),
    limit: hardLimit(settings, ready),
    returns: uncounted,
  };
}

function quorumParts({ settings }: Pick<MessageQueueParts, "settings">, rules: VersionRules): KindParts {
  const { deliveryLimit } = settings;
  const ready = new QuorumLine({
    requeuesToTail: rules.requeuesToTailWithoutLimit && deliveryLimit === undefined,
  });
  const { prioritizesQuorumConsumers } = rules;
  return {
    ready,
    consumers: settings.singleActiveConsumer
      ? new SingleActiveConsumer({
          byPriority: prioritizesQuorumConsumers,
          replacesLower: prioritizesQuorumConsumers,
        })
      : new RoundRobin({ leavesWhenFull: true }),
    limit: softLimit(settings, ready),
    returns: counted({ deliveryLimit, tellsGetFromTheStart: rules.countsFirstGet }),
  };
}
