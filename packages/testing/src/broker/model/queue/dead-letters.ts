import type { Clock } from "../../clock.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import { textOf } from "../../codec/field-values.ts";
import type { VersionRules } from "../../version.ts";
import type { Message } from "../message.ts";
import { DeadMessage } from "./dead-message.ts";
import type { QueueSettings } from "./queue-settings.ts";
import type { DeadLetter } from "./queue.ts";
import { closesCycle, type DeathReason } from "./x-death.ts";

/** Where what leaves a queue without an ack goes. */
export interface DeadLetters {
  send(message: Message, reason: DeathReason): void;
  /** Those that the queue keeps until their target has them. */
  readonly heldCount: number;
  readonly heldBytes: number;
  /** The queue is gone, and what it keeps with it. */
  close(): void;
}

/** Of a queue without a dead-letter exchange. */
export const noDeadLetters: DeadLetters = {
  send: () => {},
  heldCount: 0,
  heldBytes: 0,
  close: () => {},
};

/** At most once: sent, and forgotten. */
export function sentOnce(
  write: (message: Message, reason: DeathReason) => DeadLetter,
  publish: (letter: DeadLetter) => void,
): DeadLetters {
  return {
    ...noDeadLetters,
    send: (message, reason) => {
      publish(write(message, reason));
    },
  };
}

/** Writes the dead letters of one queue. */
export function letterWriter(
  queueName: string,
  settings: QueueSettings,
  exchange: string,
  { clock, rules }: { readonly clock: Clock; readonly rules: VersionRules },
): (message: Message, reason: DeathReason) => DeadLetter {
  const { deadLetterRoutingKey, kind: queueKind } = settings;
  return (original, reason) => {
    const shownKeys =
      original instanceof DeadMessage
        ? original.shownKeys
        : [original.routingKey, ...carbonCopies(original.properties.headers)];
    const death = {
      reason,
      queue: queueName,
      queueKind,
      exchange: original.exchange,
      routingKeys: shownKeys,
      timeSeconds: Math.trunc(clock.now() / 1000),
      expiration: original.properties.expiration,
    };
    const message = new DeadMessage(original, death, { exchange, routingKey: deadLetterRoutingKey }, rules);
    return {
      exchange,
      routingKeys:
        deadLetterRoutingKey === undefined
          ? [...shownKeys, ...(original.blindCopies ?? [])]
          : [deadLetterRoutingKey],
      message,
      closesCycle: (name) => closesCycle(message.deaths, name),
    };
  };
}

function carbonCopies(headers: FieldTable | undefined): string[] {
  const field = headers?.get("CC");
  if (field?.type !== "array") return [];
  return field.value.map(textOf).filter((key) => key !== undefined);
}
