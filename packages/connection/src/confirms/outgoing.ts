import type { Confirmation } from "@warren/message";
import type { PublishFields } from "../channel/encode-publish.ts";
import type { WireProperties } from "../channel/wire-properties.ts";

/** What is written, made once however often that happens. */
export interface OutgoingContent {
  readonly fields: PublishFields;
  readonly properties: WireProperties;
  readonly body: Buffer;
  /** What it counts for in the buffer: body, headers, and what keeping it costs. */
  readonly bytes: number;
}

/** Times are those of `performance.now()`. */
export interface OutgoingTerms {
  /** Whether it may be written a second time after its channel was lost. */
  readonly replay: boolean;
  readonly confirmTimeoutMs: number;
  readonly startedAt: number;
  readonly deliverBy: number;
}

const nothing = Buffer.alloc(0);
const noProperties: WireProperties = Object.freeze({});

/** One publish on its way: waiting, then written (perhaps more than once), then settled exactly once. */
export class Outgoing {
  /** Counts up in the order of the calls. */
  readonly number: number;
  readonly fields: PublishFields;
  readonly bytes: number;
  readonly replay: boolean;
  readonly confirmTimeoutMs: number;
  readonly startedAt: number;
  readonly deliverBy: number;
  properties: WireProperties;
  body: Buffer;
  /** How often it was written; 0 is the only proof that no broker has it. */
  attempts = 0;
  /** It was written to a channel that ended without an answer to it. */
  mayBeStored = false;
  /** The only thing to be said of those channels: the broker closed them with these words, over this one or another. */
  #refusal: string | undefined = undefined;
  /** On the channel that it was last written to. */
  tag = 0;
  /** When its confirm is overdue; never while it is not written to a live channel. */
  confirmBy: number = Infinity;
  /** `basic.return` came; its ack will follow. */
  returned: { readonly replyCode: number; readonly replyText: string } | undefined = undefined;
  #settled: ((confirmation: Confirmation) => void) | undefined;

  constructor(
    number: number,
    content: OutgoingContent,
    terms: OutgoingTerms,
    settled: (confirmation: Confirmation) => void,
  ) {
    this.number = number;
    this.fields = content.fields;
    this.properties = content.properties;
    this.body = content.body;
    this.bytes = content.bytes;
    this.replay = terms.replay;
    this.confirmTimeoutMs = terms.confirmTimeoutMs;
    this.startedAt = terms.startedAt;
    this.deliverBy = terms.deliverBy;
    this.#settled = settled;
  }

  get messageId(): string {
    return this.properties.messageId ?? "";
  }

  get isSettled(): boolean {
    return this.#settled === undefined;
  }

  /** When something has to happen to it at the latest. */
  get dueAt(): number {
    return Math.min(this.confirmBy, this.deliverBy);
  }

  /**
   * Its channel is gone.
   *
   * @param refusal the broker's words, if it closed the channel over a publish.
   */
  lose(refusal: string | undefined): void {
    this.#refusal = !this.mayBeStored || this.#refusal === refusal ? refusal : undefined;
    this.mayBeStored = true;
  }

  /**
   * It was alone on its channel when the broker closed that with these words. A channel closed with the same words that it
   * shared with others was closed over this one, too, or over one before it: that copy is not stored either.
   */
  refuse(refusal: string): void {
    if (this.#refusal === refusal) this.mayBeStored = false;
  }

  /** The first call counts. Lets go of what it carries, since a settled one may stay in a queue until its turn comes. */
  settle(confirmation: Confirmation): void {
    const settled = this.#settled;
    this.#settled = undefined;
    this.properties = noProperties;
    this.body = nothing;
    settled?.(confirmation);
  }
}
