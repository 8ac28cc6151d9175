import { copyHeaders } from "@warren/message/authoring";
import type { Reply } from "./read-reply.ts";

export interface UnreadReplyLimits {
  readonly maxBufferedReplies: number;
  readonly maxBufferedBytes: number;
}

/** The answers to one request that its reader has not taken, in the order in which they came. */
export class UnreadReplies {
  readonly #limits: UnreadReplyLimits;
  readonly #replies: { readonly reply: Reply; readonly bytes: number }[] = [];
  #bytes = 0;

  constructor(limits: UnreadReplyLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#replies.length;
  }

  /** Their bodies and headers together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** @returns whether there was room for it; it is dropped otherwise. */
  add(reply: Reply): boolean {
    const bytes = reply.body.byteLength + copyHeaders(reply.properties.headers).bytes;
    const { maxBufferedReplies, maxBufferedBytes } = this.#limits;
    if (this.#replies.length >= maxBufferedReplies || this.#bytes + bytes > maxBufferedBytes) return false;
    this.#replies.push({ reply, bytes });
    this.#bytes += bytes;
    return true;
  }

  take(): Reply | undefined {
    const next = this.#replies.shift();
    if (next !== undefined) this.#bytes -= next.bytes;
    return next?.reply;
  }
}
