import {
  type Confirmation,
  ConnectionError,
  diagnostics,
  type Publishing,
  WarrenError,
} from "@warren/message";
import { SupervisedChannel } from "../channel/supervised-channel.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SocketState } from "../socket/socket-state.ts";
import type { SupervisedSocket } from "../socket/supervised-socket.ts";
import { type Blame, blameFor } from "./blame.ts";
import {
  type ConfirmChannelOptions,
  resolveConfirmChannelOptions,
  type ResolvedConfirmChannelOptions,
} from "./confirm-channel-options.ts";
import { Deadlines } from "./deadlines.ts";
import type { ExchangeCheck } from "./exchange-gate.ts";
import { FlushWaits } from "./flush-waits.ts";
import { outgoingContent } from "./outgoing-content.ts";
import type { Outgoing, OutgoingContent, OutgoingTerms } from "./outgoing.ts";
import { refused } from "./outcomes.ts";
import type { NackedRoute } from "./nack-watch.ts";
import { PublishEvents } from "./publish-events.ts";
import { PublishLedger } from "./publish-ledger.ts";
import { type TimeLimit, timeLimitOf } from "./time-limit.ts";
import { turnsOf } from "./turns.ts";

/** What one publish may have differently from its channel. */
export interface PublishControl {
  /** Publish it again after its channel was lost; otherwise its outcome is `unknown` then. @default true */
  readonly replay?: boolean;
  /** Gives up: refused when it was not written yet, else unknown, since the broker may have it. */
  readonly signal?: AbortSignal;
  /** @default the channel's */
  readonly confirmTimeoutMs?: number;
  /** @default the channel's */
  readonly deliveryTimeoutMs?: number;
}

const defaultCloseTimeoutMs = 10_000;

/**
 * A channel with publisher confirms that survives its connection: the one place where publishes are written and
 * answered. The rules are those of {@link PublishLedger}; this brings it together with a socket, a clock and callers.
 */
