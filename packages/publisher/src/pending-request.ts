import type { WarrenError } from "@warren/message";
import { isBareEnd, isLast, type Reply } from "./read-reply.ts";

interface Reader {
  readonly resolve: (result: IteratorResult<Reply, undefined>) => void;
  readonly reject: (error: unknown) => void;
}

/** A request between its call and its last answer. Answers wait here until the one reader takes them. */
export class PendingRequest implements AsyncIterableIterator<Reply, undefined> {
  /** The broker has it, so that its answer is lost if the channel is. */
  isConfirmed = false;
  readonly #ended: () => void;
  readonly #replies: Reply[] = [];
  #leftCount: number;
  #reader: Reader | undefined;
  #end: { error: WarrenError | undefined } | undefined;

  /**
   * @param replyCount how many answers end it; nothing: the one that says that it is the last.
   * @param ended called once, when nothing more is expected.
   */
  constructor(replyCount: number | undefined, ended: () => void) {
    this.#leftCount = replyCount ?? Infinity;
    this.#ended = ended;
  }

  answer(reply: Reply): void {
    if (this.#end !== undefined) return;
    if (!isBareEnd(reply)) this.#hand(reply);
    if (--this.#leftCount === 0 || isLast(reply)) this.end();
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
    const reply = this.#replies.shift();
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

  #hand(reply: Reply): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader === undefined) this.#replies.push(reply);
    else reader.resolve({ value: reply, done: false });
  }
}
