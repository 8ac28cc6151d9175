import { randomBytes } from "node:crypto";
import { AmqpError } from "../../amqp-error.ts";

/** Names of what is new. @throws AmqpError 403 for those that RabbitMQ keeps for itself. */
export function checkNotReserved(kind: "exchange" | "queue", name: string): void {
  if (name.startsWith("amq.")) {
    throw new AmqpError(403, `${kind} name '${name}' contains reserved prefix 'amq.*'`);
  }
}

/** A queue's name that nobody has had before. */
export function serverName(): string {
  return `amq.gen-${randomBytes(16).toString("base64url")}`;
}
