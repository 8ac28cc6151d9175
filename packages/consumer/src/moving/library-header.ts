import { decimalHeader, type HeaderValue } from "@warren/message";

/** amqplib's objects for AMQP types that JavaScript has not, as header values that are sent as the same types. */
export function fromLibrary(value: object): HeaderValue | undefined {
  const { "!": type, value: inner } = value as { readonly "!"?: unknown; readonly value?: unknown };
  if (type === "timestamp" && typeof inner === "number") return new Date(inner * 1000);
  if (type === "decimal") return decimalHeader(inner as never);
  return undefined;
}
