import type { Socket } from "node:net";
import type { CutKind, PipeFaults } from "./pipe-faults.ts";

/** How many unsent bytes a pipe keeps before it stops reading, as a full TCP window would. */
const maxHeldBytes = 1024 * 1024;

/** A throttled pipe writes this often; smaller pieces, smoother flow. */
const throttleTickMs = 10;

interface Arrival {
  readonly bytes: Buffer;
  readonly dueAt: number;
}

export interface PipeEvents {
  readonly random: () => number;
  /** Bytes were handed to the receiving socket. */
  readonly passed: (bytes: Buffer) => void;
  /** The byte limit of `cutAfterBytes` was reached. */
  readonly cut: (kind: CutKind) => void;
  /** The sending side reset its half; everything it had sent before was forwarded. */
  readonly broke: () => void;
}

/**
 * One half of a proxied connection. Everything that arrives (bytes, then an end of stream or a reset) waits in one
 * queue and leaves it in order, when the faults allow. `#drain` is the only place that writes.
 */
export class Pipe {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #events: PipeEvents;
  readonly #queue: Arrival[] = [];
  #faults: PipeFaults;
  #heldBytes = 0;
  #passedBytes = 0;
  #ending: "no" | "fin" | "reset" | "done" = "no";
  #lastDueAt = 0;
  #throttledUntil = 0;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;

  constructor(from: Socket, to: Socket, faults: PipeFaults, events: PipeEvents) {
    this.#from = from;
    this.#to = to;
    this.#faults = faults;
    this.#events = events;
    from.on("data", (bytes: Buffer) => this.#arrived(bytes));
    from.on("end", () => this.#ended("fin"));
    // The error itself is the fault under test; "close" says all that the other half needs to know.
    from.on("error", () => undefined);
    from.on("close", (hadError) => this.#ended(hadError ? "reset" : "fin"));
    to.on("drain", () => this.#drain());
  }

  /** Bytes handed on so far. */
  get passedBytes(): number {
    return this.#passedBytes;
  }

  /** Bytes that arrived and were not handed on yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  change(change: Partial<PipeFaults>): void {
    this.#faults = { ...this.#faults, ...change };
    this.#throttledUntil = 0;
    this.#drain();
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#ending = "done";
    this.#queue.length = 0;
    this.#heldBytes = 0;
  }

  #arrived(bytes: Buffer): void {
    if (this.#ending === "done") return;
    const { delayMs, jitterMs } = this.#faults;
    const dueAt = performance.now() + delayMs + this.#events.random() * jitterMs;
    // Jitter never reorders: TCP would not either.
    this.#lastDueAt = Math.max(this.#lastDueAt, dueAt);
    this.#queue.push({ bytes, dueAt: this.#lastDueAt });
    this.#heldBytes += bytes.length;
    if (this.#heldBytes > maxHeldBytes) this.#from.pause();
    this.#drain();
  }

  #ended(how: "fin" | "reset"): void {
    if (this.#ending !== "no") return;
    this.#ending = how;
    this.#drain();
  }

  #drain(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    while (!this.#faults.held && !this.#to.writableNeedDrain) {
      const next = this.#queue[0];
      if (next === undefined) return this.#forwardEnding();
      const now = performance.now();
      const waitMs = Math.max(this.#faults.delayMs > 0 ? next.dueAt : 0, this.#throttledUntil) - now;
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.#drain(), waitMs);
        return;
      }
      const piece = this.#take(next);
      if (!this.#write(piece)) return;
      if (this.#faults.bytesPerSecond < Infinity) {
        this.#throttledUntil = now + (piece.length / this.#faults.bytesPerSecond) * 1000;
      }
      if (this.#faults.segmentBytes < Infinity) {
        // Two writes in one turn of the event loop would leave the machine as one segment.
        this.#turn = setImmediate(() => this.#drain());
        return;
      }
    }
  }

  #take(next: Arrival): Buffer {
    const { segmentBytes, bytesPerSecond, cutAfterBytes } = this.#faults;
    const tickBytes = Math.max(1, Math.floor((bytesPerSecond * throttleTickMs) / 1000));
    const length = Math.min(next.bytes.length, segmentBytes, tickBytes, cutAfterBytes);
    if (length === next.bytes.length) this.#queue.shift();
    else this.#queue[0] = { ...next, bytes: next.bytes.subarray(length) };
    this.#heldBytes -= length;
    if (this.#heldBytes <= maxHeldBytes && this.#from.isPaused()) this.#from.resume();
    return next.bytes.subarray(0, length);
  }

  /** False when the connection was cut and nothing more may be written. */
  #write(piece: Buffer): boolean {
    if (piece.length > 0 && this.#to.writable) {
      this.#to.write(piece);
      this.#passedBytes += piece.length;
      this.#events.passed(piece);
    }
    const left = this.#faults.cutAfterBytes - piece.length;
    this.#faults = { ...this.#faults, cutAfterBytes: left };
    if (left > 0) return true;
    const { cutKind } = this.#faults;
    this.stop();
    this.#events.cut(cutKind);
    return false;
  }

  #forwardEnding(): void {
    if (this.#ending === "no" || this.#ending === "done") return;
    const how = this.#ending;
    this.#ending = "done";
    if (how === "reset") this.#events.broke();
    else if (this.#to.writable) this.#to.end();
  }
}
