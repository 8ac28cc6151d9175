import type { Clock } from "../../clock.ts";
import type { VersionRules } from "../../version.ts";
import { type DeadLetters, letterWriter, noDeadLetters, sentOnce } from "./dead-letters.ts";
import { KeptDeadLetters } from "./kept-dead-letters.ts";
import { Lease } from "./lease.ts";
import { hardLimit, softLimit } from "./length-limit.ts";
import { MessageQueue, type MessageQueueParts } from "./message-queue.ts";
import { PositionedLine } from "./positioned-line.ts";
import { PriorityLines } from "./priority-lines.ts";
import { type QueueSettings, readSettings } from "./queue-settings.ts";
import type { DeadLetter, Owner, Queue, QueueDeclaration, QueueSurroundings } from "./queue.ts";
import { QuorumLine } from "./quorum-line.ts";
import { counted, uncounted } from "./return-rules.ts";
import { RoundRobin } from "./round-robin.ts";
import { SingleActiveConsumer } from "./single-active-consumer.ts";
import { StreamQueue } from "./stream-queue.ts";
import { TwoPrioritiesLine } from "./two-priorities-line.ts";

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
  if (settings.kind === "stream")
    return new StreamQueue({ declaration, settings, rules, clock, surroundings });
  const deadLetters = deadLettersOf(declaration.name, settings, place);
  return new MessageQueue({
    declaration,
    owner,
    settings,
    rules,
    clock,
    surroundings,
    deadLetters,
    lease: new Lease(clock, settings.expiresMs),
    ...(settings.kind === "quorum"
      ? quorumParts(settings, deadLetters, rules)
      : classicParts(settings, rules)),
  });
}

type KindParts = Pick<MessageQueueParts, "ready" | "consumers" | "limit" | "returns" | "idlesAfterTakeover">;

function classicParts(settings: QueueSettings, rules: VersionRules): KindParts {
  const { maxPriority, singleActiveConsumer } = settings;
  const ready = maxPriority === undefined ? new PositionedLine() : new PriorityLines(maxPriority);
  return {
    ready,
    consumers: singleActiveConsumer
      ? new SingleActiveConsumer({ byPriority: true, replacesLower: false, countsWaiting: true })
      : new RoundRobin({ leavesWhenFull: false }),
    limit: hardLimit(settings, ready),
    returns: uncounted,
    idlesAfterTakeover: singleActiveConsumer && rules.idlesAfterClassicTakeover,
  };
}

function quorumParts(settings: QueueSettings, deadLetters: DeadLetters, rules: VersionRules): KindParts {
  const { deliveryLimit } = settings;
  const ready = rules.prioritizesQuorumMessages
    ? new TwoPrioritiesLine()
    : new QuorumLine({
        requeuesToTail: rules.requeuesToTailWithoutLimit && deliveryLimit === undefined,
      });
  const byPriority = rules.prioritizesQuorumConsumers;
  return {
    ready,
    consumers: settings.singleActiveConsumer
      ? new SingleActiveConsumer({ byPriority, replacesLower: byPriority, countsWaiting: false })
      : new RoundRobin({ leavesWhenFull: true }),
    limit: softLimit(settings, ready, deadLetters),
    returns: counted({
      deliveryLimit,
      tellsGetFromTheStart: rules.countsFirstGet,
      tellsEarlierRejections: rules.tellsEarlierRejections,
    }),
    idlesAfterTakeover: false,
  };
}

function deadLettersOf(name: string, settings: QueueSettings, place: QueuePlace): DeadLetters {
  const { deadLetterExchange, keepsDeadLetters } = settings;
  if (deadLetterExchange === undefined) return noDeadLetters;
  const { clock, surroundings } = place;
  const write = letterWriter(name, settings, deadLetterExchange, place);
  const publish = (letter: DeadLetter): void => {
    surroundings.deadLetter(letter);
  };
  return keepsDeadLetters ? new KeptDeadLetters({ clock, write, publish }) : sentOnce(write, publish);
}
