import type { ConfirmChannel, Connection, PublishControl } from "@warren/connection";
import type { Confirmation, Publishing, WarrenError } from "@warren/message";
import type { Settled } from "./await-confirmed.ts";
import { checkGiven } from "./check-given.ts";
import { detached, prepare, Unvalidated } from "./encode.ts";
import { notSent, publisherClosed } from "./not-sent.ts";
import { Preparation } from "./preparation.ts";
import { Progress } from "./progress.ts";
import { publishControlRules, type PublishOptions, publishOptionRules } from "./publish-options.ts";
import { limitsOf, type ResolvedPublisherOptions } from "./publisher-options.ts";
import { checkSendable, isMessage, type Sendable } from "./sendable.ts";
import { isSqueezable, knownBytes, squeezeIfLarge } from "./squeeze.ts";
import { timeLeft } from "./time-left.ts";

/** Members that are not there are undefined. */
type Given<Options> = { readonly [Name in keyof Options]: Options[Name] | undefined };

const noControl: PublishControl = Object.freeze({});

/** What happens to what finds no room. */
export type WhenFull = "refuse" | "wait";

/** The way of a publish from its call to its channel, in the order of the calls. Every one settles, none throws. */
export class Sender {
  readonly #options: ResolvedPublisherOptions;
  readonly #channel: ConfirmChannel;
  readonly #preparation: Preparation;
  readonly #progress = new Progress();
  /** Of the publish being handed on: it is refused for want of room before the channel's `send` returns, or never. */
  #foundRoom = true;
  #isClosed = false;

  constructor(connection: Connection, options: ResolvedPublisherOptions) {
    this.#options = options;
    this.#preparation = new Preparation(options.maxInFlight, options.maxBufferBytes);
    this.#channel = connection.channels.confirm(limitsOf(options));
  }

