import { ConnectionError, type WarrenError } from "@warren/message";
import { type ChannelUse, SupervisedChannel } from "./channel/supervised-channel.ts";
import {
  type ConnectOptions,
  resolveConnectOptions,
  type ResolvedConnectOptions,
} from "./connect-options.ts";
import { checkExchange } from "./confirms/check-exchange.ts";
import { ConfirmChannel } from "./confirms/confirm-channel.ts";
import type { ConfirmChannelOptions } from "./confirms/confirm-channel-options.ts";
import { ConsumeChannel, type ConsumeChannelOptions } from "./consume/consume-channel.ts";
import { type SocketKind, SupervisedSocket } from "./socket/supervised-socket.ts";
import type { SocketState } from "./socket/socket-state.ts";

/** Longest wait of `close()` for the broker's answer on one socket, in milliseconds. */
const closeTimeoutMs = 5_000;

/**
 * A supervised connection to RabbitMQ. It holds up to two sockets, opened on first use: one for publishes, one for
 * everything else, because in a memory or disk alarm the broker reads nothing more from a socket that has published.
 */
export class Connection implements AsyncDisposable {
  readonly options: ResolvedConnectOptions;
  readonly #sockets = new Map<SocketKind, SupervisedSocket>();
  #closed = false;

  constructor(options: ResolvedConnectOptions) {
    this.options = options;
  }

  /** For library authors: a channel of your own that comes back after every kind of loss. */
  supervise(socket: SocketKind, use: ChannelUse): SupervisedChannel {
    return new SupervisedChannel(this.socket(socket), this.options, use);
  }

  /** For library authors: one consumer on a channel of its own. */
  consume(options: ConsumeChannelOptions): ConsumeChannel {
    return new ConsumeChannel(this.socket("consume"), this.options, options);
  }

  /** For library authors: a channel with publisher confirms, on the socket for publishes. */
  confirmChannel(options: ConfirmChannelOptions = {}): ConfirmChannel {
    return new ConfirmChannel(
      this.socket("publish"),
      this.options,
      (exchange) => checkExchange(this.socket("consume"), this.options.rpcTimeoutMs, exchange),
      options,
    );
  }

  /** For library authors: the socket of that kind, opened if it was not. */
  socket(kind: SocketKind): SupervisedSocket {
    if (this.#closed) throw new ConnectionError("CONNECTION_CLOSED", "the connection is closed");
    let socket = this.#sockets.get(kind);
    if (socket === undefined)
      this.#sockets.set(kind, (socket = new SupervisedSocket(kind, this.options.name, this.options)));
    return socket;
  }

  /** Resolves when the socket is open; rejects with the last diagnosis after `startupTimeoutMs`. */
  async opened(kind: SocketKind): Promise<void> {
    const socket = this.socket(kind);
    const { startupTimeoutMs } = this.options;
    await new Promise<void>((resolve, reject) => {
      let last: unknown;
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        unsubscribe();
        settle();
      };
      const look = (state: SocketState): void => {
        if (state.kind === "open" || state.kind === "blocked") finish(resolve);
        else if (state.kind === "connecting") last = state.error ?? last;
      };
      const timer = setTimeout(() => {
        finish(() =>
          reject(
            new ConnectionError(
              "CONNECT_TIMEOUT",
              `no connection within ${startupTimeoutMs} ms: ${(last as WarrenError | undefined)?.sentence ?? "no answer"}`,
              { cause: last },
            ),
          ),
        );
      }, startupTimeoutMs);
      const unsubscribe = socket.onState(look);
      look(socket.state);
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#sockets.values()].map((socket) => socket.close(closeTimeoutMs)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Connects, declares the topology and resolves with the connection. */
export async function connect(
  urls: string | readonly string[],
  options: ConnectOptions = {},
): Promise<Connection> {
  const connection = new Connection(resolveConnectOptions(urls, options));
  try {
    await connection.opened("consume");
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}
