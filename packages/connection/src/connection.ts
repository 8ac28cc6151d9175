import { diagnostics } from "@warren/message";
import { milliseconds, resolveOptions, type Rules } from "@warren/message/authoring";
import { closeOnSignals, type CloseOnSignalsOptions } from "./close-on-signals.ts";
import type { ResolvedConnectOptions } from "./connect-options.ts";
import { ConnectionChannels } from "./connection-channels.ts";
import { type ConnectionState, type ConnectionStatus, worstOf } from "./connection-state.ts";
import type { SocketState } from "./socket/socket-state.ts";
import { watchStalls } from "./socket/stall-watch.ts";
import type { SocketKind } from "./socket/supervised-socket.ts";
import { StatusFeed } from "./status-feed.ts";
import { assertTopology } from "./topology/assert-topology.ts";
import { checkTopology } from "./topology/check-topology.ts";
import { declareTopology } from "./topology/declare-topology.ts";
import type { ManagementOptions } from "./topology/management-api.ts";
import type { Plan } from "./topology/plan.ts";
import { planTopology } from "./topology/plan-topology.ts";
import type { Topology } from "./topology/topology.ts";

/** Consumers before publishers, since a handler may still publish; each of what is left of the deadline at most this. */
const kindsToFinish = ["consume", "publish"] as const;
const finishShare: Readonly<Record<SocketKind, number>> = { consume: 0.8, publish: 1 };

/** What is kept of the deadline of `close()` for the sockets, at most. */
const socketCloseShare = 0.25;
const maxSocketCloseMs = 5_000;

interface CloseOptions {
  readonly timeoutMs?: number;
}

const closeRules: Rules<CloseOptions> = { timeoutMs: milliseconds() };

/**
 * A supervised connection to RabbitMQ, made by {@link connect}. It comes back after every loss until it is closed.
 *
 * It holds up to two sockets, opened on first use: one for publishes, one for everything else, because in a memory or
 * disk alarm the broker reads nothing more from a socket that has published, acknowledgements included.
 */
export class Connection<T extends Topology = Topology> implements AsyncDisposable {
  readonly options: ResolvedConnectOptions;
  /** What `connect` was given; publishers and consumers take their names from its type. */
  readonly topology: T | undefined;
  /** For library authors; applications use `@warren/publisher` and `@warren/consumer`. */
  readonly channels: ConnectionChannels;
  readonly #feeds = new Set<StatusFeed>();
  readonly #signalListeners: Disposable[] = [];
  readonly #stopStallWatch: () => void;
  #state: ConnectionState = { kind: "connecting", attempt: 0 };
  #closed: Promise<void> | undefined;

  /** Applications call {@link connect}. */
  constructor(options: ResolvedConnectOptions) {
    this.options = options;
    this.topology = options.topology as T | undefined;
    this.channels = new ConnectionChannels(options, {
      isClosed: () => this.#closed !== undefined,
      changed: (to) => this.#socketChanged(to),
    });
    const { heartbeatSeconds, name } = options;
    this.#stopStallWatch =
      heartbeatSeconds === 0
        ? () => undefined
        : watchStalls(heartbeatSeconds * 500, (stalledMs) =>
            diagnostics.stall.publish({ connection: name, stalledMs }),
          );
  }

