import type { ConfirmChannel, Connection, PublishControl, Topology } from "@warren/connection";
import {
  type AnyMessage,
  type Confirmation,
  type InputOf,
  type Publishing,
  WarrenError,
} from "@warren/message";
import { checkGiven } from "./check-given.ts";
import { checkWhat, complete, encode } from "./encode.ts";
import type { ExchangeOf, MessageTo, PublishingTo } from "./exchange-of.ts";
import { Preparation } from "./preparation.ts";
import { type Confirmed, publishError, type Target } from "./publish-error.ts";
import { publishControlRules, type PublishOptions, publishOptionRules } from "./publish-options.ts";
import {
  limitsOf,
  type PublisherOptions,
  resolvePublisherOptions,
  type ResolvedPublisherOptions,
} from "./publisher-options.ts";
import { inWindow } from "./in-window.ts";
import { type Reply, replyError, replyPayload, unreadable } from "./read-reply.ts";
import { RequestClient } from "./request-client.ts";
import {
  type ReplyPayload,
  type RequestControl,
  requestControlRules,
  type RequestManyOptions,
  requestOptionRules,
  type RequestOptions,
  unreadReplyDefaults,
} from "./request-options.ts";

/** `target` is where it was sent, once that is known. */
type Settled = (confirmation: Confirmation, target?: Target) => void;

const defaultCloseTimeoutMs = 10_000;

/**
 * Publishes messages and says what became of each. Made by {@link createPublisher}; `T` is the topology whose exchanges
 * it may publish to.
 */
export class Publisher<T extends Topology = Topology> implements AsyncDisposable {
  readonly #connection: Connection<T>;
  readonly #options: ResolvedPublisherOptions;
  readonly #channel: ConfirmChannel;
  readonly #preparation: Preparation;
  #requests: RequestClient | undefined;
  #closing: Promise<void> | undefined;

  /** Applications call {@link createPublisher}. */
  constructor(connection: Connection<T>, options: PublisherOptions = {}) {
    this.#connection = connection;
    this.#options = resolvePublisherOptions(options);
    this.#preparation = new Preparation(this.#options.maxInFlight);
    this.#channel = connection.confirmChannel(limitsOf(this.#options));
  }

  /**
   * Publishes, and resolves when the broker has taken responsibility for the message and at least one queue has it: on
   * a quorum queue a majority has it on disk. It does not say that anybody will consume it.
   *
   * Persistent and mandatory unless told otherwise. While the connection is down or blocked the call waits, within the
   * publisher's limits; what was in flight when it was lost is published again with the same id, so that a consumer may
   * see it twice.
   *
   * @throws PublishError, whose `outcome` says what became of it and whether it may be stored: PUBLISH_RETURNED,
   * PUBLISH_NACKED, PUBLISH_REFUSED, PUBLISH_INVALID, PUBLISH_TIMEOUT, PUBLISH_UNKNOWN, PUBLISH_BUFFER_FULL,
   * PUBLISH_ABORTED, PUBLISHER_CLOSED, CONNECTION_CLOSED
   * @see https://www.rabbitmq.com/docs/confirms#publisher-confirms
   */
  publish<M extends MessageTo<ExchangeOf<T>>>(
    message: M,
    payload: InputOf<M>,
    options?: PublishOptions,
  ): Promise<Confirmed>;
  publish(publishing: PublishingTo<ExchangeOf<T>>, control?: PublishControl): Promise<Confirmed>;
  publish(
    what: AnyMessage | Publishing,
    payloadOrControl?: unknown,
    options?: PublishOptions,
  ): Promise<Confirmed> {
    const { confirmed, settled } = awaitConfirmed(unsent(what));
    this.#send(what, payloadOrControl, options, settled);
    return confirmed;
  }

  /**
   * Publishes many, and resolves with one Confirmation for each, in their order. None of them throws. Payloads are taken
   * from the source only as there is room, so it may be larger than memory.
   *
   * Rejects only with what the source itself throws.
   */
  publishAll<M extends MessageTo<ExchangeOf<T>>>(
    message: M,
    payloads: Iterable<InputOf<M>> | AsyncIterable<InputOf<M>>,
    options?: Omit<PublishOptions, "messageId">,
  ): Promise<readonly Confirmation[]>;
  publishAll(
    publishings: Iterable<PublishingTo<ExchangeOf<T>>> | AsyncIterable<PublishingTo<ExchangeOf<T>>>,
    control?: PublishControl,
  ): Promise<readonly Confirmation[]>;
  publishAll(
    what: AnyMessage | Iterable<Publishing> | AsyncIterable<Publishing>,
    source?: unknown,
    options?: PublishOptions,
  ): Promise<readonly Confirmation[]> {
    const { maxInFlight } = this.#options;
    return isMessage(what)
      ? inWindow(maxInFlight, source as Iterable<unknown>, (payload, settled) =>
          this.#send(what, payload, options, settled),
        )
      : inWindow(maxInFlight, what, (publishing, settled) =>
          this.#send(publishing, source, undefined, settled),
        );
  }

