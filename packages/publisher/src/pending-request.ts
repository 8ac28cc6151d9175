import { WarrenError } from "@warren/message";
import { isBareEnd, isLast, type Reply } from "./read-reply.ts";
import type { RequestTarget } from "./request-errors.ts";
import { UnreadReplies, type UnreadReplyLimits } from "./unread-replies.ts";

interface Reader {
  readonly resolve: (result: IteratorResult<Reply, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** How much one request expects, and how much of it may wait for its reader. */
export interface ReplyLimits extends UnreadReplyLimits {
  /** How many answers end it; nothing: the one that says that it is the last. */
  readonly replyCount: number | undefined;
}

/**
 * A request between its call and its last answer. Answers wait here until the one reader takes them. Direct reply-to
 * knows no acks, hence no answer can be left at the broker: one for which there is no room ends the request.
 */
export class PendingRequest implements AsyncIterableIterator<Reply, undefined> {
  /** Once it is confirmed the broker has it, so that its answer is lost if the channel is. */
  stage: "preparing" | "sent" | "confirmed" = "preparing";
  /** For the errors that tell of it. */
  target: RequestTarget;
  readonly #ended: () => void;
  readonly #unread: UnreadReplies;
  #leftCount: number;
  #reader: Reader | undefined;
  #end: { error: WarrenError | undefined } | undefined;

  /** @param ended called once, when nothing more is expected. */
  constructor(limits: ReplyLimits, target: RequestTarget, ended: () => void) {
    this.target = target;
    this.#leftCount = limits.replyCount ?? Infinity;
    this.#unread = new UnreadReplies(limits);
    this.#ended = ended;
  }

  answer(reply: Reply): void {
    if (this.#end !== undefined) return;
    if (!isBareEnd(reply) && !this.#hand(reply)) this.end(tooManyUnread(this.#unread));
    else if (--this.#leftCount === 0 || isLast(reply)) this.end();
  }

  /** Nothing more comes. An error is what the reader gets after the answers that have come already. */
  end(error?: WarrenError): void {
    if (this.#end !== undefined) return;
    const reader = this.#reader;
    this.#reader = undefined;
    this.#end = { error: reader === undefined ? error : undefined };
    this.#ended();
    if (error === undefined) reader?.resolve({ value: undefined, done: true });
    else reader?.reject(error);
  }

  next(): Promise<IteratorResult<Reply, undefined>> {
    const reply = this.#unread.take();
    if (reply !== undefined) return Promise.resolve({ value: reply, done: false });
    const end = this.#end;
    if (end === undefined) return new Promise((resolve, reject) => (this.#reader = { resolve, reject }));
    const { error } = end;
    end.error = undefined;
    return error === undefined ? Promise.resolve({ value: undefined, done: true }) : Promise.reject(error);
  }

  /** The reader has enough. */
  return(): Promise<IteratorResult<Reply, undefined>> {
    this.end();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @returns whether it is the reader's now, or waits for it. */
  #hand(reply: Reply): boolean {
    const reader = this.#reader;
    if (reader === undefined) return this.#unread.add(reply);
    this.#reader = undefined;
    reader.resolve({ value: reply, done: false });
    return true;
  }
}

function tooManyUnread({ count, bytes }: UnreadReplies): WarrenError {
  return new WarrenError(
    "REPLY_BUFFER_FULL",
    `replies come faster than they are read: ${count} with ${bytes} bytes are waiting, and there is no room for the next`,
    { context: { unreadCount: count, unreadBytes: bytes } },
  );
}
