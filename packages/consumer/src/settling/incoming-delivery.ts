import { fromWireProperties, type WireDelivery } from "@warren/connection";
import type { Delivery, Headers, MessageProperties } from "@warren/message";
import type { Handler } from "../handling/handler.ts";
import { warrenHeader } from "../moving/warren-header.ts";

/**
 * Where a delivery stands. It is settled once: only one that is still `held` can be.
 *
 * | state    | entered when                                                     |
 * | -------- | ---------------------------------------------------------------- |
 * | held     | it arrives                                                       |
 * | settled  | it was acknowledged, moved away, or given back to the queue      |
 * | lost     | its channel is gone; the broker delivers the message again       |
 */
export type DeliveryState = "held" | "settled" | "lost";

/**
 * A delivery as it came off the wire. What is costly is made when it is first asked for, since most handlers look at
 * their payload only.
 */
export class IncomingDelivery implements Delivery {
  readonly wire: WireDelivery;
  /** Of the channel that the delivery tag belongs to. */
  readonly generation: number;
  readonly queue: string;
  /** On the clock of `performance.now()`, which does not jump with the wall clock. */
  readonly receivedAtMs: number;
  state: DeliveryState = "held";
  /** Found when it is prepared. */
  handler: Handler | undefined = undefined;
  /** Whether its handler has it, or has had it; not while it waits for another attempt in place. */
  begun = false;
  /** Within which order is kept. */
  key: string | undefined = undefined;
  /** Attempts that its headers do not count: those in place, and the broker's deliveries where order is kept. */
  extraAttempts = 0;
  /** When it first failed in place, on the same clock. */
  blockedSinceMs: number | undefined = undefined;
  #payload: unknown = undefined;
  #decode: (() => unknown) | undefined = undefined;
  #properties: MessageProperties | undefined = undefined;
  #abort: AbortController | undefined = undefined;
  #receivedAt: Date | undefined = undefined;

  constructor(wire: WireDelivery, generation: number, queue: string, receivedAtMs: number) {
    this.wire = wire;
    this.generation = generation;
    this.queue = queue;
    this.receivedAtMs = receivedAtMs;
  }

  get payload(): unknown {
    if (this.#decode !== undefined) {
      this.#payload = this.#decode();
      this.#decode = undefined;
    }
    return this.#payload;
  }

  set payload(payload: unknown) {
    this.#payload = payload;
  }

  /** The payload is decoded when it is read. */
  decodeWhenRead(decode: () => unknown): void {
    this.#decode = decode;
  }

  get body(): Uint8Array {
    return this.wire.content;
  }

  get properties(): MessageProperties {
    return (this.#properties ??= fromWireProperties(this.wire.properties));
  }

  get headers(): Headers {
    return this.properties.headers ?? {};
  }

  get exchange(): string {
    return this.#originText("originExchange") ?? this.wire.fields.exchange;
  }

  get routingKey(): string {
    return this.#originText("originRoutingKey") ?? this.wire.fields.routingKey;
  }

  get messageId(): string | undefined {
    return this.wire.properties.messageId;
  }

  get redelivered(): boolean {
    return this.wire.fields.redelivered;
  }

  get attempt(): number {
    return attemptsBefore(this.header(warrenHeader.attempt)) + 1 + this.extraAttempts;
  }

  get deliveryCount(): number | undefined {
    return wholeNumber(this.header("x-delivery-count"));
  }

  get streamOffset(): number | undefined {
    return wholeNumber(this.header("x-stream-offset"));
  }

  get receivedAt(): Date {
    return (this.#receivedAt ??= new Date(Date.now() - (performance.now() - this.receivedAtMs)));
  }

  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal;
  }

  /** One header as it came; `headers` has them all, made safe. */
  header(name: string): unknown {
    return own(this.wire.properties.headers, name);
  }

  /** Whoever asks for the signal later finds it aborted, too. */
  abort(reason: Error): void {
    (this.#abort ??= new AbortController()).abort(reason);
  }

  /**
   * Whether it may have been moved here, from a wait queue or as a replay: through the default exchange, by its queue's
   * name. Of any other, what `x-warren-*` headers say of its origin was written by a stranger.
   */
  get moved(): boolean {
    return this.wire.fields.exchange === "" && this.wire.fields.routingKey === this.queue;
  }

  /** Where it came from before it was moved. */
  #originText(name: "originExchange" | "originRoutingKey"): string | undefined {
    if (!this.moved) return undefined;
    const value = this.header(warrenHeader[name]);
    return typeof value === "string" ? value : undefined;
  }
}

/** More than any ladder has steps: what lies beyond was not written by Warren. */
const mostAttempts = 1_000_000;

/**
 * How often the message failed before, as Warren wrote at its last move. A sender can forge it. That is harmless:
 * a high number costs the message its own retries, a low one gives it no more than the ladder, since each move counts on.
 */
function attemptsBefore(header: unknown): number {
  const value = wholeNumber(header);
  return value === undefined || value > mostAttempts ? 0 : value;
}

function wholeNumber(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** Own properties only: amqplib lets a header named `__proto__` become the prototype. */
function own(headers: WireDelivery["properties"]["headers"], name: string): unknown {
  return headers !== undefined && Object.hasOwn(headers, name) ? headers[name] : undefined;
}
