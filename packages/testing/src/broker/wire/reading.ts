import type { Socket } from "node:net";

/** Why nothing is read from a client: an alarm, answers that it does not fetch, or a broker that was told to freeze. */
export type ReadingStop = "blocked" | "backlog" | "frozen";

/** Reads from a socket unless there is a reason not to. */
export class Reading {
  readonly #socket: Socket;
  readonly #stops = new Set<ReadingStop>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  stop(why: ReadingStop): void {
    this.#stops.add(why);
    this.#socket.pause();
  }

  /** Whatever the other reasons, if there are any. */
  resume(why: ReadingStop): void {
    if (this.#stops.delete(why) && this.#stops.size === 0) this.#socket.resume();
  }
}
