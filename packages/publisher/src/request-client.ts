import { randomUUID } from "node:crypto";
import type { ConfirmChannel, ConfirmChannelOptions, Connection, WireDelivery } from "@warren/connection";
import { type Confirmation, type Publishing, WarrenError } from "@warren/message";
import { InFlight } from "@warren/message/authoring";
import { notSent, publisherClosed } from "./not-sent.ts";
import { PendingRequest, type ReplyLimits } from "./pending-request.ts";
import { PreparationRoom } from "./preparation-room.ts";
import { publishError } from "./publish-error.ts";
import { toReply } from "./read-reply.ts";
import { requestAborted, requestLost, type RequestTarget, requestTimedOut } from "./request-errors.ts";
import { timeLeft } from "./time-left.ts";

/** RabbitMQ's pseudo-queue: answers come straight to the channel that consumes from it. */
const replyQueue = "amq.rabbitmq.reply-to";

export interface RequestTerms extends ReplyLimits {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  /** Of the body while it is prepared. */
  readonly bytes: number;
  /** As far as it is known before the publishing is prepared. */
  readonly target: RequestTarget;
}

type Limits = ConfirmChannelOptions & Required<Pick<ConfirmChannelOptions, "maxInFlight" | "maxBufferBytes">>;

/**
 * Requests over direct reply-to, on one channel that both publishes them and consumes the answers. The address is that
 * channel's: when it is lost, so are the answers, and a request is never sent a second time.
 *
 * @see https://www.rabbitmq.com/docs/direct-reply-to
 */
export class RequestClient {
  readonly #channel: ConfirmChannel;
  readonly #pending = new Map<string, PendingRequest>();
  readonly #inFlight = new InFlight();
  readonly #preparing: PreparationRoom;

  constructor(connection: Connection, limits: Limits) {
    this.#preparing = new PreparationRoom(limits.maxInFlight, limits.maxBufferBytes);
    this.#channel = connection.channels.confirm({
      ...limits,
      name: "request",
      purpose: "request",
      setup: async (channel) => {
        await channel.consume(replyQueue, { noAck: true }, (delivery) => this.#answered(delivery));
      },
      down: (error) => {
        for (const request of this.#pending.values())
          if (request.stage === "confirmed") request.end(requestLost(error, request.target));
      },
    });
  }

  /** Why no request with so many bytes can be prepared now, or nothing. */
  refusal(bytes: number): WarrenError | undefined {
    return this.#preparing.refusal(bytes);
  }

  /**
   * Its time runs from here, also while the publishing is prepared.
   *
   * @param work rejects with what the reader gets.
   */
  send(work: Publishing | Promise<Publishing>, terms: RequestTerms): PendingRequest {
    const { timeoutMs, signal } = terms;
    const correlationId = randomUUID();
    const ended = new AbortController();
    const abort = (): void => request.end(requestAborted(request.target));
    const prepared = work instanceof Promise ? this.#preparing.take(terms.bytes) : undefined;
    const timer = setTimeout(() => request.end(requestTimedOut(timeoutMs, request.target)), timeoutMs);
    const request = new PendingRequest(terms, terms.target, () => {
      clearTimeout(timer);
      prepared?.();
      signal?.removeEventListener("abort", abort);
      this.#pending.delete(correlationId);
      this.#inFlight.end();
      ended.abort();
    });
    this.#inFlight.begin();
    this.#pending.set(correlationId, request);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener("abort", abort);
    const left = timeLeft(timeoutMs);
    const publish = (publishing: Publishing): void => {
      if (ended.signal.aborted) return;
      prepared?.();
      const { exchange, routingKey, type } = publishing;
      request.target = { exchange, routingKey, type };
      request.stage = "sent";
      try {
        this.#channel.send(
          { ...publishing, persistent: publishing.persistent ?? false, correlationId, replyTo: replyQueue },
          { replay: false, signal: ended.signal, confirmTimeoutMs: timeoutMs, deliveryTimeoutMs: left() },
          (confirmation) => published(request, confirmation, publishing, timeoutMs),
        );
      } catch (error) {
        request.end(publishError(notSent(error, publishing.messageId), publishing));
      }
    };
    if (work instanceof Promise) work.then(publish, (error: WarrenError) => request.end(error));
    else publish(work);
    return request;
  }

  /**
   * Waits for the answers that are outstanding, at most `timeoutMs`. The others are told as lost, unless their requests
   * were not sent: what is on its way then is told by the channel.
   */
  async close(timeoutMs: number): Promise<void> {
    const left = timeLeft(timeoutMs);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    await Promise.race([this.#inFlight.whenZero(), late]);
    clearTimeout(timer);
    for (const request of this.#pending.values()) {
      if (request.stage === "preparing") request.end(publisherClosed());
      else if (request.stage === "confirmed") request.end(requestLost(publisherClosed(), request.target));
    }
    await this.#channel.close({ timeoutMs: left() });
  }

  /** An answer to nobody is late: its request has timed out, or has had enough. */
  #answered(delivery: WireDelivery | undefined): void {
    if (delivery === undefined) return;
    this.#pending.get(delivery.properties.correlationId ?? "")?.answer(toReply(delivery));
  }
}

/** What the publish came to, which may be after its answer. */
function published(
  request: PendingRequest,
  outcome: Confirmation,
  publishing: Publishing,
  timeoutMs: number,
): void {
  if (outcome.status === "confirmed") request.stage = "confirmed";
  else if (outcome.status === "unknown") request.end(requestLost(outcome.error, request.target));
  else if (outcome.status === "timed-out") request.end(requestTimedOut(timeoutMs, request.target));
  else request.end(publishError(outcome, publishing));
}
