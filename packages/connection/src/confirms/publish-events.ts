import { type Confirmation, diagnostics, type DiagnosticsEvents } from "@warren/message";
import type { Outgoing } from "./outgoing.ts";

type Purpose = DiagnosticsEvents["publish"]["purpose"];

/**
 * Tells the subscribers of `warren:publisher:*`. Not at once: publishes are written and answered inside amqplib's
 * callbacks, where no foreign code may run.
 */
export class PublishEvents {
  readonly #connection: string;
  readonly #purpose: Purpose;

  constructor(connection: string, purpose: Purpose) {
    this.#connection = connection;
    this.#purpose = purpose;
  }

  written({ fields, messageId, body, attempts }: Outgoing): void {
    if (!diagnostics.publish.hasSubscribers) return;
    const { exchange, routingKey } = fields;
    const connection = this.#connection;
    const purpose = this.#purpose;
    const event = { exchange, routingKey, messageId, bytes: body.byteLength, purpose, replays: attempts - 1 };
    queueMicrotask(() => diagnostics.publish.publish({ connection, ...event }));
  }

  settled({ fields }: Outgoing, confirmation: Confirmation): void {
    if (!diagnostics.confirm.hasSubscribers) return;
    const { exchange, routingKey } = fields;
    const event = {
      connection: this.#connection,
      exchange,
      routingKey,
      purpose: this.#purpose,
      confirmation,
    };
    queueMicrotask(() => diagnostics.confirm.publish(event));
  }
}
