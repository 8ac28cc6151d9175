import type { CutKind, Direction, PipeFaults } from "./pipe-faults.ts";

/** A direction, or both of them. */
export type Directions = Direction | "both";

export interface CutOptions {
  /** How many more bytes pass, counted from now, or from the first byte of a connection that is yet to come. */
  readonly bytes: number;
  readonly direction: Direction;
  /** @default "reset" */
  readonly with?: CutKind;
}

export interface ThrottleOptions {
  readonly bytesPerSecond: number;
  /** @default "both" */
  readonly direction?: Directions;
}

export interface SegmentOptions {
  /** The largest piece. @default 1 */
  readonly bytes?: number;
  /** @default "both" */
  readonly direction?: Directions;
}

export interface DelayOptions {
  readonly delayMs: number;
  /** Up to so much more for each chunk, drawn from the proxy's seed. Order is kept. @default 0 */
  readonly jitterMs?: number;
  /** @default "both" */
  readonly direction?: Directions;
}

/**
 * The verbs that spoil a link. A `FaultProxy` has them for all connections, live and yet to come; its
 * `newConnections` for those yet to come; a `ProxiedConnection` for itself. Faults add up until `heal()`.
 */
export abstract class LinkFaults {
  /** What the verbs below come down to: changes the faults of one direction, as data. */
  abstract spoil(direction: Direction, change: Partial<PipeFaults>): void;

  /** Bytes are swallowed without a word, as by a firewall that forgot the connection. They are kept for `resume`. */
  blackHole(direction: Directions = "both"): void {
    this.#each(direction, { held: true });
  }

  /** Ends a black hole: what was kept is delivered now, in order. */
  resume(direction: Directions = "both"): void {
    this.#each(direction, { held: false });
  }

  /** Lets so many bytes pass, to the byte, and cuts the connection at both ends. */
  cutAfter(options: CutOptions): void {
    requirePositive("bytes", options.bytes);
    this.spoil(options.direction, { cutAfterBytes: options.bytes, cutKind: options.with ?? "reset" });
  }

  throttle(options: ThrottleOptions): void {
    requirePositive("bytesPerSecond", options.bytesPerSecond);
    this.#each(options.direction, { bytesPerSecond: options.bytesPerSecond });
  }

  /** Every piece of so many bytes is written by itself: frames arrive torn at every place. */
  segment(options: SegmentOptions = {}): void {
    const bytes = options.bytes ?? 1;
    requirePositive("bytes", bytes);
    this.#each(options.direction, { segmentBytes: bytes });
  }

  delay(options: DelayOptions): void {
    requirePositive("delayMs", options.delayMs);
    this.#each(options.direction, { delayMs: options.delayMs, jitterMs: options.jitterMs ?? 0 });
  }

  #each(directions: Directions = "both", change: Partial<PipeFaults>): void {
    if (directions !== "toClient") this.spoil("toServer", change);
    if (directions !== "toServer") this.spoil("toClient", change);
  }
}

function requirePositive(name: string, value: number): void {
  if (!(value > 0)) throw new RangeError(`${name} must be more than 0, not ${value}`);
}
