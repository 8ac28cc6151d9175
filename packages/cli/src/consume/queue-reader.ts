import type { Connection, ConsumeChannel, WireChannel, WireDelivery } from "@warren/connection";
import { ConnectionError } from "@warren/message";
import type { PrintableMessage } from "../output/message-fields.ts";
import { untilEmpty } from "./until-empty.ts";
import { toMessage } from "./to-message.ts";

export interface QueueReaderOptions {
  readonly queue: string;
  readonly prefetch: number;
  /** Ends after so many messages. */
  readonly count: number | undefined;
  /** `after-output` acks what `write` has taken, `auto` acks on arrival, `none` gives everything back at the end. */
  readonly ack: "after-output" | "auto" | "none";
  readonly idleMs: number | undefined;
  readonly timeoutMs: number | undefined;
  readonly untilEmpty: boolean;
  readonly exclusive: boolean;
  /** How long the end waits for what is being written. */
  readonly drainMs: number;
  /** Makes or checks the queue on each new channel. */
  readonly prepare: (channel: WireChannel) => Promise<void>;
  /** Resolves when the message is out; called in order, and resolves in order. */
  readonly write: (message: PrintableMessage) => Promise<void>;
}

/** Why the reading came to its end. */
export type End = "count" | "idle" | "timeout" | "empty" | "interrupt" | { readonly error: unknown };

/**
 * Reads a queue message by message to one place, and comes back after a lost connection. A message is acked when it is
 * written, so a crash in between shows it twice and loses nothing; whatever was received and not acked goes back to
 * its place when the channel closes at the end.
 *
 * Messages are written in the order of their delivery tags. So one number says which are done, and one `multiple` ack
 * per turn of the event loop covers them.
 */
export class QueueReader {
  readonly #options: QueueReaderOptions;
  readonly #ended: Promise<End>;
  #resolveEnded!: (end: End) => void;
  readonly #channel: ConsumeChannel;
  #generation = 0;
  #lastWritten = 0;
  #lastAcked = 0;
  #acking = false;
  #accepted = 0;
  #writtenCount = 0;
  #writing = 0;
  #writtenAll: (() => void) | undefined;
  #end: End | undefined;
  #idleTimer: NodeJS.Timeout | undefined;
  #timeoutTimer: NodeJS.Timeout | undefined;

  constructor(connection: Connection, options: QueueReaderOptions) {
    this.#options = options;
    this.#ended = new Promise((resolve) => (this.#resolveEnded = resolve));
    this.#channel = connection.channels.consume({
      queue: options.queue,
      prefetch: options.count === undefined ? options.prefetch : Math.min(options.prefetch, options.count),
      ...(options.exclusive ? { exclusive: true } : {}),
      prepare: (channel) => options.prepare(channel),
      delivered: (delivery, generation) => this.#delivered(delivery, generation),
      up: (_consumerTag, generation) => this.#up(generation),
      setupFailed: (error) => {
        // A queue that is not there, or is another connection's, does not come by waiting: only a connection does. But
        // after a loss the other connection may be this command's own last one, which the broker has not missed yet.
        const ownPast = this.#generation > 0 && error.code === "BROKER_RESOURCE_LOCKED";
        if (!(error instanceof ConnectionError) && !ownPast) this.finish({ error });
      },
      down: () => clearTimeout(this.#idleTimer),
      failed: (error) => this.finish({ error }),
    });
  }

  /** Messages that are out. */
  get writtenCount(): number {
    return this.#writtenCount;
  }

  /** Resolves with the reason when nothing more will be received, and everything received is settled. */
  async run(): Promise<End> {
    const end = await this.#ended;
    clearTimeout(this.#idleTimer);
    clearTimeout(this.#timeoutTimer);
    await this.#drained();
    this.#ack();
    // Not by nack: a quorum queue of 3.10 without a delivery limit puts what is nacked behind the rest.
    await this.#channel.close();
    return this.#end ?? end;
  }

  /** Takes nothing more. The first reason counts, unless what was still to be written fails. */
  finish(end: End): void {
    if (this.#end !== undefined) {
      if (typeof this.#end === "string") this.#end = typeof end === "string" ? this.#end : end;
      return;
    }
    this.#end = end;
    // Written before any further ack, so that the broker does not fill up the prefetch once more.
    void this.#channel.cancel().catch(() => undefined);
    this.#resolveEnded(end);
  }

  #up(generation: number): void {
    if (generation !== this.#generation) this.#renew(generation);
    this.#restartIdle();
    const { timeoutMs } = this.#options;
    if (timeoutMs !== undefined) this.#timeoutTimer ??= setTimeout(() => this.finish("timeout"), timeoutMs);
    if (this.#options.untilEmpty) void this.#watchEmpty(generation);
  }

  /** Tags of another generation mean other messages. */
  #renew(generation: number): void {
    this.#generation = generation;
    this.#lastWritten = this.#lastAcked = 0;
  }

  #delivered(delivery: WireDelivery, generation: number): void {
    if (generation !== this.#generation) this.#renew(generation);
    if (this.#end !== undefined) return;
    this.#accepted++;
    this.#restartIdle();
    if (this.#options.count !== undefined && this.#accepted >= this.#options.count) this.finish("count");
    if (this.#options.ack === "auto") this.#written(generation, delivery.fields.deliveryTag);
    void this.#write(delivery, generation);
  }

  async #write(delivery: WireDelivery, generation: number): Promise<void> {
    this.#writing++;
    try {
      await this.#options.write(toMessage(this.#options.queue, delivery));
      this.#writtenCount++;
      if (this.#options.ack === "after-output") this.#written(generation, delivery.fields.deliveryTag);
    } catch (error) {
      this.finish({ error });
    }
    if (--this.#writing === 0) this.#writtenAll?.();
  }

  #written(generation: number, deliveryTag: number): void {
    if (generation !== this.#generation) return;
    this.#lastWritten = deliveryTag;
    if (this.#acking) return;
    this.#acking = true;
    setImmediate(() => this.#ack());
  }

  #ack(): void {
    this.#acking = false;
    if (this.#lastWritten <= this.#lastAcked) return;
    this.#lastAcked = this.#lastWritten;
    this.#channel.ack(this.#generation, this.#lastAcked, true);
  }

  async #watchEmpty(generation: number): Promise<void> {
    const empty = await untilEmpty({
      readyCount: async () => (await this.#channel.count())?.messageCount,
      received: () => this.#accepted,
      busy: () => this.#writing > 0,
      gone: () => this.#end !== undefined || generation !== this.#generation,
    });
    if (empty) this.finish("empty");
  }

  #restartIdle(): void {
    const { idleMs } = this.#options;
    clearTimeout(this.#idleTimer);
    if (idleMs !== undefined && this.#end === undefined)
      this.#idleTimer = setTimeout(() => this.finish("idle"), idleMs);
  }

  async #drained(): Promise<void> {
    if (this.#writing === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#writtenAll = resolve;
      timer = setTimeout(resolve, this.#options.drainMs);
    });
    clearTimeout(timer);
  }
}
