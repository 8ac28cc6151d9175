import { ConnectionError } from "@warren/message";
import { type ChannelUse, SupervisedChannel } from "./channel/supervised-channel.ts";
import { WireChannel } from "./channel/wire-channel.ts";
import { checkExchange } from "./confirms/check-exchange.ts";
import { ConfirmChannel } from "./confirms/confirm-channel.ts";
import type { ConfirmChannelOptions } from "./confirms/confirm-channel-options.ts";
import type { ResolvedConnectOptions } from "./connect-options.ts";
import { ConsumeChannel } from "./consume/consume-channel.ts";
import type { ConsumeChannelOptions } from "./consume/consume-channel-options.ts";
import { modelOf, type SocketState } from "./socket/socket-state.ts";
import { type SocketGate, type SocketKind, SupervisedSocket } from "./socket/supervised-socket.ts";
import { whenOpen } from "./socket/when-open.ts";
import { KeptTopology } from "./topology/kept-topology.ts";
import type { Topology } from "./topology/topology.ts";

/** What the connection around them has to say and to hear. */
export interface ConnectionChannelsPort {
  readonly isClosed: () => boolean;
  readonly changed: (to: SocketState) => void;
}

/**
 * For library authors: the two sockets of a connection and the channels on them. Applications publish with a publisher of
 * `@warren/publisher` and consume with a consumer of `@warren/consumer`, which rest on these.
 */
export class ConnectionChannels {
  readonly #options: ResolvedConnectOptions;
  readonly #port: ConnectionChannelsPort;
  readonly #sockets = new Map<SocketKind, SupervisedSocket>();
  #kept: KeptTopology | undefined;

  constructor(options: ResolvedConnectOptions, port: ConnectionChannelsPort) {
    this.#options = options;
    this.#port = port;
  }

  /** The sockets that are in use. */
  get sockets(): readonly SupervisedSocket[] {
    return [...this.#sockets.values()];
  }

  /**
   * The socket of that kind, opened if it was not.
   *
   * @throws ConnectionError CONNECTION_CLOSED where that would open one on a closed connection.
   */
  socket(kind: SocketKind): SupervisedSocket {
    let socket = this.#sockets.get(kind);
    if (socket === undefined) {
      if (this.#port.isClosed()) throw new ConnectionError("CONNECTION_CLOSED", "the connection is closed");
      const gate: SocketGate | undefined =
        kind === "publish" ? async (signal) => this.#kept?.stands(signal) : undefined;
      socket = new SupervisedSocket(kind, this.#options.name, this.#options, gate);
      this.#sockets.set(kind, socket);
      socket.onState((to) => this.#port.changed(to));
      this.#port.changed(socket.state);
    }
    return socket;
  }

  /** Resolves when the socket is open; rejects as `connect` does. */
  opened(kind: SocketKind, timeoutMs: number = this.#options.startupTimeoutMs): Promise<void> {
    return whenOpen(this.socket(kind), { timeoutMs, signal: this.#options.signal });
  }

  /** A channel of your own that comes back after every kind of loss. */
  supervise(socket: SocketKind, use: ChannelUse): SupervisedChannel {
    return new SupervisedChannel(this.socket(socket), this.#options, use);
  }

  /** One consumer on a channel of its own, on the socket for everything but publishes. */
  consume(options: ConsumeChannelOptions): ConsumeChannel {
    return new ConsumeChannel(this.socket("consume"), this.#options, options);
  }

  /** A channel with publisher confirms, on the socket for publishes. */
  confirm(options: ConfirmChannelOptions = {}): ConfirmChannel {
    return new ConfirmChannel(
      this.socket("publish"),
      this.#options,
      (exchange) => checkExchange(this, exchange),
      options,
    );
  }

  /**
   * A channel for one errand (declare, delete, count), on the socket for consumers. It is closed when `use` is done.
   *
   * @throws ConnectionError CHANNEL_LOST while there is no connection, CONNECTION_CLOSED; and what `use` rejects with.
   */
  async withChannel<Result>(use: (channel: WireChannel) => Promise<Result>): Promise<Result> {
    const socket = this.socket("consume");
    const model = modelOf(socket.state);
    if (model === undefined)
      throw new ConnectionError("CHANNEL_LOST", `the connection is ${socket.state.kind}: no channel now`);
    const { rpcTimeoutMs } = this.#options;
    const channel = await WireChannel.open(
      model,
      { confirm: false, rpcTimeoutMs },
      { closed: () => undefined, unanswered: (answer) => socket.channelUnanswered(answer) },
    );
    try {
      return await use(channel);
    } finally {
      await channel.close();
    }
  }

  /** For {@link connect}, when the topology is declared: from now on it is again after every reconnect. */
  keepTopology(topology: Topology): void {
    this.#kept = new KeptTopology(this.socket("consume"), this.#options, this, topology);
  }

  /** The kept topology has been declared by somebody else. */
  topologyMended(): void {
    this.#kept?.mended();
  }
}
