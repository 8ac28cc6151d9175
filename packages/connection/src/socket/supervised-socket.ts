import { ConnectionError, diagnostics, type WarrenError } from "@warren/message";
import type { ChannelModel } from "amqplib";
import { withDeadline } from "../channel/deadline.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import { Attempts } from "./attempts.ts";
import { ConnectionLoop } from "./connection-loop.ts";
import { lossOf } from "./loss.ts";
import { watchSilence } from "./silence-watch.ts";
import { modelOf, type SocketState } from "./socket-state.ts";
import { keepTokenFresh } from "./token-refresh.ts";

export type SocketKind = "publish" | "consume";

/** So many channel numbers may stay taken by channels that do not answer before the connection is made anew. */
const maxUnansweredChannels = 16;

/** A channel on the socket, as far as the connection's health and its end go. */
export interface SocketUser {
  readonly failure: WarrenError | undefined;
  finish(timeoutMs: number): Promise<void>;
}

/** What has to be done on each new connection before a channel is set up there; must not reject. */
export type SocketGate = (signal: AbortSignal) => Promise<void>;

const noGate: SocketGate = () => Promise.resolve();

/** One TCP connection that comes back: attempts, pauses, states. What is on it (channels) comes and goes with it. */
export class SupervisedSocket {
  readonly kind: SocketKind;
  readonly #connection: string;
  readonly #options: ResolvedConnectOptions;
  readonly #loop: ConnectionLoop;
  readonly #attempts: Attempts;
  readonly #gate: SocketGate;
  readonly #listeners = new Set<(to: SocketState, from: SocketState) => void>();
  readonly #users = new Set<SocketUser>();
  readonly #closing = new AbortController();
  #state: SocketState = { kind: "connecting", attempt: 0 };
  #epoch = 0;
  #unansweredChannels = 0;
  #openedAt = 0;
  #tokenExpiresAt: Date | undefined;
  #unansweredSecret: { readonly model: ChannelModel; readonly answer: Promise<unknown> } | undefined;
  /** Aborted when the open connection is gone: what was started for it ends with it. */
  #live = new AbortController();
  #ready = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(
    kind: SocketKind,
    connection: string,
    options: ResolvedConnectOptions,
    gate: SocketGate = noGate,
  ) {
    this.kind = kind;
    this.#connection = connection;
    this.#options = options;
    this.#gate = gate;
    this.#attempts = new Attempts(options, `${connection} (${kind})`, this.#closing.signal);
    this.#loop = new ConnectionLoop(() => this.#attempts.next(), {
      opened: (model) => this.#opened(model),
      failed: (error) => void this.#failed(error),
      lost: (error) => this.#lost(error),
      blocked: (reason) => this.#blocked(reason),
      unblocked: () => this.#unblocked(),
    });
  }

  get state(): SocketState {
    return this.#state;
  }

  /** Resolves when channels may be set up on the open connection, or it is lost. Never rejects. */
  get ready(): Promise<void> {
    return this.#ready;
  }

  /** How many brokers there are to try. */
  get hostCount(): number {
    return this.#options.addresses.length;
  }

  /** The connection outlives its OAuth token, but has no permissions until there is another one. */
  get tokenHasEnded(): boolean {
    return this.#tokenExpiresAt !== undefined && this.#tokenExpiresAt.getTime() <= Date.now();
  }

  /** The channels that live on this socket. */
  get users(): ReadonlySet<SocketUser> {
    return this.#users;
  }

  /** Enters a channel into {@link users}; what comes back takes it out. */
  join(user: SocketUser): () => void {
    this.#users.add(user);
    return () => void this.#users.delete(user);
  }

  /** Called after every change; must not throw. Returns what stops it. */
  onState(listener: (to: SocketState, from: SocketState) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Drops a connection that cannot be trusted any more; it is made again. */
  cut(reason: Error): void {
    const model = modelOf(this.#state);
    if (model !== undefined) this.#loop.destroy(model, reason);
  }

  /** Counts a channel whose number stays taken until the broker answers; with too many of them, all begin again. */
  channelUnanswered(answer: Promise<unknown>): void {
    const epoch = this.#epoch;
    this.#unansweredChannels++;
    const answered = (): void => {
      if (epoch === this.#epoch) this.#unansweredChannels--;
    };
    answer.then(answered, answered);
    if (this.#unansweredChannels >= maxUnansweredChannels)
      this.cut(new ConnectionError("CONNECTION_LOST", `${maxUnansweredChannels} channels do not answer`));
  }

  /**
   * `connection.update-secret`: the broker takes the new OAuth token without a reconnect. Nothing is written while the
   * one before is unanswered: a blocked connection is not read, and each token would stay in its pipe.
   *
   * @param expiresAt of the new token; left out, it counts as one without an end.
   */
  async updateSecret(secret: string, expiresAt?: Date): Promise<void> {
    const model = modelOf(this.#state);
    if (model === undefined) return;
    const { rpcTimeoutMs } = this.#options;
    const before = this.#unansweredSecret?.model === model ? this.#unansweredSecret.answer : undefined;
    if (before !== undefined) await withDeadline(before, rpcTimeoutMs, "connection.update-secret");
    if (modelOf(this.#state) !== model) return;
    const answer = model.updateSecret(Buffer.from(secret), "token refreshed");
    const unanswered = { model, answer };
    this.#unansweredSecret = unanswered;
    const answered = (): void => {
      if (this.#unansweredSecret === unanswered) this.#unansweredSecret = undefined;
    };
    answer.then(answered, answered);
    await withDeadline(answer, rpcTimeoutMs, "connection.update-secret");
    if (modelOf(this.#state) === model) this.#tokenExpiresAt = expiresAt;
  }

  /** Closes for good, within `timeoutMs`; the socket is destroyed at the latest then. */
  close(timeoutMs: number): Promise<void> {
    return (this.#closed ??= this.#close(timeoutMs));
  }

  async #close(timeoutMs: number): Promise<void> {
    const model = modelOf(this.#state);
    this.#set({ kind: "closing" });
    this.#closing.abort(new ConnectionError("CONNECTION_CLOSED", "the connection is closed"));
    this.#live.abort();
    await this.#loop.close(model, timeoutMs);
    this.#set({ kind: "closed" });
  }

  get #ending(): boolean {
    return this.#state.kind === "closing" || this.#state.kind === "closed";
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

  #opened(model: ChannelModel): void {
    if (this.#ending) {
      this.#loop.destroy(model, new Error("closed while connecting"));
      return;
    }
    this.#openedAt = performance.now();
    this.#epoch++;
    this.#unansweredChannels = 0;
    this.#live = new AbortController();
    this.#watchSilence(model);
    this.#keepTokenFresh();
    this.#ready = this.#gate(this.#live.signal);
    this.#set({ kind: "open", model, epoch: this.#epoch });
    diagnostics.connect.publish({
      connection: this.#connection,
      socket: this.kind,
      address: this.#attempts.where,
      epoch: this.#epoch,
    });
  }

  #watchSilence(model: ChannelModel): void {
    const heartbeatSeconds = this.#loop.heartbeatSeconds(model);
    if (heartbeatSeconds === 0) return;
    const stop = watchSilence({
      heartbeatMs: heartbeatSeconds * 1_000,
      bytesRead: () => this.#loop.bytesRead(model),
      silent: (silentMs) =>
        this.#loop.destroy(
          model,
          new ConnectionError(
            "HEARTBEAT_MISSED",
            `no byte from ${this.#attempts.where} for ${silentMs} ms (heartbeat ${heartbeatSeconds} s): the link or the broker is dead`,
            { context: { silentMs, heartbeatSeconds } },
          ),
        ),
    });
    this.#live.signal.addEventListener("abort", stop, { once: true });
  }

  #keepTokenFresh(): void {
    const expiresAt = this.#attempts.tokenExpiresAt;
    this.#tokenExpiresAt = expiresAt;
    if (expiresAt === undefined) return;
    const { signal } = this.#live;
    void keepTokenFresh({
      expiresAt,
      renew: async () => {
        const { login, connectTimeoutMs } = this.#options;
        const fresh = await withDeadline(
          login.freshToken(),
          connectTimeoutMs,
          "the request for a token",
          signal,
        );
        await this.updateSecret(fresh.token, fresh.expiresAt);
        return fresh.expiresAt;
      },
      failed: (error) => this.#reportFailure(error, 0),
      signal,
    });
  }

  #blocked(reason: string): void {
    if (this.#state.kind === "open") this.#set({ ...this.#state, kind: "blocked", reason });
    this.#tellBlocked(reason);
  }

  #unblocked(): void {
    if (this.#state.kind === "blocked")
      this.#set({ kind: "open", model: this.#state.model, epoch: this.#state.epoch });
    this.#tellBlocked(undefined);
  }

  #tellBlocked(reason: string | undefined): void {
    diagnostics.blocked.publish({ connection: this.#connection, socket: this.kind, reason });
  }

  async #failed(thrown: unknown): Promise<void> {
    if (this.#ending) return;
    const error = await this.#attempts.failed(thrown);
    if (this.#ending) return;
    const { failures } = this.#attempts;
    this.#reportFailure(error, failures);
    const kind = this.#epoch === 0 ? "connecting" : "reconnecting";
    this.#set({ kind, attempt: failures, error }, error);
  }

  #reportFailure(error: unknown, attempt: number): void {
    diagnostics.connectFailed.publish({
      connection: this.#connection,
      socket: this.kind,
      address: this.#attempts.where,
      attempt,
      error,
    });
  }

  #lost(thrown: unknown): void {
    this.#live.abort();
    if (this.#ending) return;
    if (this.#state.kind === "blocked") this.#tellBlocked(undefined);
    const error = lossOf(thrown, this.#attempts.where);
    this.#attempts.lost(performance.now() - this.#openedAt);
    this.#set({ kind: "reconnecting", attempt: this.#attempts.failures, error }, error);
  }
}
