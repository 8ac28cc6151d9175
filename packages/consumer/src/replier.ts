import { randomUUID } from "node:crypto";
import {
  type Codecs,
  type Delivery,
  DeliveryError,
  type Headers,
  markPermanent,
  type Publishing,
} from "@warren/message";
import type { ConfirmedPublishes } from "./confirmed-publishes.ts";
import { type Failure, failureOf } from "./failure.ts";
import { trimmed } from "./failure-headers.ts";
import type { ReplyFunction } from "./handler.ts";
import type { IncomingDelivery } from "./incoming-delivery.ts";
import { warrenHeader } from "./warren-header.ts";

/** A sentence for the requester, not a report. */
const maxMessageBytes = 1_024;

const nothing = Buffer.alloc(0);

/** Serves requests: publishes what a handler answers, and its failures, to where the request says. */
export class Replier {
  readonly #publishes: ConfirmedPublishes;
  readonly #codecs: Codecs;

  constructor(publishes: ConfirmedPublishes, codecs: Codecs) {
    this.#publishes = publishes;
    this.#codecs = codecs;
  }

  /** Calls the handler and publishes its answer; fulfilled when that is confirmed, whatever the answer was. */
  async serve(request: Delivery, contentType: string, handle: ReplyFunction<unknown>): Promise<void> {
    if (request.properties.replyTo === undefined)
      throw markPermanent(
        new DeliveryError("HANDLER_FAILED", "the request says no replyTo, so nobody can be answered"),
      );
    try {
      const answer = await handle(request.payload, request);
      if (isAsyncIterable(answer)) await this.#sendAll(request, contentType, answer);
      else await this.#send(request, this.#body(contentType, answer ?? null), { contentType });
    } catch (thrown) {
      if (thrown instanceof Abandoned) throw thrown.error;
      await this.refuse(request, failureOf(thrown));
    }
  }

  /** Tells the requester why there is no answer. */
  async refuse(request: Delivery, { code, reason }: Failure): Promise<void> {
    if (request.properties.replyTo === undefined) return;
    const headers = {
      [warrenHeader.errorCode]: code,
      [warrenHeader.errorMessage]: trimmed(reason, maxMessageBytes),
    };
    await this.#send(request, nothing, { headers });
  }

  /** One stays behind the others, so that the last one is known when it is sent. */
  async #sendAll(request: Delivery, contentType: string, answers: AsyncIterable<unknown>): Promise<void> {
    let held: Uint8Array | undefined;
    for await (const answer of answers) {
      const body = this.#body(contentType, answer ?? null);
      if (held !== undefined) await this.#send(request, held, { contentType });
      held = body;
    }
    const headers = { [warrenHeader.lastReply]: true };
    // Without any answer the end is told by itself, with an empty body and no content type.
    if (held === undefined) await this.#send(request, nothing, { headers });
    else await this.#send(request, held, { contentType, headers });
  }

  #body(contentType: string, answer: unknown): Uint8Array {
    return this.#codecs.for(contentType).encode(answer);
  }

  /** A requester that has gone is not waited for: then there is nobody to answer. */
  async #send(
    request: Delivery,
    body: Uint8Array,
    properties: { readonly contentType?: string; readonly headers?: Headers },
  ): Promise<void> {
    const { replyTo = "", correlationId } = request.properties;
    const publishing: Publishing = {
      ...properties,
      ...(correlationId === undefined ? {} : { correlationId }),
      exchange: "",
      routingKey: replyTo,
      body,
      messageId: randomUUID(),
      timestamp: new Date(),
      // RabbitMQ returns every mandatory reply to a direct reply-to address, although it arrives.
      mandatory: !replyTo.startsWith("amq.rabbitmq.reply-to."),
      persistent: false,
    };
    const wanted = (): boolean => (request as IncomingDelivery).state === "held";
    const end = await this.#publishes.publish(publishing, { wanted, mayBeReturned: true });
    if (end === "abandoned") throw new Abandoned();
  }
}

/** The reply was not confirmed while that mattered: the request is not answered, and is delivered again. */
class Abandoned extends Error {
  readonly error = new DeliveryError(
    "HANDLER_FAILED",
    "the reply was not confirmed before its channel was gone",
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof (value as { [Symbol.asyncIterator]?: unknown } | null | undefined)?.[Symbol.asyncIterator] ===
    "function"
  );
}
