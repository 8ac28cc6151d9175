import { setTimeout as sleep } from "node:timers/promises";
import { backoffMs, ConnectionError, diagnostics, WarrenError } from "@warren/message";
import type { ChannelModel } from "amqplib";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import { type BrokerAddress, describeAddress } from "../uri.ts";
import { type Attempt, ConnectionLoop } from "./connection-loop.ts";
import { modelOf, type SocketState } from "./socket-state.ts";

export type SocketKind = "publish" | "consume";

/** A connection that lasts less than this was not a success: the pause before the next attempt keeps growing. */
const stableAfterMs = 1_000;

/** One TCP connection that comes back: attempts, pauses, states. What is on it (channels) comes and goes with it. */
export class SupervisedSocket {
  readonly kind: SocketKind;
  readonly #connection: string;
  readonly #options: ResolvedConnectOptions;
  readonly #loop: ConnectionLoop;
  readonly #listeners = new Set<(to: SocketState, from: SocketState) => void>();
  readonly #closing = new AbortController();
  #state: SocketState = { kind: "connecting", attempt: 0 };
  #epoch = 0;
  #openedAt = 0;
  #address: BrokerAddress;

  constructor(kind: SocketKind, connection: string, options: ResolvedConnectOptions) {
    this.kind = kind;
    this.#connection = connection;
    this.#options = options;
    this.#address = options.addresses[0]!;
    this.#loop = new ConnectionLoop(() => this.#nextAttempt(), {
      opened: (model) => this.#opened(model),
      failed: (error) => this.#failed(error),
      lost: (error) => this.#lost(error),
      blocked: (reason) => {
        if (this.#state.kind === "open") this.#set({ ...this.#state, kind: "blocked", reason });
        diagnostics.blocked.publish({ connection: this.#connection, socket: this.kind, reason });
      },
      unblocked: () => {
        if (this.#state.kind === "blocked")
          this.#set({ kind: "open", model: this.#state.model, epoch: this.#state.epoch });
        diagnostics.blocked.publish({ connection: this.#connection, socket: this.kind, reason: undefined });
      },
    });
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Called after every change; must not throw. Returns what stops it. */
  onState(listener: (to: SocketState, from: SocketState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Drops a connection that cannot be trusted any more; it is made again. */
  cut(reason: Error): void {
    const model = modelOf(this.#state);
    if (model !== undefined) this.#loop.destroy(model, reason);
  }

  /** Closes for good, within `timeoutMs`; the socket is destroyed at the latest then. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#state.kind === "closing" || this.#state.kind === "closed") return;
    const model = modelOf(this.#state);
    this.#set({ kind: "closing" });
    this.#closing.abort();
    await this.#loop.close(model, timeoutMs);
    this.#set({ kind: "closed" });
  }

  #set(to: SocketState, error?: unknown): void {
    const from = this.#state;
    this.#state = to;
    diagnostics.connectionState.publish({
      connection: this.#connection,
      socket: this.kind,
      from: from.kind,
      to: to.kind,
      ...(error === undefined ? {} : { error }),
    });
    for (const listener of this.#listeners) listener(to, from);
  }

  get #attempts(): number {
    return this.#state.kind === "connecting" || this.#state.kind === "reconnecting" ? this.#state.attempt : 0;
  }

  async #nextAttempt(): Promise<Attempt> {
    const { addresses, reconnect, random } = this.#options;
    const attempts = this.#attempts;
    await sleep(backoffMs(attempts, reconnect, random), undefined, { signal: this.#closing.signal });
    this.#address = addresses[attempts % addresses.length]!;
    return { address: this.#address, options: this.#options, purpose: `${this.#connection} (${this.kind})` };
  }

  #opened(model: ChannelModel): void {
    if (this.#state.kind === "closing" || this.#state.kind === "closed") {
      this.#loop.destroy(model, new Error("closed while connecting"));
      return;
    }
    this.#openedAt = performance.now();
    this.#epoch++;
    this.#set({ kind: "open", model, epoch: this.#epoch });
    diagnostics.connect.publish({
      connection: this.#connection,
      socket: this.kind,
      address: describeAddress(this.#address),
      epoch: this.#epoch,
    });
  }

  #failed(error: unknown): void {
    if (this.#state.kind === "closing" || this.#state.kind === "closed") return;
    const attempt = this.#attempts + 1;
    const reason =
      error instanceof WarrenError
        ? error
        : new ConnectionError(
            "CONNECT_FAILED",
            `cannot connect to ${describeAddress(this.#address)}: ${(error as Error).message}`,
            { cause: error },
          );
    diagnostics.connectFailed.publish({
      connection: this.#connection,
      socket: this.kind,
      address: describeAddress(this.#address),
      attempt,
      error: reason,
    });
    this.#set({ kind: this.#epoch === 0 ? "connecting" : "reconnecting", attempt, error: reason }, reason);
  }

  #lost(error: unknown): void {
    if (this.#state.kind === "closing" || this.#state.kind === "closed") return;
    const reason = new ConnectionError(
      "CONNECTION_LOST",
      `the connection to ${describeAddress(this.#address)} was lost: ${error instanceof Error ? error.message : "closed by the broker"}`,
      { cause: error },
    );
    const attempt = performance.now() - this.#openedAt < stableAfterMs ? 2 : 1;
    this.#set({ kind: "reconnecting", attempt, error: reason }, reason);
  }
}