export class ConfirmChannel implements AsyncDisposable {
  readonly #options: ResolvedConfirmChannelOptions;
  readonly #ledger: PublishLedger;
  readonly #flushes = new FlushWaits();
  readonly #deadlines: Deadlines;
  readonly #channel: SupervisedChannel;
  readonly #unsubscribe: () => void;
  #ended: WarrenError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    socket: SupervisedSocket,
    connection: ResolvedConnectOptions,
    check: ExchangeCheck,
    options: ConfirmChannelOptions = {},
  ) {
    this.#options = resolveConfirmChannelOptions(options);
    const events = new PublishEvents(connection.name, this.#options.purpose);
    const declared = Object.keys(connection.topology?.exchanges ?? {});
    this.#ledger = new PublishLedger(
      this.#options,
      { trusted: ["", ...declared], check },
      turnsOf(socket),
      () => performance.now(),
      {
        due: (atMs) => this.#deadlines.watch(atMs),
        written: (outgoing) => events.written(outgoing),
        settled: (outgoing, confirmation) => {
          this.#flushes.settled(outgoing.number);
          events.settled(outgoing, confirmation);
        },
        silent: () => void this.#channel.renew(silence()),
        // What was set up on a channel, such as a consumer of replies, ends with it.
        ...(this.#options.setup === undefined && {
          renew: (nacked) => this.#renew(connection.name, nacked),
        }),
      },
    );
    this.#deadlines = new Deadlines((nowMs) => this.#ledger.sweep(nowMs));
    this.#unsubscribe = socket.onState((to, from) => this.#socketChanged(to, from));
    this.#channel = this.#supervise(socket, connection);
  }

  /** How many are written and not answered. */
  get inFlightCount(): number {
    return this.#ledger.inFlightCount;
  }

  /** How many have not settled: waiting, or in flight. */
  get unsettledCount(): number {
    return this.#ledger.unsettledCount;
  }

  /**
   * Publishes and resolves with the outcome; never rejects. Leave the body's bytes alone until then: they are not
   * copied, and may be written again.
   */
  publish(publishing: Publishing, control?: PublishControl): Promise<Confirmation> {
    return new Promise((resolve) => this.send(publishing, control, resolve));
  }

  /**
   * Why a publish would be refused now, or nothing: to be asked before its payload is encoded, since a full buffer
   * comes with many refusals. Its size is not known then, hence there has to be room for one of the usual size.
   */
  refusal(): WarrenError | undefined {
    return this.#ended ?? this.#ledger.refusal();
  }

  /** The same with a callback, which must not throw: for callers that make a promise of their own. */
  send(
    publishing: Publishing,
    control: PublishControl | undefined,
    settled: (confirmation: Confirmation) => void,
  ): void {
    const signal = control?.signal;
    const content = this.#admit(publishing, signal);
    if (content instanceof WarrenError) {
      settled(refused(publishing.messageId ?? "", content));
      return;
    }
    const terms = this.#terms(control);
    if (signal === undefined) this.#ledger.accept(content, terms, settled);
    else this.#acceptUntil(signal, content, terms, settled);
  }

  /**
   * Resolves when everything published before this call has settled.
   *
   * @throws WarrenError PUBLISH_TIMEOUT when that takes longer than `timeoutMs`; they go on being published. ConfigError
   * INVALID_OPTION.
   */
  async flush(options: TimeLimit = {}): Promise<void> {
    await this.#flush(timeLimitOf("flush", options));
  }

  /**
   * Refuses new publishes, waits for the others up to `timeoutMs` (10,000), and closes. What has not settled by then
   * was either never written (refused) or may be stored (unknown).
   *
   * @throws ConfigError INVALID_OPTION
   */
  close(options: TimeLimit = {}): Promise<void> {
    try {
      const timeoutMs = timeLimitOf("close", options) ?? defaultCloseTimeoutMs;
      const error = new WarrenError("PUBLISHER_CLOSED", "the publisher is closed");
      return (this.#closing ??= this.#close(timeoutMs, error));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #flush(timeoutMs: number | undefined): Promise<void> {
    return this.#flushes.wait(this.#ledger.lastNumber, this.#ledger.unsettledCount, timeoutMs);
  }

  #supervise(socket: SupervisedSocket, connection: ResolvedConnectOptions): SupervisedChannel {
    const { name, setup, down } = this.#options;
    const blame = (error: WarrenError): Blame => blameFor(error, socket.tokenHasEnded);
    return new SupervisedChannel(socket, connection, {
      name,
      confirm: true,
      ...(setup === undefined ? {} : { setup: (channel) => setup(channel) }),
      up: (channel) => this.#ledger.up(channel),
      down: (error) => {
        this.#ledger.down(blame(error));
        down?.(error);
      },
      isOwnFault: (error) => blame(error).on === "one",
      failed: (error) => this.#end(error),
      closing: (timeoutMs) => (this.#closing ??= this.#close(timeoutMs, connectionClosed(connection.name))),
      confirmed: (tag, multiple, positive) => this.#ledger.confirmed(tag, multiple, positive),
      returned: (message) => this.#ledger.returned(message),
    });
  }

  #admit(publishing: Publishing, signal: AbortSignal | undefined): OutgoingContent | WarrenError {
    const refusal = this.#ended ?? (signal?.aborted === true ? aborted() : undefined);
    if (refusal !== undefined) return refusal;
    const content = outgoingContent(publishing, this.#options.maxBodyBytes);
    return "problem" in content
      ? new WarrenError("PUBLISH_INVALID", content.problem)
      : (this.#ledger.refusal(content.bytes) ?? content);
  }

  #terms(control: PublishControl | undefined): OutgoingTerms {
    const startedAt = performance.now();
    return {
      replay: control?.replay ?? true,
      confirmTimeoutMs: control?.confirmTimeoutMs ?? this.#options.confirmTimeoutMs,
      startedAt,
      deliverBy: startedAt + (control?.deliveryTimeoutMs ?? this.#options.deliveryTimeoutMs),
    };
  }

  #acceptUntil(
    signal: AbortSignal,
    content: OutgoingContent,
    terms: OutgoingTerms,
    settled: (confirmation: Confirmation) => void,
  ): void {
    let outgoing: Outgoing | undefined;
    const giveUp = (): void => {
      if (outgoing !== undefined) this.#ledger.giveUp(outgoing, aborted());
    };
    outgoing = this.#ledger.accept(content, terms, (confirmation) => {
      signal.removeEventListener("abort", giveUp);
      settled(confirmation);
    });
    if (!outgoing.isSettled) signal.addEventListener("abort", giveUp);
  }

  #renew(connection: string, nacked: NackedRoute): void {
    diagnostics.channelRenewed.publish({ connection, channel: this.#options.name, ...nacked });
    void this.#channel.renew(onlyNacked(nacked));
  }

  #socketChanged(to: SocketState, from: SocketState): void {
    if (to.kind === "blocked") this.#ledger.pause();
    else if (from.kind === "blocked") this.#ledger.resume();
  }

  async #close(timeoutMs: number, error: WarrenError): Promise<void> {
    const startedAt = performance.now();
    this.#ended ??= error;
    await this.#flush(timeoutMs).catch(() => undefined);
    this.#end(error);
    this.#options.down?.(error);
    await this.#channel.close(Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt))));
  }

  #end(error: WarrenError): void {
    this.#ended ??= error;
    this.#unsubscribe();
    this.#ledger.end(error);
    this.#deadlines.stop();
  }
}

function connectionClosed(name: string): ConnectionError {
  return new ConnectionError("CONNECTION_CLOSED", `the connection "${name}" is closed`);
}

function silence(): ConnectionError {
  return new ConnectionError("CHANNEL_LOST", "the broker has stopped to confirm on this channel");
}

function onlyNacked({ exchange, routingKey, nackedCount }: NackedRoute): ConnectionError {
  return new ConnectionError(
    "CHANNEL_LOST",
    `the broker has nacked all ${nackedCount} publishes to exchange "${exchange}" with routing key "${routingKey}"`,
  );
}

function aborted(): WarrenError {
  return new WarrenError("PUBLISH_ABORTED", "the publish was aborted by its signal");
}
