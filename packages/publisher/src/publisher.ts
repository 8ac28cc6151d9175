import type { Connection, PublishControl, Topology } from "@warren/connection";
import {
  type AnyMessage,
  ConfigError,
  type Confirmation,
  ConnectionError,
  type InputOf,
} from "@warren/message";
import { shownValue } from "@warren/message/authoring";
import { awaitConfirmed } from "./await-confirmed.ts";
import { type DeadlineOption, deadlineOf } from "./deadline-option.ts";
import type { ExchangeOf, MessageTo, PublishingTo } from "./exchange-of.ts";
import { intendedTarget } from "./not-sent.ts";
import type { Confirmed } from "./publish-error.ts";
import type { PublishOptions } from "./publish-options.ts";
import { type PublisherOptions, resolvePublisherOptions } from "./publisher-options.ts";
import type { Reply } from "./read-reply.ts";
import type { ReplyPayload, RequestControl, RequestManyOptions, RequestOptions } from "./request-options.ts";
import { Requester } from "./requester.ts";
import { type Many, sendAll } from "./send-all.ts";
import type { Sendable } from "./sendable.ts";
import { Sender } from "./sender.ts";

const defaultCloseTimeoutMs = 10_000;

/**
 * Publishes messages and says what became of each. Made by {@link createPublisher}; `T` is the topology whose exchanges
 * it may publish to.
 */
export class Publisher<T extends Topology = Topology> implements AsyncDisposable {
  readonly #maxInFlight: number;
  readonly #sender: Sender;
  readonly #requester: Requester;
  #closing: Promise<void> | undefined;

  /** Applications call {@link createPublisher}. */
  constructor(connection: Connection<T>, options: PublisherOptions = {}) {
    checkConnection(connection);
    if (connection.state.kind === "closed")
      throw new ConnectionError(
        "CONNECTION_CLOSED",
        `createPublisher needs an open connection, and "${connection.options.name}" is closed`,
      );
    const resolved = resolvePublisherOptions(options);
    this.#maxInFlight = resolved.maxInFlight;
    this.#sender = new Sender(connection, resolved);
    this.#requester = new Requester(connection, resolved);
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
  publish(what: Sendable, payloadOrControl?: unknown, options?: PublishOptions): Promise<Confirmed> {
    const { confirmed, settled } = awaitConfirmed(intendedTarget(what));
    this.#sender.send(what, payloadOrControl, options, settled);
    return confirmed;
  }

  /**
   * Publishes many, and resolves with one Confirmation for each, in their order. None of them throws. Payloads are taken
   * from the source only as there is room, so it may be larger than memory.
   *
   * Rejects only with what the source itself throws, and when there is no source or an option is wrong.
   *
   * @throws WarrenError PUBLISH_INVALID
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
    what: Many,
    payloadsOrControl?: unknown,
    options?: PublishOptions,
  ): Promise<readonly Confirmation[]> {
    return sendAll(this.#sender, this.#maxInFlight, what, payloadsOrControl, options);
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
  request(what: Sendable, payloadOrControl?: unknown, options?: RequestOptions): Promise<unknown> {
    return this.#requester.one({ what, payloadOrControl, options });
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
    return this.#requester.many({
      what: message,
      payloadOrControl: payload,
      options,
    }) as AsyncIterableIterator<ReplyPayload<R>>;
  }

  /**
   * Resolves when everything published before this call has settled.
   *
   * @throws WarrenError PUBLISH_TIMEOUT when that takes longer than `timeoutMs`; it goes on being published. ConfigError
   * INVALID_OPTION
   */
  async flush(options: DeadlineOption = {}): Promise<void> {
    await this.#sender.flush(deadlineOf("flush", options));
  }

  /**
   * Refuses new publishes, waits for the others and for answers, at most `timeoutMs` (10,000), and settles what is left:
   * refused if it was never written, else unknown.
   *
   * @throws ConfigError INVALID_OPTION; nothing has been closed then.
   */
  async close(options: DeadlineOption = {}): Promise<void> {
    const timeoutMs = deadlineOf("close", options) ?? defaultCloseTimeoutMs;
    await (this.#closing ??= this.#close(timeoutMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    await Promise.all([this.#sender.close(timeoutMs), this.#requester.close(timeoutMs)]);
  }
}

/**
 * A publisher on a channel of its own. It may publish to the exchanges of the connection's topology, to queues by the
 * default exchange, and to the broker's own exchanges; anything else is a compile error.
 *
 * @throws ConfigError INVALID_OPTION; ConnectionError CONNECTION_CLOSED
 */
export function createPublisher<T extends Topology = Topology>(
  connection: Connection<T>,
  options: PublisherOptions = {},
): Publisher<T> {
  return new Publisher(connection, options);
}

function checkConnection(connection: unknown): void {
  if (typeof connection === "object" && connection !== null && "channels" in connection) return;
  throw new ConfigError(
    "INVALID_OPTION",
    `createPublisher takes a connection, await connect(…), not ${shownValue(connection)}`,
  );
}