  /** The worse of the two sockets' states. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** Every change from now on; ends with the signal or when the connection is closed. A slow reader loses the oldest. */
  status({ signal }: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<ConnectionStatus> {
    const leave = (): void => void feed.return();
    const feed = new StatusFeed(() => {
      this.#feeds.delete(feed);
      signal?.removeEventListener("abort", leave);
    });
    signal?.addEventListener("abort", leave);
    if (this.#state.kind === "closed" || signal?.aborted === true) feed.end();
    else this.#feeds.add(feed);
    return feed;
  }

  /**
   * For a readiness probe: connected, not blocked, and nothing that was set up has failed for good (a consumer whose
   * queue the broker refuses, for example), nor has the topology since the last reconnect. True does not promise that the
   * next operation succeeds.
   */
  healthy(): boolean {
    return (
      this.#state.kind === "open" &&
      this.channels.sockets.every((socket) => [...socket.users].every((user) => user.failure === undefined))
    );
  }

  /**
   * Declares the topology, by default the one `connect` was given. Nothing that is there is changed or deleted. No other
   * topology is declared again after a reconnect.
   *
   * @throws BrokerError TOPOLOGY_DRIFT with every difference; BROKER_ACCESS_REFUSED with the permission that is missing;
   * BROKER_RESOURCE_LOCKED, BROKER_NOT_FOUND, BROKER_PRECONDITION_FAILED. ConnectionError while there is no connection.
   */
  async declare(topology: Topology | undefined = this.topology): Promise<void> {
    if (topology === undefined) return;
    assertTopology("declare", topology);
    await declareTopology(this.channels, topology, "create");
    if (topology === this.topology) this.channels.topologyMended();
  }

  /**
   * Looks whether everything that the topology declares is there; needs no configure permission. Success says nothing
   * about settings and bindings: {@link plan} does.
   *
   * @throws BrokerError BROKER_NOT_FOUND listing what is missing; BROKER_ACCESS_REFUSED; BROKER_RESOURCE_LOCKED.
   */
  async check(topology: Topology | undefined = this.topology): Promise<void> {
    if (topology === undefined) return;
    assertTopology("check", topology);
    await checkTopology(this.channels, topology);
  }

  /**
   * What `declare` would do, entry by entry; creates nothing. With the management API bindings and everything that the
   * topology does not know are compared too.
   */
  async plan(topology: Topology, management?: ManagementOptions): Promise<Plan> {
    assertTopology("plan", topology);
    return planTopology(this.channels, topology, management);
  }

  /** Gives the broker a new OAuth 2 token, on both sockets. Needed only where `credentials` does not tell `expiresAt`. */
  async updateSecret(token: string): Promise<void> {
    await Promise.all(this.channels.sockets.map((socket) => socket.updateSecret(token)));
  }

  /**
   * Consumers finish what they have begun, publishers wait for their confirms, the sockets close. Resolves within
   * `timeoutMs` whatever the broker does, and no handle is left; what was not settled by then is told as unknown, and
   * what was not acknowledged is delivered again. Further calls give the same promise.
   *
   * @param options.timeoutMs in whole milliseconds; `closeTimeoutMs` of `connect` if left out.
   * @throws ConfigError INVALID_OPTION
   */
  close(options: CloseOptions = {}): Promise<void> {
    try {
      const defaults = { timeoutMs: this.options.closeTimeoutMs };
      const { timeoutMs } = resolveOptions("close", options, defaults, closeRules);
      return (this.#closed ??= this.#close(timeoutMs));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * Calls `close()` at the first SIGTERM or SIGINT and then ends the process with that signal (exit code 143 or 130); a
   * second one ends it at once. No signal is listened to before this is called, nor once the connection is closed. With
   * several connections the last one that is closed ends the process.
   *
   * Tracing SDKs and loggers listen to signals, too, and then a signal ends nothing by itself. With `after` the process
   * ends when that is done, whoever listens; without it the others have to end it, which a process warning (code
   * `WARREN_SIGNAL`) says.
   *
   * ```ts
   * connection.closeOnSignals({
   *   before: () => new Promise((closed) => server.close(closed)), // what still publishes
   *   after: () => telemetry.shutdown(), // what is needed to the last
   * });
   * ```
   *
   * @param options other signals, and what else is to be ended.
   * @returns what takes the listeners away again.
   * @throws ConfigError INVALID_OPTION
   */
  closeOnSignals(options: CloseOnSignalsOptions = {}): Disposable {
    const listeners = closeOnSignals(this, options);
    this.#signalListeners.push(listeners);
    return listeners;
  }

  #socketChanged(changed: SocketState): void {
    if (this.#state.kind !== "closing")
      this.#set(
        worstOf(this.channels.sockets.map((socket) => socket.state)),
        "error" in changed ? changed.error : undefined,
      );
  }

  #set(to: ConnectionState, error?: unknown): void {
    const from = this.#state;
    this.#state = to;
    if (from.kind === to.kind) return;
    const change = { from: from.kind, to: to.kind, ...(error === undefined ? {} : { error }) };
    for (const feed of this.#feeds) feed.push(change);
  }

  async #close(timeoutMs: number): Promise<void> {
    this.#set({ kind: "closing" });
    const deadline = performance.now() + timeoutMs;
    const socketsMs = Math.min(timeoutMs * socketCloseShare, maxSocketCloseMs);
    const left = (): number => Math.max(1, deadline - performance.now());
    for (const kind of kindsToFinish) {
      const users = this.channels.sockets
        .filter((socket) => socket.kind === kind)
        .flatMap(({ users }) => [...users]);
      const finishMs = Math.max(1, (left() - socketsMs) * finishShare[kind]);
      await within(
        users.map((user) => user.finish(finishMs)),
        finishMs,
      );
    }
    await Promise.all(this.channels.sockets.map((socket) => socket.close(left())));
    this.#stopStallWatch();
    for (const listeners of this.#signalListeners) listeners[Symbol.dispose]();
    this.#set({ kind: "closed" });
    for (const feed of this.#feeds) feed.end();
  }
}

async function within(work: readonly Promise<void>[], timeoutMs: number): Promise<void> {
  if (work.length === 0) return;
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs)));
  await Promise.race([Promise.allSettled(work), late]);
  clearTimeout(timer);
}
