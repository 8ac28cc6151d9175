import type { SocketWriter } from "./socket-writer.ts";
import { heartbeatFrame } from "../codec/frames.ts";

export interface HeartbeatsOptions {
  readonly seconds: number;
  readonly writer: Pick<SocketWriter, "write" | "written">;
  /** Nothing was heard from the client for two intervals. */
  readonly onSilence: () => void;
}

const halvesUntilSilent = 4;

/**
 * Says twice an interval that the broker is there, unless something was written anyway, and notices when a client no longer
 * does. Time is the machine's, whatever clock the broker has: the client's is, too. Its timer keeps no process alive, since
 * the socket does.
 */
export class Heartbeats {
  /** Whether anything came since this was last set to false. */
  heard = true;
  /** While the broker does not read a client it cannot hear it either. */
  listening = true;
  readonly #timer: NodeJS.Timeout;
  #silentHalves = 0;

  constructor({ seconds, writer, onSilence }: HeartbeatsOptions) {
    this.#timer = setInterval(() => {
      if (!writer.written) writer.write(heartbeatFrame);
      writer.written = false;
      this.#silentHalves = this.heard || !this.listening ? 0 : this.#silentHalves + 1;
      this.heard = false;
      if (this.#silentHalves === halvesUntilSilent) onSilence();
    }, seconds * 500);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
