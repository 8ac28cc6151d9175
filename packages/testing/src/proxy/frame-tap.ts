import type { MethodName } from "../broker/codec/method-table.ts";
import { FrameReader, type Frame } from "./frame-reader.ts";
import type { Direction } from "./pipe-faults.ts";
import type { ProxiedConnection } from "./proxied-connection.ts";
import type { WireObserver } from "./wire-observer.ts";

/** A frame, which way it went and through which connection. */
export interface SeenFrame extends Frame {
  readonly direction: Direction;
  readonly connection: ProxiedConnection;
}

export type FrameObserver = (frame: SeenFrame) => void;

/** Which frames are meant: `"basic.deliver"`, or a test of one's own. */
export type FramePattern = MethodName | ((frame: SeenFrame) => boolean);

interface Waiter {
  readonly matches: (frame: SeenFrame) => boolean;
  readonly resolve: (frame: SeenFrame) => void;
  left: number;
}

/** Watches the AMQP frames that pass a proxy, all connections together; made by `proxy.frames()`. TLS hides them. */
export class FrameTap implements Disposable {
  readonly #readers = new WeakMap<ProxiedConnection, Record<Direction, FrameReader>>();
  readonly #counts = new Map<string, number>();
  readonly #waiters = new Set<Waiter>();
  readonly #observer: FrameObserver | undefined;
  readonly #subscription: Disposable;

  constructor(tap: (observer: WireObserver) => Disposable, observer?: FrameObserver) {
    this.#observer = observer;
    this.#subscription = tap((bytes, direction, connection) => {
      for (const frame of this.#reader(connection, direction).push(bytes)) {
        this.#see(Object.assign(frame, { direction, connection }));
      }
    });
  }

  /** How many went by since the tap began. An ack from the client and a confirm are both `basic.ack`: say which way. */
  count(method: MethodName, direction?: Direction): number {
    if (direction !== undefined) return this.#counts.get(`${direction} ${method}`) ?? 0;
    return this.count(method, "toServer") + this.count(method, "toClient");
  }

  /** The next such frame, once it has passed. */
  next(pattern: FramePattern, direction?: Direction): Promise<SeenFrame> {
    return this.#wait(1, pattern, direction);
  }

  /** Fulfilled once so many have passed since the tap began; at once if they have already. */
  async passed(count: number, method: MethodName, direction?: Direction): Promise<void> {
    const missing = count - this.count(method, direction);
    if (missing > 0) await this.#wait(missing, method, direction);
  }

  [Symbol.dispose](): void {
    this.#subscription[Symbol.dispose]();
  }

  #wait(left: number, pattern: FramePattern, direction: Direction | undefined): Promise<SeenFrame> {
    const isIt = typeof pattern === "function" ? pattern : (frame: SeenFrame) => frame.method === pattern;
    return new Promise((resolve) => {
      const matches = (frame: SeenFrame): boolean =>
        (direction === undefined || frame.direction === direction) && isIt(frame);
      this.#waiters.add({ matches, resolve, left });
    });
  }

  #reader(connection: ProxiedConnection, direction: Direction): FrameReader {
    let readers = this.#readers.get(connection);
    if (readers === undefined) {
      readers = { toServer: new FrameReader(), toClient: new FrameReader() };
      this.#readers.set(connection, readers);
    }
    return readers[direction];
  }

  #see(frame: SeenFrame): void {
    const key = `${frame.direction} ${frame.method ?? frame.type}`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#observer?.(frame);
    for (const waiter of this.#waiters) {
      if (!waiter.matches(frame)) continue;
      waiter.left -= 1;
      if (waiter.left > 0) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(frame);
    }
  }
}