  /**
   * @param payloadOrControl the payload of a message, or what a publishing has differently from its channel.
   * @param options of a message.
   * @param whenFull `wait` is for callers that ask for {@link room} before they send another.
   */
  send(
    what: Sendable,
    payloadOrControl: unknown,
    options: PublishOptions | undefined,
    settled: Settled,
    whenFull: WhenFull = "refuse",
  ): void {
    let messageId: string | undefined;
    try {
      const isTyped = isMessage(what);
      messageId = (isTyped ? options : (what as Publishing | undefined))?.messageId;
      const control = isTyped ? options : (payloadOrControl as PublishControl | undefined);
      const refusal = this.#isClosed ? publisherClosed() : this.#channel.refusal();
      if (refusal !== undefined && !(whenFull === "wait" && isBufferFull(refusal))) {
        settled(notSent(refusal, messageId));
        return;
      }
      checkSendable(what);
      if (control !== undefined) checkGiven(control, isTyped ? publishOptionRules : publishControlRules);
      const encoded = prepare(what, payloadOrControl, options, this.#options);
      const isReady = !(encoded instanceof Unvalidated) && !isSqueezable(encoded, this.#options);
      const isNext = isReady && this.#preparation.isEmpty;
      if (isNext && this.#handOn(encoded, control, settled, whenFull)) return;
      this.#sendInTurn(encoded, control, messageId, settled, { whenFull, isHeld: isNext });
    } catch (error) {
      settled(notSent(error, messageId));
    }
  }

  /** Nothing while there is room for one more as large as usual, else a promise of what may have made some. */
  room(): Promise<void> | undefined {
    if (this.#preparation.isFull) return Promise.race([this.#progress.next(), this.#preparation.done()]);
    return !this.#isClosed && isBufferFull(this.#channel.refusal()) ? this.#channelRoom() : undefined;
  }

  /** Resolves when everything that was sent before has settled. */
  async flush(timeoutMs?: number): Promise<void> {
    if (timeoutMs === undefined) {
      await this.#preparation.done();
      return this.#channel.flush();
    }
    const left = timeLeft(timeoutMs);
    await this.#preparation.done(timeoutMs);
    await this.#channel.flush({ timeoutMs: left() });
  }

  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    const left = timeLeft(timeoutMs);
    await this.#preparation.done(timeoutMs).catch(() => this.#preparation.end(publisherClosed()));
    // What was given up is told before the channel closes.
    await this.#preparation.done();
    await this.#channel.close({ timeoutMs: left() });
  }

  /** The publishes of others count too, and tell nothing when they settle. */
  #channelRoom(): Promise<void> {
    return Promise.race([this.#progress.next(), this.#channel.flush()]);
  }

  /** Returns whether there was room for it. */
  #handOn(
    publishing: Publishing,
    control: PublishControl | undefined,
    settled: Settled,
    whenFull: WhenFull,
  ): boolean {
    if (whenFull === "refuse") {
      this.#channel.send(publishing, control, withTarget(publishing, settled));
      return true;
    }
    this.#foundRoom = true;
    this.#channel.send(publishing, control, (confirmation) => {
      if (confirmation.status === "refused" && isBufferFull(confirmation.error)) this.#foundRoom = false;
      else {
        settled(confirmation);
        this.#progress.made();
      }
    });
    return this.#foundRoom;
  }

  /** After what is being prepared; that takes of the time which the delivery has. */
  #sendInTurn(
    encoded: Publishing | Unvalidated,
    control: PublishControl | undefined,
    messageId: string | undefined,
    settled: Settled,
    { whenFull, isHeld }: { readonly whenFull: WhenFull; readonly isHeld: boolean },
  ): void {
    const bytes = encoded instanceof Unvalidated ? encoded.bytes : knownBytes(encoded.body);
    const refusal = whenFull === "refuse" ? this.#preparation.refusal(bytes) : undefined;
    if (refusal !== undefined) {
      if (encoded instanceof Unvalidated) encoded.abandon();
      throw refusal;
    }
    const calledAt = performance.now();
    const { replay, signal, confirmTimeoutMs, deliveryTimeoutMs } = control ?? noControl;
    const timeoutMs = deliveryTimeoutMs ?? this.#options.deliveryTimeoutMs;
    const left = timeLeft(timeoutMs);
    const work = encoded instanceof Unvalidated ? encoded.publishing : detached(encoded);
    this.#preparation.queue(
      squeezeIfLarge(work, this.#options),
      { timeoutMs, signal, bytes, isHeld },
      {
        ready: (publishing) => {
          try {
            const rest: Given<PublishControl> = {
              replay,
              signal,
              confirmTimeoutMs,
              deliveryTimeoutMs: left(),
            };
            const sinceCall = countedFrom(calledAt, settled);
            return this.#handOn(publishing, rest as PublishControl, sinceCall, whenFull);
          } catch (error) {
            settled(notSent(error, messageId));
            return true;
          }
        },
        room: () => this.#channelRoom(),
        failed: (error) => settled(notSent(error, messageId)),
        late: (afterMs) =>
          settled({ status: "timed-out", stored: "no", messageId: messageId ?? "", afterMs }),
      },
    );
  }
}

/** Adds what it took from the call until now to what the channel counts. */
function countedFrom(calledAt: number, settled: Settled): Settled {
  const preparedMs = performance.now() - calledAt;
  return (confirmation, target) => {
    if (confirmation.status === "confirmed")
      settled({ ...confirmation, latencyMs: confirmation.latencyMs + preparedMs }, target);
    else if (confirmation.status === "timed-out")
      settled({ ...confirmation, afterMs: confirmation.afterMs + preparedMs }, target);
    else settled(confirmation, target);
  };
}

function isBufferFull(error: WarrenError | undefined): boolean {
  return error?.code === "PUBLISH_BUFFER_FULL";
}

/** Apart from the call, so that nothing else of it is held on to. */
function withTarget(
  { exchange, routingKey }: Publishing,
  settled: Settled,
): (confirmation: Confirmation) => void {
  return (confirmation) => settled(confirmation, { exchange, routingKey });
}