  /**
   * Sends a request and resolves with its answer. It is written once at most: when the connection is lost on the way,
   * whether it was served is unknown (REQUEST_LOST).
   *
   * @throws WarrenError REQUEST_TIMEOUT, REQUEST_ABORTED, REQUEST_LOST, REPLY_FAILED (the other end's error code is in
   * `context`); DeliveryError DECODE_FAILED, SCHEMA_FAILED for the answer; PublishError as {@link publish}, for example
   * PUBLISH_RETURNED when nobody serves the request.
   * @see https://www.rabbitmq.com/docs/direct-reply-to
   */
  request<M extends MessageTo<ExchangeOf<T>>, R extends AnyMessage = AnyMessage>(
    message: M,
    payload: InputOf<M>,
    options?: RequestOptions<R>,
  ): Promise<ReplyPayload<R>>;
  request(publishing: PublishingTo<ExchangeOf<T>>, control?: RequestControl): Promise<Reply>;
  async request(
    what: AnyMessage | Publishing,
    payloadOrControl?: unknown,
    options?: RequestOptions,
  ): Promise<unknown> {
    for await (const answer of this.#replies(what, payloadOrControl, { ...options, replies: 1 }))
      return answer;
    throw new WarrenError("REPLY_FAILED", "the request was answered with no reply at all");
  }

  /**
   * The same for requests with several answers, which come one after the other until one says that it is the last, or
   * there were `replies` of them. Nothing is sent before the first one is asked for. Leaving the loop early is fine:
   * later answers are dropped. They wait for a loop that is slower than they come, within `maxBufferedReplies` and
   * `maxBufferedBytes`.
   *
   * @throws as {@link request}, from the loop; WarrenError REPLY_BUFFER_FULL after the answers for which there was room.
   */
  requestMany<M extends MessageTo<ExchangeOf<T>>, R extends AnyMessage = AnyMessage>(
    message: M,
    payload: InputOf<M>,
    options?: RequestManyOptions<R>,
  ): AsyncIterableIterator<ReplyPayload<R>> {
    return this.#replies(message, payload, options) as AsyncIterableIterator<ReplyPayload<R>>;
  }

  /**
   * Resolves when everything published before this call has settled.
   *
   * @throws WarrenError PUBLISH_TIMEOUT when that takes longer than `timeoutMs`; it goes on being published.
   */
  async flush({ timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (timeoutMs === undefined) {
      await this.#preparation.done();
      return this.#channel.flush();
    }
    const left = timeLeft(timeoutMs);
    await this.#preparation.done(timeoutMs);
    await this.#channel.flush({ timeoutMs: left() });
  }

  /**
   * Refuses new publishes, waits for the others and for answers, at most `timeoutMs` (10,000), and settles what is left:
   * refused if it was never written, else unknown.
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(options.timeoutMs ?? defaultCloseTimeoutMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const left = timeLeft(timeoutMs);
    const written = this.#preparation
      .done(timeoutMs)
      .catch(() => this.#preparation.end(closed()))
      // What was given up is told before the channel closes.
      .then(() => this.#preparation.done())
      .then(() => this.#channel.close({ timeoutMs: left() }));
    await Promise.all([written, this.#requests?.close(timeoutMs)]);
  }

  #send(
    what: AnyMessage | Publishing,
    payloadOrControl: unknown,
    options: PublishOptions | undefined,
    settled: Settled,
  ): void {
    const messageId = (isMessage(what) ? options : (what as Publishing | undefined))?.messageId;
    const control = isMessage(what) ? options : (payloadOrControl as PublishControl | undefined);
    const refusal = this.#closing === undefined ? this.#channel.refusal() : closed();
    if (refusal !== undefined) {
      settled({ status: "refused", stored: "no", messageId: messageId ?? "", error: refusal });
      return;
    }
    try {
      checkWhat(what);
      if (control !== undefined)
        checkGiven(control, isMessage(what) ? publishOptionRules : publishControlRules);
      const publishing = this.#prepared(what, payloadOrControl, options);
      if (!(publishing instanceof Promise) && this.#preparation.isEmpty)
        this.#channel.send(publishing, control, withTarget(publishing, settled));
      else
        this.#preparation.queue(publishing, control?.deliveryTimeoutMs ?? this.#options.deliveryTimeoutMs, {
          ready: (ready) => this.#channel.send(ready, control, withTarget(ready, settled)),
          failed: (error) => settled(invalid(error, messageId)),
          late: (afterMs) =>
            settled({ status: "timed-out", stored: "no", messageId: messageId ?? "", afterMs }),
        });
    } catch (error) {
      settled(invalid(error, messageId));
    }
  }

  #prepared(
    what: AnyMessage | Publishing,
    payload: unknown,
    options: PublishOptions | undefined,
  ): Publishing | Promise<Publishing> {
    return isMessage(what) ? encode(what, payload, options, this.#options) : complete(what, this.#options);
  }

  async *#replies(
    what: AnyMessage | Publishing,
    payloadOrControl: unknown,
    options: RequestManyOptions = {},
  ): AsyncGenerator<unknown, undefined> {
    const control = isMessage(what) ? options : ((payloadOrControl ?? {}) as RequestControl);
    const publishing = await this.#requestPublishing(what, payloadOrControl, control, options);
    if (this.#closing !== undefined) throw closed();
    this.#requests ??= new RequestClient(this.#connection, limitsOf(this.#options));
    const answers = this.#requests.send(publishing, {
      timeoutMs: control.timeoutMs ?? this.#options.requestTimeoutMs,
      signal: control.signal,
      replyCount: options.replies,
      maxBufferedReplies: options.maxBufferedReplies ?? unreadReplyDefaults.maxBufferedReplies,
      maxBufferedBytes: options.maxBufferedBytes ?? unreadReplyDefaults.maxBufferedBytes,
    });
    for await (const answer of answers) {
      const error = replyError(answer);
      if (error !== undefined) throw error;
      yield isMessage(what) ? await this.#payloadOf(answer, options.reply) : answer;
    }
    return undefined;
  }

  async #requestPublishing(
    what: AnyMessage | Publishing,
    payload: unknown,
    control: RequestControl,
    options: RequestManyOptions,
  ): Promise<Publishing> {
    try {
      checkWhat(what);
      checkGiven(control, isMessage(what) ? requestOptionRules : requestControlRules);
      return await this.#prepared(what, payload, options);
    } catch (error) {
      throw publishError(invalid(error, options.messageId), unsent(what));
    }
  }

  async #payloadOf(answer: Reply, message: AnyMessage | undefined): Promise<unknown> {
    try {
      return await replyPayload(answer, message, this.#options.codecs);
    } catch (error) {
      throw unreadable(error);
    }
  }
}

/**
 * A publisher on a channel of its own. It may publish to the exchanges of the connection's topology, to queues by the
 * default exchange, and to the broker's own exchanges; anything else is a compile error.
 *
 * @throws ConfigError INVALID_OPTION
 */
export function createPublisher<T extends Topology = Topology>(
  connection: Connection<T>,
  options: PublisherOptions = {},
): Publisher<T> {
  return new Publisher(connection, options);
}

/** Made apart from the call, whose payload it would hold on to otherwise for as long as it waits. */
function awaitConfirmed(intended: Target): {
  readonly confirmed: Promise<Confirmed>;
  readonly settled: Settled;
} {
  let settled!: Settled;
  const confirmed = new Promise<Confirmed>((resolve, reject) => {
    settled = (confirmation, target = intended) => {
      if (confirmation.status === "confirmed") resolve(confirmation);
      else reject(publishError(confirmation, target));
    };
  });
  return { confirmed, settled };
}

function closed(): WarrenError {
  return new WarrenError("PUBLISHER_CLOSED", "the publisher is closed");
}

/** What is left of a deadline, in whole milliseconds and never nothing. */
function timeLeft(timeoutMs: number): () => number {
  const deadline = performance.now() + timeoutMs;
  return () => Math.max(1, Math.ceil(deadline - performance.now()));
}

function isMessage(what: unknown): what is AnyMessage {
  return typeof what === "object" && what !== null && "routingKeyFor" in what;
}

/** Apart from the call, so that nothing else of it is held on to. */
function withTarget(
  { exchange, routingKey }: Publishing,
  settled: Settled,
): (confirmation: Confirmation) => void {
  return (confirmation) => settled(confirmation, { exchange, routingKey });
}

/** What is known before the payload is; a message's routing key is a template. */
function unsent(what: AnyMessage | Publishing | undefined): Target {
  return isMessage(what)
    ? { exchange: what.exchange }
    : { exchange: what?.exchange, routingKey: what?.routingKey };
}

function invalid(
  thrown: unknown,
  messageId: string | undefined,
): Extract<Confirmation, { readonly status: "refused" }> {
  const error =
    thrown instanceof WarrenError
      ? thrown
      : new WarrenError("PUBLISH_INVALID", `the payload cannot be encoded: ${String(thrown)}`, {
          cause: thrown,
        });
  return { status: "refused", stored: "no", messageId: messageId ?? "", error };
}
