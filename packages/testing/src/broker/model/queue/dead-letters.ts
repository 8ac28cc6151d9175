import type { Clock } from "../../clock.ts";
import type { FieldTable } from "../../codec/field-table.ts";
import type { Message } from "../message.ts";
import type { QueueSettings } from "./queue-settings.ts";
import type { DeadLetter, QueueSurroundings } from "./queue.ts";
import { closesCycle, type DeathReason, withDeath } from "./x-death.ts";

/** Sends what leaves a queue without an ack to its dead-letter exchange, if it has one. */
export class DeadLetters {
  readonly #queueName: string;
  readonly #settings: QueueSettings;
  readonly #clock: Clock;
  readonly #surroundings: QueueSurroundings;

  constructor(queueName: string, settings: QueueSettings, clock: Clock, surroundings: QueueSurroundings) {
    this.#queueName = queueName;
    this.#settings = settings;
    this.#clock = clock;
    this.#surroundings = surroundings;
  }

  send(message: Message, reason: DeathReason): void {
    const { deadLetterExchange } = this.#settings;
    if (deadLetterExchange === undefined) return;
    this.#surroundings.deadLetter(this.#letter(deadLetterExchange, message, reason));
  }

  #letter(exchange: string, original: Message, reason: DeathReason): DeadLetter {
    const { deadLetterRoutingKey } = this.#settings;
    const keys = [original.routingKey, ...copiesOf(original.properties.headers)];
    const timeSeconds = Math.trunc(this.#clock.now() / 1000);
    const headers = new Map(withDeath(original, { reason, queue: this.#queueName, timeSeconds }, keys));
    if (deadLetterRoutingKey !== undefined) headers.delete("CC");
    const routingKeys = deadLetterRoutingKey === undefined ? keys : [deadLetterRoutingKey];
    const { expiration: _, ...properties } = original.properties;
    const message: Message = {
      exchange,
      routingKey: routingKeys[0] as string,
      properties: { ...properties, headers },
      body: original.body,
    };
    return {
      exchange,
      routingKeys,
      message,
      closesCycle: (queueName) => reason !== "rejected" && closesCycle(message, queueName),
    };
  }
}

/** The routing keys that a publisher added to its own one. */
function copiesOf(headers: FieldTable | undefined): string[] {
  const field = headers?.get("CC");
  if (field?.type !== "array") return [];
  return field.value.flatMap((key) => (key.type === "longstr" ? [key.value.toString("utf8")] : []));
}
