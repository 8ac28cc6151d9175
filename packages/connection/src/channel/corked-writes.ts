import type { Duplex } from "node:stream";
import type { Channel } from "amqplib";

/** The parts of amqplib's channel and connection that stand between a frame and the socket. */
interface Internals {
  readonly ch: number;
  readonly connection: {
    readonly stream: Duplex;
    readonly frameMax: number;
    sentSinceLastCheck: boolean;
    readonly channels: ({
      readonly channel: object;
      buffer: { write(frame: Buffer): boolean; end(): void };
    } | null)[];
  };
}

/** More than this unsent means that the network or the broker is slower than we are. */
const congestedBytes = 1024 * 1024;

/** One listener for all channels of a socket: Node warns of a leak at eleven. */
const waitingForDrain = new WeakMap<Duplex, (() => void)[]>();

/**
 * The way from a channel to its socket, without amqplib's queue between them: every frame of one turn of the event
 * loop leaves in one system call instead of one each, which was a quarter of the price of a publish. The frames of
 * amqplib's own methods take the same way, so the order on the channel stays what it was.
 */
export class CorkedWrites {
  /** The channel's number, which every frame carries. */
  readonly channelNumber: number;
  readonly #connection: Internals["connection"];
  readonly #socket: Duplex;
  #corked = false;

  private constructor({ ch, connection }: Internals) {
    this.channelNumber = ch;
    this.#connection = connection;
    this.#socket = connection.stream;
  }

  /** Call when no answer is awaited on the channel: its queue is empty then. Nothing when it is already closed. */
  static on(channel: Channel): CorkedWrites | undefined {
    const internals = channel as unknown as Internals;
    const record = internals.connection.channels[internals.ch];
    // Its number may be another's by then.
    if (record?.channel !== channel) return undefined;
    const writes = new CorkedWrites(internals);
    const queue = record.buffer;
    record.buffer = { write: writes.write, end: () => queue.end() };
    return writes;
  }

  get frameMax(): number {
    return this.#connection.frameMax;
  }

  /** Whether the socket holds so much that writing more would only move the queue there. */
  get congested(): boolean {
    return this.#socket.writableLength > congestedBytes;
  }

  /** Calls once when the socket has sent what it held. */
  onceDrained(drained: () => void): void {
    const waiting = waitingForDrain.get(this.#socket);
    if (waiting !== undefined) return void waiting.push(drained);
    const first = [drained];
    waitingForDrain.set(this.#socket, first);
    this.#socket.once("drain", () => {
      waitingForDrain.delete(this.#socket);
      for (const each of first) each();
    });
  }

  readonly write = (bytes: Buffer): boolean => {
    if (!this.#corked) {
      this.#corked = true;
      this.#socket.cork();
      setImmediate(this.#uncork);
    }
    this.#connection.sentSinceLastCheck = true;
    return this.#socket.write(bytes);
  };

  readonly #uncork = (): void => {
    this.#corked = false;
    this.#socket.uncork();
  };
}
