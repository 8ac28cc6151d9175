import { BrokerError, ConnectionError } from "@warren/message";
import type { PublishFields } from "../channel/encode-publish.ts";
import type { WireProperties } from "../channel/wire-properties.ts";
import { blameFor } from "./blame.ts";
import type { PublishWire } from "./ledger-ports.ts";
import type { PublishLedger } from "./publish-ledger.ts";

/** A publish as the fake broker sees it. */
export interface Written {
  readonly tag: number;
  readonly exchange: string;
  readonly routingKey: string;
  readonly messageId: string | undefined;
}

/** Publishing to it closes the channel, as a missing one does. */
export const missingExchange = "missing";
/** Publishing to it closes the connection, as a header does that the broker cannot decode. */
export const crashingExchange = "crashing";
/** No queue is bound there. */
export const unroutable = "nowhere";

/**
 * The broker's side of one confirm channel, without a network: it takes publishes in order when told to, closes the
 * channel or the connection over those that ask for it, and confirms in any order.
 */
export class FakeChannel implements PublishWire {
  open = true;
  congested = false;
  readonly written: Written[] = [];
  /** Taken and not answered yet. */
  readonly unanswered = new Set<Written>();
  readonly #ledger: PublishLedger;
  readonly #socket: Set<FakeChannel>;
  readonly #drained: (() => void)[] = [];
  #processed = 0;

  /** @param socket the open channels of the same connection. */
  constructor(ledger: PublishLedger, socket: Set<FakeChannel> = new Set()) {
    this.#ledger = ledger;
    this.#socket = socket;
    socket.add(this);
  }

  publish({ exchange, routingKey }: PublishFields, { messageId }: WireProperties): void {
    if (!this.open) throw new Error("the channel is closed");
    this.written.push({ tag: this.written.length + 1, exchange, routingKey, messageId });
  }

  onceDrained(drained: () => void): void {
    this.#drained.push(drained);
  }

  drain(): void {
    this.congested = false;
    for (const drained of this.#drained.splice(0)) drained();
  }

  /** Takes so many more of what was written; says which, without those that closed the channel. */
  process(count: number): readonly Written[] {
    const taken: Written[] = [];
    for (const message of this.written.slice(this.#processed, this.#processed + count)) {
      if (!this.open) break;
      this.#processed++;
      if (message.exchange === missingExchange) {
        this.close(noExchange());
        break;
      }
      if (message.exchange === crashingExchange) {
        this.closeConnection(internalError());
        break;
      }
      taken.push(message);
      this.unanswered.add(message);
      if (message.routingKey === unroutable)
        this.#ledger.returned({
          fields: { ...message, replyCode: 312, replyText: "NO_ROUTE" },
          properties: { messageId: message.messageId },
        });
    }
    return taken;
  }

  /** Confirms one, or everything up to it. */
  confirm({ tag }: Written, multiple = false, positive = true): void {
    for (const message of this.unanswered)
      if (multiple ? message.tag <= tag : message.tag === tag) this.unanswered.delete(message);
    this.#ledger.confirmed(tag, multiple, positive);
  }

  /** Takes and confirms everything that was written. */
  confirmAll(): void {
    this.process(Infinity);
    for (const message of this.unanswered) this.confirm(message);
  }

  /** Takes everything that was written, and nacks it. */
  nackAll(): void {
    this.process(Infinity);
    for (const message of this.unanswered) this.confirm(message, false, false);
  }

  close(error: BrokerError | ConnectionError = new ConnectionError("CHANNEL_LOST", "lost")): void {
    if (!this.open) return;
    this.open = false;
    this.#socket.delete(this);
    this.#ledger.down(blameFor(error, false));
  }

  /** One channel after the other hears of it, as amqplib does it. */
  closeConnection(error?: BrokerError | ConnectionError): void {
    for (const channel of this.#socket) channel.close(error);
  }
}

export function noExchange(): BrokerError {
  return new BrokerError("BROKER_NOT_FOUND", "NOT_FOUND - no exchange 'missing'", {
    replyCode: 404,
    replyText: "NOT_FOUND - no exchange 'missing'",
    method: "basic.publish",
    scope: "channel",
  });
}

export function internalError(): BrokerError {
  return new BrokerError("BROKER_INTERNAL_ERROR", "INTERNAL_ERROR", {
    replyCode: 541,
    replyText: "INTERNAL_ERROR",
    scope: "connection",
  });
}
