import type { Connection } from "@warren/connection";
import { type AnyMessage, type Publishing, WarrenError } from "@warren/message";
import { checkGiven, type GivenRules } from "./check-given.ts";
import { detached, prepare, Unvalidated } from "./encode.ts";
import { intendedTarget, notSent, publisherClosed } from "./not-sent.ts";
import { publishError } from "./publish-error.ts";
import { limitsOf, type ResolvedPublisherOptions } from "./publisher-options.ts";
import { type Reply, replyError, replyPayload, unreadable } from "./read-reply.ts";
import { RequestClient, type RequestTerms } from "./request-client.ts";
import { readingTimedOut, requestAborted } from "./request-errors.ts";
import {
  type RequestControl,
  requestControlRules,
  requestManyOptionRules,
  type RequestManyOptions,
  requestOptionRules,
  unreadReplyDefaults,
} from "./request-options.ts";
import { checkSendable, isMessage, type Sendable } from "./sendable.ts";
import { isSqueezable, knownBytes, squeezeIfLarge } from "./squeeze.ts";

/** A call of `request` or `requestMany`. */
interface Question {
  readonly what: Sendable;
  /** The payload of a message, or how the request of a publishing waits for its answer. */
  readonly payloadOrControl: unknown;
  /** Of a message. */
  readonly options: RequestManyOptions | undefined;
}

/** Requests and what their answers say. Their channel is opened by the first one. */
export class Requester {
  readonly #connection: Connection;
  readonly #options: ResolvedPublisherOptions;
  #client: RequestClient | undefined;
  #isClosed = false;

  constructor(connection: Connection, options: ResolvedPublisherOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  async one(question: Question): Promise<unknown> {
    for await (const answer of this.#answers(question, requestOptionRules, 1)) return answer;
    throw new WarrenError("REPLY_FAILED", "the request was answered with no reply at all");
  }

  many(question: Question): AsyncGenerator<unknown, undefined> {
    return this.#answers(question, requestManyOptionRules, question.options?.replies);
  }

  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    await this.#client?.close(timeoutMs);
  }

  async *#answers(
    question: Question,
    rules: GivenRules,
    replyCount: number | undefined,
  ): AsyncGenerator<unknown, undefined> {
    const { what, payloadOrControl, options = {} } = question;
    const control = isMessage(what) ? options : ((payloadOrControl ?? {}) as RequestControl);
    if (this.#isClosed) throw publisherClosed();
    const client = this.#opened(question);
    const { work, bytes } = this.#prepared(question, control, rules, client);
    const timeoutMs = control.timeoutMs ?? this.#options.requestTimeoutMs;
    const answers = client.send(work, {
      bytes,
      timeoutMs,
      signal: control.signal,
      target: { ...intendedTarget(what), type: what?.type },
      replyCount,
      maxBufferedReplies: options.maxBufferedReplies ?? unreadReplyDefaults.maxBufferedReplies,
      maxBufferedBytes: options.maxBufferedBytes ?? unreadReplyDefaults.maxBufferedBytes,
    });
    for await (const answer of answers) {
      const error = replyError(answer);
      if (error !== undefined) throw error;
      yield isMessage(what)
        ? await readInTime(this.#payloadOf(answer, options.reply), {
            timeoutMs,
            signal: control.signal,
            target: answers.target,
          })
        : answer;
    }
    return undefined;
  }

  /** @throws PublishError CONNECTION_CLOSED */
  #opened({ what, options }: Question): RequestClient {
    try {
      return (this.#client ??= new RequestClient(this.#connection, limitsOf(this.#options)));
    } catch (error) {
      throw publishError(notSent(error, options?.messageId), intendedTarget(what));
    }
  }

  /** @throws PublishError, or rejects with it. */
  #prepared(
    { what, payloadOrControl, options }: Question,
    control: RequestControl,
    rules: GivenRules,
    client: RequestClient,
  ): { readonly work: Publishing | Promise<Publishing>; readonly bytes: number } {
    const refuse = (error: unknown): never => {
      throw publishError(notSent(error, options?.messageId), intendedTarget(what));
    };
    try {
      checkSendable(what);
      checkGiven(control, isMessage(what) ? rules : requestControlRules);
      const encoded = prepare(what, payloadOrControl, options, this.#options);
      if (!(encoded instanceof Unvalidated) && !isSqueezable(encoded, this.#options))
        return { work: encoded, bytes: 0 };
      const bytes = encoded instanceof Unvalidated ? encoded.bytes : knownBytes(encoded.body);
      const refusal = client.refusal(bytes);
      if (refusal !== undefined) {
        if (encoded instanceof Unvalidated) encoded.abandon();
        throw refusal;
      }
      const publishing = encoded instanceof Unvalidated ? encoded.publishing : detached(encoded);
      const squeezed = squeezeIfLarge(publishing, this.#options);
      return { work: squeezed instanceof Promise ? squeezed.catch(refuse) : squeezed, bytes };
    } catch (error) {
      return refuse(error);
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

/** The request is over, but its caller still waits: for no longer than for the answer itself. */
async function readInTime(
  payload: Promise<unknown>,
  { timeoutMs, signal, target }: Pick<RequestTerms, "timeoutMs" | "signal" | "target">,
): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  let abort = (): void => undefined;
  const givenUp = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(readingTimedOut(timeoutMs, target)), timeoutMs);
    abort = () => reject(requestAborted(target));
  });
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort);
  try {
    return await Promise.race([payload, givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}
