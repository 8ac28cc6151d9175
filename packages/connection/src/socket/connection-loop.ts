import { setTimeout as sleep } from "node:timers/promises";
import type { Socket } from "node:net";
import { connect, type AmqpConnectionManager } from "amqp-connection-manager";
import type { ChannelModel } from "amqplib";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { BrokerAddress } from "../uri.ts";
import { type FrameReceiver, surviveDeepHeaders } from "./deep-headers.ts";
import { serverName } from "./handshake-probe.ts";
import type { SaslLogin } from "./login.ts";
import type { TlsMaterial } from "./tls-options.ts";

/** One attempt to connect: where to, and with what. */
export interface Attempt {
  readonly address: BrokerAddress;
  readonly options: ResolvedConnectOptions;
  /** Shown in the broker's list of connections. */
  readonly purpose: string;
  readonly login: SaslLogin;
  readonly tls: TlsMaterial;
}

export interface LoopEvents {
  opened(model: ChannelModel): void;
  failed(error: unknown): void;
  lost(error: unknown): void;
  blocked(reason: string): void;
  unblocked(): void;
}

/**
 * amqp-connection-manager, reduced to what it is good for: connecting again and again, and saying so. The rules
 * below each come from a fault that was seen; nothing outside this file imports it.
 *
 * - `findServers` gives one URL a call, so that every attempt asks again, and does the waiting itself:
 *   its own pause is constant, and 0 would mean five seconds.
 * - The attempt's AbortSignal is the connect deadline: amqplib has none that covers the handshake. It is disarmed
 *   once the connection is open, because the live socket keeps listening to it.
 * - `reconnect()` is never called (it can hang, and crash the process later), `close()` is never awaited without a
 *   deadline, and a socket is destroyed with an error, since amqplib does not notice otherwise. One that others
 *   destroy without is given an error afterwards.
 */
export class ConnectionLoop {
  readonly #manager: AmqpConnectionManager;
  #attempt: { readonly abort: AbortController; readonly timer: NodeJS.Timeout } | undefined;
  #model: ChannelModel | undefined;

  constructor(next: () => Promise<Attempt>, events: LoopEvents) {
    this.#manager = connect(null, {
      findServers: async () => [this.#arm(await next())] as never,
      reconnectTimeInSeconds: 0.001,
    });
    this.#manager.on("connect", () => {
      this.#disarm();
      const model = this.#manager.connection as unknown as ChannelModel;
      this.#model = model;
      surviveDeepHeaders(receiverOf(model));
      tellDestroyed(model);
      events.opened(model);
      // Closed by the broker in the same breath: the manager began to listen too late to hear of it.
      if (isClosed(model)) model.emit("close", new Error("closed as soon as it was open"));
    });
    this.#manager.on("connectFailed", ({ err }) => {
      this.#disarm();
      events.failed(err);
    });
    this.#manager.on("disconnect", ({ err }) => {
      // After a missed heartbeat amqplib only ends its half.
      if (this.#model !== undefined) socketOf(this.#model).destroy();
      this.#model = undefined;
      events.lost(err);
    });
    this.#manager.on("blocked", ({ reason }) => events.blocked(reason));
    this.#manager.on("unblocked", () => events.unblocked());
  }

  destroy(model: ChannelModel, reason: Error): void {
    if (isClosed(model)) model.emit("close", reason);
    else socketOf(model).destroy(reason);
  }

  /** So far, by this connection, heartbeats included. */
  bytesRead(model: ChannelModel): number {
    return socketOf(model).bytesRead;
  }

  /** What both sides agreed on; 0 is off. */
  heartbeatSeconds(model: ChannelModel): number {
    return (model as unknown as Internals).connection.heartbeat;
  }

  /** Ends by `timeoutMs` at the latest, with the socket destroyed. Nothing may be in flight on `model` any more. */
  async close(model: ChannelModel | undefined, timeoutMs: number): Promise<void> {
    if (model === undefined) {
      this.#attempt?.abort.abort(new Error("closing"));
      this.#disarm();
    }
    const late = new AbortController();
    await Promise.race([
      this.#manager.close().catch(() => undefined),
      // Lost meanwhile: the manager would wait for an answer that cannot come.
      ...(model === undefined ? [] : [gone(socketOf(model))]),
      sleep(timeoutMs, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
    if (model === undefined) return;
    // Only an error tells amqplib, which keeps its heartbeat timers otherwise.
    socketOf(model).destroy(isClosed(model) ? undefined : new Error("closed without an answer"));
  }

  #arm({ address, options, purpose, login, tls }: Attempt): object {
    const abort = new AbortController();
    const timer = setTimeout(
      () => abort.abort(new Error(`no answer within ${options.connectTimeoutMs} ms`)),
      options.connectTimeoutMs,
    );
    this.#attempt = { abort, timer };
    return {
      url: {
        protocol: address.tls ? "amqps" : "amqp",
        hostname: address.host,
        port: address.port,
        vhost: encodeURIComponent(address.vhost),
        heartbeat: options.heartbeatSeconds,
        frameMax: options.frameMax,
        maxFrameSize: options.frameMax,
        channelMax: options.channelMax,
      },
      connectionOptions: {
        noDelay: true,
        signal: abort.signal,
        credentials: login,
        clientProperties: { connection_name: purpose },
        ...(address.tls ? { ...serverName(address.host), ...tls } : {}),
      },
    };
  }

  #disarm(): void {
    clearTimeout(this.#attempt?.timer);
    this.#attempt = undefined;
  }
}

/** The parts of amqplib that it keeps to itself. */
interface Internals {
  readonly connection: FrameReceiver & {
    readonly stream: Socket;
    readonly heartbeat: number;
    readonly expectSocketClose: boolean;
  };
}

function receiverOf(model: ChannelModel): FrameReceiver {
  return (model as unknown as Internals).connection;
}

/** amqplib listens to the end of its socket and to errors, which a socket that is merely destroyed has not. */
function tellDestroyed(model: ChannelModel): void {
  const socket = socketOf(model);
  socket.once("close", () => {
    if (!isClosed(model)) socket.emit("error", new Error("its socket was destroyed in this process"));
  });
}

/** Whether amqplib is done with it; nothing on its socket is told to anybody any more. */
function isClosed(model: ChannelModel): boolean {
  return (model as unknown as Internals).connection.expectSocketClose;
}

function gone(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once("close", () => resolve());
  });
}

function socketOf(model: ChannelModel): Socket {
  return (model as unknown as Internals).connection.stream;
}
