import { type Confirmation, diagnostics } from "@warren/message";
import type { Outgoing } from "./outgoing.ts";

/**
 * Tells the subscribers of `warren:publisher:*`. Not at once: publishes are written and answered inside amqplib's
 * callbacks, where no foreign code may run.
 */
export class PublishEvents {
  readonly #connection: string;

  constructor(connection: string) {
    this.#connection = connection;
  }

  written({ fields, messageId, body, attempts }: Outgoing): void {
    if (!diagnostics.publish.hasSubscribers) return;
    const { exchange, routingKey } = fields;
    const event = { exchange, routingKey, messageId, bytes: body.byteLength, replays: attempts - 1 };
    queueMicrotask(() => diagnostics.publish.publish({ connection: this.#connection, ...event }));
  }

  settled({ fields }: Outgoing, confirmation: Confirmation): void {
    if (!diagnostics.confirm.hasSubscribers) return;
    const { exchange, routingKey } = fields;
    const connection = this.#connection;
    queueMicrotask(() => diagnostics.confirm.publish({ connection, exchange, routingKey, confirmation }));
  }
}
