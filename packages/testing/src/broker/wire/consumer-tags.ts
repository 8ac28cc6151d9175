import { randomBytes } from "node:crypto";

/** As RabbitMQ names a consumer that has no tag. */
export function generatedConsumerTag(): string {
  return `amq.ctag-${randomBytes(16).toString("base64url")}`;
}
