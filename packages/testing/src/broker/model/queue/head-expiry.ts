import type { Alarm, Clock } from "../../clock.ts";
import type { Message } from "../message.ts";
import type { ReadyLine } from "./ready-line.ts";

/**
 * Messages expire at the head of their queue only: what is behind one that lives longer waits for its turn. So there is one
 * alarm for a queue, however many messages have a time.
 */
export class HeadExpiry {
  readonly #clock: Clock;
  readonly #ready: ReadyLine;
  readonly #messageTtlMs: number;
  readonly #expired: (message: Message) => void;
  #alarm: { readonly atMs: number; readonly alarm: Alarm } | undefined;

  constructor(parts: {
    readonly clock: Clock;
    readonly ready: ReadyLine;
    /** Of the queue; undefined for none. */
    readonly messageTtlMs: number | undefined;
    readonly expired: (message: Message) => void;
  }) {
    this.#clock = parts.clock;
    this.#ready = parts.ready;
    this.#messageTtlMs = parts.messageTtlMs ?? Infinity;
    this.#expired = parts.expired;
  }

  /** In milliseconds since the epoch; Infinity for never. */
  timeOf({ properties: { expiration } }: Message): number {
    if (expiration === undefined && this.#messageTtlMs === Infinity) return Infinity;
    const ownMs = expiration === undefined ? Infinity : Number(expiration);
    return this.#clock.now() + Math.min(this.#messageTtlMs, ownMs);
  }

  dropExpired(): void {
    let head = this.#ready.head();
    if (head === undefined || head.expiresAtMs === Infinity) return;
    const nowMs = this.#clock.now();
    while (head !== undefined && head.expiresAtMs <= nowMs) {
      this.#ready.take();
      this.#expired(head.message);
      head = this.#ready.head();
    }
  }

  /** Drops what has expired, and waits for the next. Where the head has left before its time, the alarm rings in vain. */
  watch(rang: () => void): void {
    this.dropExpired();
    const head = this.#ready.head();
    if (head === undefined || head.expiresAtMs === Infinity) return;
    const atMs = head.expiresAtMs;
    if (this.#alarm !== undefined) {
      if (this.#alarm.atMs <= atMs) return;
      this.#alarm.alarm.cancel();
    }
    const alarm = this.#clock.schedule(atMs - this.#clock.now(), () => {
      this.#alarm = undefined;
      rang();
    });
    this.#alarm = { atMs, alarm };
  }

  stop(): void {
    this.#alarm?.alarm.cancel();
    this.#alarm = undefined;
  }
}
