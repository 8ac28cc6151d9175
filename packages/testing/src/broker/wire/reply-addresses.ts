import { randomBytes } from "node:crypto";
import type { Message } from "../model/message.ts";

/** The pseudo-queue of direct reply-to: what `basic.consume` and the property `replyTo` name. */
export const replyQueueName = "amq.rabbitmq.reply-to";
const addressPrefix = `${replyQueueName}.`;

/** One channel that consumes replies. */
export interface ReplyConsumer {
  readonly tag: string;
  readonly address: string;
}

/**
 * Who consumes replies at which address, for the whole broker. An address is a capability: whoever knows it can reply.
 *
 * @see https://www.rabbitmq.com/docs/direct-reply-to
 */
export class ReplyAddresses {
  readonly #deliverTo = new Map<string, (message: Message) => void>();

  isAddress(name: string): boolean {
    return name.startsWith(addressPrefix);
  }

  /** A new address; what is published there goes to `deliver` until it is closed. */
  open(deliver: (message: Message) => void): string {
    const address = `${addressPrefix}${randomBytes(24).toString("base64")}.${randomBytes(16).toString("base64")}`;
    this.#deliverTo.set(address, deliver);
    return address;
  }

  close(address: string): void {
    this.#deliverTo.delete(address);
  }

  has(address: string): boolean {
    return this.#deliverTo.has(address);
  }

  /** A reply to nobody is dropped. */
  deliver(message: Message): void {
    this.#deliverTo.get(message.routingKey)?.(message);
  }
}
