import type { PublishControl } from "@warren/connection";
import type { MessageProperties } from "@warren/message";

/** What one publish of a message may say beside its payload. */
export interface PublishOptions
  extends Omit<MessageProperties, "type" | "contentType" | "contentEncoding">, PublishControl {
  /** Instead of the key that the message's template gives. */
  readonly routingKey?: string;
  /** Reject when no queue is bound. @default true */
  readonly mandatory?: boolean;
}
