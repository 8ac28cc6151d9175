import type { Reply } from "./read-reply.ts";

export interface UnreadReplyLimits {
  readonly maxBufferedReplies: number;
  readonly maxBufferedBytes: number;
}

/** The answers to one request that its reader has not taken, in the order in which they came. */
export class UnreadReplies {
  readonly #limits: UnreadReplyLimits;
  readonly #replies: Reply[] = [];
  #bytes = 0;

  constructor(limits: UnreadReplyLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#replies.length;
  }

  /** Their bodies together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns whether there was room for it; it is dropped otherwise. */
  add(reply: Reply): boolean {
    const bytes = this.#bytes + reply.body.byteLength;
    const { maxBufferedReplies, maxBufferedBytes } = this.#limits;
    if (this.#replies.length >= maxBufferedReplies || bytes > maxBufferedBytes) return false;
    this.#replies.push(reply);
    this.#bytes = bytes;
    return true;
  }

  take(): Reply | undefined {
    const reply = this.#replies.shift();
    if (reply !== undefined) this.#bytes -= reply.body.byteLength;
    return reply;
  }
}
