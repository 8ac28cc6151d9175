import { randomUUID } from "node:crypto";
import {
  type AnyMessage,
  type Codecs,
  type Delivery,
  DeliveryError,
  markPermanent,
  type Publishing,
} from "@warren/message";
import { schemaError, validate } from "@warren/message/authoring";
import type { ConfirmedPublishes } from "../moving/confirmed-publishes.ts";
import { type Failure, failureOf } from "./failure.ts";
import { trimmed } from "../moving/failure-headers.ts";
import type { ReplyFunction } from "./handler.ts";
import { warrenHeader } from "../moving/warren-header.ts";

/** A sentence for the requester, not a report. */
const maxMessageBytes = 1_024;

const nothing = Buffer.alloc(0);

/** What a reply says beside what all replies say. */
type Answer = Pick<Publishing, "body" | "contentType" | "type" | "headers">;

/** Serves requests: publishes what a handler answers, and its failures, to where the request says. */
export class Replier {
  readonly #publishes: ConfirmedPublishes;
  readonly #codecs: Codecs;

  constructor(publishes: ConfirmedPublishes, codecs: Codecs) {
    this.#publishes = publishes;
    this.#codecs = codecs;
  }

  /** Calls the handler and publishes its answer; fulfilled when that is confirmed, whatever the answer was. */
  async serve(
    request: Delivery,
    answer: AnyMessage | undefined,
    handle: ReplyFunction<unknown>,
  ): Promise<void> {
    if (request.properties.replyTo === undefined)
      throw markPermanent(
        new DeliveryError("HANDLER_FAILED", "the request says no replyTo, so nobody can be answered"),
      );
    try {
      const result = await handle(request.payload, request);
      if (isAsyncIterable(result)) await this.#sendAll(request, answer, result);
      else await this.#send(request, await this.#encode(answer, result));
    } catch (thrown) {
      if (thrown instanceof ReplyAbandoned) throw thrown;
      await this.refuse(request, failureOf(thrown));
    }
  }

  /**
   * Tells the requester why there is no answer.
   *
   * @param wanted asked before each try.
   */
  async refuse(
    request: Delivery,
    { code, reason }: Failure,
    wanted: () => boolean = () => !request.signal.aborted,
  ): Promise<void> {
    if (request.properties.replyTo === undefined) return;
    const headers = {
      [warrenHeader.errorCode]: code,
      [warrenHeader.errorMessage]: trimmed(reason, maxMessageBytes),
    };
    await this.#send(request, { body: nothing, headers }, wanted);
  }

  /** One stays behind the others, so that the last one is known when it is sent. */
  async #sendAll(
    request: Delivery,
    answer: AnyMessage | undefined,
    results: AsyncIterable<unknown>,
  ): Promise<void> {
    let held: Answer | undefined;
    for await (const result of results) {
      const encoded = await this.#encode(answer, result);
      if (held !== undefined) await this.#send(request, held);
      held = encoded;
    }
    // Without any answer the end is told by itself, with an empty body and no content type.
    await this.#send(request, {
      ...(held ?? { body: nothing }),
      headers: { [warrenHeader.lastReply]: true },
    });
  }

  /** @throws WarrenError SCHEMA_FAILED, or whatever the codec cannot encode */
  async #encode(answer: AnyMessage | undefined, result: unknown = null): Promise<Answer> {
    const contentType = answer?.contentType ?? "application/json";
    const body = this.#codecs.for(contentType).encode(result);
    if (answer === undefined) return { body, contentType };
    const validation = await validate(answer, result);
    if ("issues" in validation) throw schemaError("SCHEMA_FAILED", answer, validation.issues);
    return { body, contentType, type: answer.type };
  }

  /** A requester that has gone is not waited for: then there is nobody to answer. */
  async #send(
    request: Delivery,
    answer: Answer,
    wanted: () => boolean = () => !request.signal.aborted,
  ): Promise<void> {
    const { replyTo = "", correlationId } = request.properties;
    const publishing: Publishing = {
      ...answer,
      ...(correlationId === undefined ? {} : { correlationId }),
      exchange: "",
      routingKey: replyTo,
      messageId: randomUUID(),
      timestamp: new Date(),
      // RabbitMQ returns every mandatory reply to a direct reply-to address, although it arrives.
      mandatory: !replyTo.startsWith("amq.rabbitmq.reply-to."),
      persistent: false,
    };
    const end = await this.#publishes.publish(publishing, { wanted, mayBeReturned: true });
    if (end === "abandoned") throw new ReplyAbandoned();
  }
}

/** The reply was not confirmed while that mattered: the request is not answered, and is delivered again. */
export class ReplyAbandoned extends DeliveryError {
  constructor() {
    super("HANDLER_FAILED", "the reply was not confirmed before its channel was gone");
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return (
    typeof (value as { [Symbol.asyncIterator]?: unknown } | null | undefined)?.[Symbol.asyncIterator] ===
    "function"
  );
}
