import type { ConfirmChannel, Connection, PublishControl } from "@warren/connection";
import type { Confirmation, Publishing } from "@warren/message";
import type { Settled } from "./await-confirmed.ts";
import { checkGiven } from "./check-given.ts";
import { prepare } from "./encode.ts";
import { notSent, publisherClosed } from "./not-sent.ts";
import { Preparation } from "./preparation.ts";
import { publishControlRules, type PublishOptions, publishOptionRules } from "./publish-options.ts";
import { limitsOf, type ResolvedPublisherOptions } from "./publisher-options.ts";
import { checkSendable, isMessage, type Sendable } from "./sendable.ts";
import { timeLeft } from "./time-left.ts";

/** The way of a publish from its call to its channel, in the order of the calls. Every one settles, none throws. */
export class Sender {
  readonly #options: ResolvedPublisherOptions;
  readonly #channel: ConfirmChannel;
  readonly #preparation: Preparation;
  #isClosed = false;

  constructor(connection: Connection, options: ResolvedPublisherOptions) {
    this.#options = options;
    this.#preparation = new Preparation(options.maxInFlight);
    this.#channel = connection.confirmChannel(limitsOf(options));
  }

  /**
   * @param payloadOrControl the payload of a message, or what a publishing has differently from its channel.
   * @param options of a message.
   */
  send(
    what: Sendable,
    payloadOrControl: unknown,
    options: PublishOptions | undefined,
    settled: Settled,
  ): void {
    const isTyped = isMessage(what);
    const messageId = (isTyped ? options : (what as Publishing | undefined))?.messageId;
    const control = isTyped ? options : (payloadOrControl as PublishControl | undefined);
    const refusal = this.#isClosed ? publisherClosed() : this.#channel.refusal();
    if (refusal !== undefined) {
      settled(notSent(refusal, messageId));
      return;
    }
    try {
      checkSendable(what);
      if (control !== undefined) checkGiven(control, isTyped ? publishOptionRules : publishControlRules);
      const publishing = prepare(what, payloadOrControl, options, this.#options);
      if (publishing instanceof Promise || !this.#preparation.isEmpty)
        this.#sendInTurn(publishing, control, messageId, settled);
      else this.#channel.send(publishing, control, withTarget(publishing, settled));
    } catch (error) {
      settled(notSent(error, messageId));
    }
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

  /** After what is being prepared; that takes of the time which the delivery has. */
  #sendInTurn(
    work: Publishing | Promise<Publishing>,
    control: PublishControl | undefined,
    messageId: string | undefined,
    settled: Settled,
  ): void {
    const calledAt = performance.now();
    const timeoutMs = control?.deliveryTimeoutMs ?? this.#options.deliveryTimeoutMs;
    const left = timeLeft(timeoutMs);
    this.#preparation.queue(
      work,
      { timeoutMs, signal: control?.signal },
      {
        ready: (publishing) => {
          const answered = withTarget(publishing, sinceCall(performance.now() - calledAt, settled));
          try {
            this.#channel.send(publishing, { ...control, deliveryTimeoutMs: left() }, answered);
          } catch (error) {
            settled(notSent(error, messageId));
          }
        },
        failed: (error) => settled(notSent(error, messageId)),
        late: (afterMs) =>
          settled({ status: "timed-out", stored: "no", messageId: messageId ?? "", afterMs }),
      },
    );
  }
}

/** Adds what the preparation took to what the channel counted. */
function sinceCall(preparedMs: number, settled: Settled): Settled {
  return (confirmation, target) => {
    if (confirmation.status === "confirmed")
      settled({ ...confirmation, latencyMs: confirmation.latencyMs + preparedMs }, target);
    else if (confirmation.status === "timed-out")
      settled({ ...confirmation, afterMs: confirmation.afterMs + preparedMs }, target);
    else settled(confirmation, target);
  };
}

/** Apart from the call, so that nothing else of it is held on to. */
function withTarget(
  { exchange, routingKey }: Publishing,
  settled: Settled,
): (confirmation: Confirmation) => void {
  return (confirmation) => settled(confirmation, { exchange, routingKey });
}
