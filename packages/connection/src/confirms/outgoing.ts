import type { Confirmation } from "@warren/message";
import type { WireProperties } from "../channel/wire-properties.ts";

/** What `basic.publish` itself says, as amqplib takes it. */
export interface PublishFields {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory: boolean;
}

export interface OutgoingContent {
  readonly fields: PublishFields;
  readonly properties: WireProperties;
  readonly body: Buffer;
  /** Body and headers: what it counts for in the buffer. */
  readonly bytes: number;
}

export interface OutgoingTerms {
  /** Whether it may be written a second time after its channel was lost. */
  readonly replay: boolean;
  readonly confirmTimeoutMs: number;
  /** Both on the clock of `performance.now()`. */
  readonly startedAt: number;
  readonly deliverBy: number;
}

const nothing = Buffer.alloc(0);

/** One publish on its way: waiting, then written (perhaps more than once), then settled exactly once. */
export class Outgoing {
  readonly fields: PublishFields;
  readonly properties: WireProperties;
  readonly bytes: number;
  readonly replay: boolean;
  readonly confirmTimeoutMs: number;
  readonly startedAt: number;
  readonly deliverBy: number;
  body: Buffer;
  /** How often it was written; 0 is the only proof that no broker has it. */
  attempts = 0;
  /** On the channel that it was last written to. */
  tag = 0;
  /** When its confirm is overdue; never while it is not written to a live channel. */
  confirmBy: number = Infinity;
  /** `basic.return` came; its ack will follow. */
  returned: { readonly replyCode: number; readonly replyText: string } | undefined = undefined;
  /** Counts up in the order of the calls. */
  readonly number: number;
  #settled: ((confirmation: Confirmation) => void) | undefined;

  constructor(
    number: number,
    { fields, properties, body, bytes }: OutgoingContent,
    { replay, confirmTimeoutMs, startedAt, deliverBy }: OutgoingTerms,
    settled: (confirmation: Confirmation) => void,
  ) {
    this.number = number;
    this.fields = fields;
    this.properties = properties;
    this.body = body;
    this.bytes = bytes;
    this.replay = replay;
    this.confirmTimeoutMs = confirmTimeoutMs;
    this.startedAt = startedAt;
    this.deliverBy = deliverBy;
    this.#settled = settled;
  }

  get messageId(): string {
    return this.properties.messageId ?? "";
  }

  get isSettled(): boolean {
    return this.#settled === undefined;
  }

  /** The first call counts. Lets go of the body, since a settled one may stay in a queue until its turn comes. */
  settle(confirmation: Confirmation): void {
    const settled = this.#settled;
    if (settled === undefined) return;
    this.#settled = undefined;
    this.body = nothing;
    settled(confirmation);
  }
}
