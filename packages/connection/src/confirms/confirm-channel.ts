import { BrokerError, type Confirmation, diagnostics, type Publishing, WarrenError } from "@warren/message";
import { SupervisedChannel } from "../channel/supervised-channel.ts";
import type { WireChannel, WireReturn } from "../channel/wire-channel.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SocketState } from "../socket/socket-state.ts";
import type { SupervisedSocket } from "../socket/supervised-socket.ts";
import {
  type ConfirmChannelOptions,
  resolveConfirmChannelOptions,
  type ResolvedConfirmChannelOptions,
} from "./confirm-channel-options.ts";
import { Deadlines } from "./deadlines.ts";
import { type ExchangeCheck, ExchangeGate } from "./exchange-gate.ts";
import { Fifo } from "./fifo.ts";
import { InFlightTable } from "./in-flight-table.ts";
import { Outgoing } from "./outgoing.ts";
import { outgoingContent, publishingProblem } from "./outgoing-content.ts";

/** What one publish may have differently from its channel. */
export interface PublishControl {
  /** Publish it again after the connection was lost; without, its outcome is then `unknown`. @default true */
  readonly replay?: boolean;
  /** Gives up: refused when it was not written yet, else unknown, since the broker may have it. */
  readonly signal?: AbortSignal;
  /** @default the channel's */
  readonly confirmTimeoutMs?: number;
  /** @default the channel's */
  readonly deliveryTimeoutMs?: number;
}

const defaultCloseTimeoutMs = 10_000;

/** What a channel says about a publish, so that every other publish on it has to be tried again. */
function blamesPublish(error: WarrenError): error is BrokerError {
  return error instanceof BrokerError && error.scope === "channel" && error.method === "basic.publish";
}

/**
 * A channel with publisher confirms that survives its connection. Every publish settles exactly once with what is
 * known about it; what was in flight when the channel was lost is written again, in order, before anything newer.
 */
export class ConfirmChannel implements AsyncDisposable {
  readonly #options: ResolvedConfirmChannelOptions;
  readonly #connection: string;
  readonly #socket: SupervisedSocket;
  readonly #unsubscribe: () => void;
  readonly #channel: SupervisedChannel;
  readonly #gate: ExchangeGate;
  readonly #deadlines = new Deadlines((nowMs) => this.#sweep(nowMs));
  readonly #inFlight = new InFlightTable();
  /** Written before, to a channel that is gone; they go first. */
  readonly #replays = new Fifo<Outgoing>();
  readonly #waiting = new Fifo<Outgoing>();
  #wire: WireChannel | undefined;
  /** One of the replays closed the last channel: they are written one at a time, until it is alone. */
  #isolating = false;
  #heldCount = 0;
  #heldBytes = 0;
  #lastNumber = 0;
  #flushes: { readonly upTo: number; left: number; readonly done: () => void }[] = [];
  #ended: WarrenError | undefined;
  #closing: Promise<void> | undefined;

  constructor(
    socket: SupervisedSocket,
    connection: ResolvedConnectOptions,
    check: ExchangeCheck,
    options: ConfirmChannelOptions = {},
  ) {
    this.#options = resolveConfirmChannelOptions(options);
    this.#connection = connection.name;
    this.#socket = socket;
    this.#gate = new ExchangeGate(
      ["", ...Object.keys(connection.topology?.exchanges ?? {})],
      check,
      () => this.#lastNumber,
      () => this.#pump(),
    );
    this.#unsubscribe = socket.onState((to, from) => this.#socketChanged(to, from));
    const { setup } = this.#options;
    this.#channel = new SupervisedChannel(socket, connection, {
      name: this.#options.name,
      confirm: true,
      ...(setup === undefined ? {} : { setup: (channel) => setup(channel) }),
      up: (channel) => {
        this.#wire = channel;
        this.#pump();
      },
      down: (error) => this.#down(error),
      failed: (error) => this.#end(error),
      closing: (timeoutMs) => this.close({ timeoutMs }),
      confirmed: (tag, multiple, positive) => this.#confirmed(tag, multiple, positive),
      returned: (message) => this.#returned(message),
    });
  }

  /** How many are written and not answered. */
  get inFlightCount(): number {
    return this.#inFlight.count;
  }

  /** How many are unsettled: waiting or in flight. */
  get heldCount(): number {
    return this.#heldCount;
  }

  /**
   * Publishes and resolves with the outcome; never rejects. Leave the body's bytes alone until then: they are not
   * copied, and may be written again.
   */
  publish(publishing: Publishing, control?: PublishControl): Promise<Confirmation> {
    return new Promise((resolve) => this.send(publishing, control, resolve));
  }

  /** The same with a callback, which must not throw: for callers that make a promise of their own. */
  send(
    publishing: Publishing,
    control: PublishControl | undefined,
    settled: (confirmation: Confirmation) => void,
  ): void {
    const problem = publishingProblem(publishing, this.#options.maxBodyBytes);
    const error =
      this.#ended ??
      (problem === undefined ? undefined : new WarrenError("PUBLISH_INVALID", problem)) ??
      this.#noRoom(publishing.body.byteLength) ??
      (control?.signal?.aborted === true ? aborted() : undefined);
    if (error !== undefined) {
      settled({ status: "refused", stored: "no", messageId: publishing.messageId ?? "", error });
      return;
    }
    const signal = control?.signal;
    const outgoing = this.#take(publishing, control, signal === undefined ? settled : unlisten);
    const giveUp = (): void => this.#giveUp(outgoing, aborted());
    function unlisten(confirmation: Confirmation): void {
      signal?.removeEventListener("abort", giveUp);
      settled(confirmation);
    }
    signal?.addEventListener("abort", giveUp);
    this.#deadlines.watch(outgoing.deliverBy);
    this.#waiting.push(outgoing);
    this.#pump();
  }

  /**
   * Resolves when everything published before this call has settled.
   *
   * @throws WarrenError PUBLISH_TIMEOUT when that takes longer than `timeoutMs`; they go on being published.
   */
  flush(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#heldCount === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const { timeoutMs } = options;
      const flush = {
        upTo: this.#lastNumber,
        left: this.#heldCount,
        done: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer =
        timeoutMs === undefined
          ? undefined
          : setTimeout(() => {
              this.#flushes.splice(this.#flushes.indexOf(flush), 1);
              reject(
                new WarrenError(
                  "PUBLISH_TIMEOUT",
                  `${flush.left} publishes have not settled within ${timeoutMs} ms`,
                  { context: { unsettledCount: flush.left, timeoutMs } },
                ),
              );
            }, timeoutMs);
      this.#flushes.push(flush);
    });
  }

  /**
   * Refuses new publishes, waits for the others up to `timeoutMs`, and closes. What has not settled by then was
   * either never written (refused) or may be stored (unknown).
   */
  close(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    return (this.#closing ??= this.#close(options.timeoutMs ?? defaultCloseTimeoutMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(timeoutMs: number): Promise<void> {
    const startedAt = performance.now();
    const error = new WarrenError("PUBLISHER_CLOSED", "the publisher is closed");
    this.#ended ??= error;
    await this.flush({ timeoutMs }).catch(() => undefined);
    this.#end(error);
    await this.#channel.close(Math.max(1, Math.ceil(timeoutMs - (performance.now() - startedAt))));
  }

  #noRoom(bodyBytes: number): WarrenError | undefined {
    const { maxInFlight, maxWaiting, maxBufferBytes, whenFull } = this.#options;
    const maxCount = whenFull === "wait" ? maxInFlight + maxWaiting : maxInFlight;
    if (
      this.#heldCount < maxCount &&
      (this.#heldCount === 0 || this.#heldBytes + bodyBytes <= maxBufferBytes)
    )
      return undefined;
    return new WarrenError(
      "PUBLISH_BUFFER_FULL",
      `no room for another publish: ${this.#heldCount} of ${maxCount} messages, ${this.#heldBytes} of ${maxBufferBytes} bytes are waiting for their confirms`,
      { context: { heldCount: this.#heldCount, heldBytes: this.#heldBytes } },
    );
  }

  #take(
    publishing: Publishing,
    control: PublishControl | undefined,
    settled: (confirmation: Confirmation) => void,
  ): Outgoing {
    const startedAt = performance.now();
    const outgoing = new Outgoing(
      ++this.#lastNumber,
      outgoingContent(publishing),
      {
        replay: control?.replay ?? true,
        confirmTimeoutMs: control?.confirmTimeoutMs ?? this.#options.confirmTimeoutMs,
        startedAt,
        deliverBy: startedAt + (control?.deliveryTimeoutMs ?? this.#options.deliveryTimeoutMs),
      },
      settled,
    );
    this.#heldCount++;
    this.#heldBytes += outgoing.bytes;
    return outgoing;
  }

  /** Writes what may be written: replays first, then the others in the order of their calls. */
  #pump(): void {
    const wire = this.#wire;
    if (wire === undefined || this.#socket.state.kind === "blocked") return;
    for (;;) {
      if (this.#isolating && this.#replays.count === 0 && this.#inFlight.count === 0) this.#isolating = false;
      if (this.#inFlight.count >= (this.#isolating ? 1 : this.#options.maxInFlight)) return;
      const next = this.#next();
      if (next === undefined || !this.#write(wire, next)) return;
    }
  }

  #next(): Outgoing | undefined {
    for (let next = this.#replays.shift(); next !== undefined; next = this.#replays.shift())
      if (!next.isSettled) return next;
    for (let next = this.#waiting.peek(); next !== undefined; next = this.#waiting.peek()) {
      const answer = next.isSettled ? "open" : this.#gate.ask(next.fields.exchange, next.number);
      if (answer === "checking") return undefined;
      this.#waiting.shift();
      if (answer !== "open") this.#refuse(next, answer);
      else if (!next.isSettled) return next;
    }
    return undefined;
  }

  /** Says whether the channel took it. */
  #write(wire: WireChannel, outgoing: Outgoing): boolean {
    if (!wire.open) {
      this.#replays.unshift([outgoing]);
      return false;
    }
    try {
      wire.publish(outgoing.fields, outgoing.properties, outgoing.body);
    } catch (thrown) {
      this.#refuse(
        outgoing,
        new WarrenError("PUBLISH_INVALID", `it cannot be encoded: ${(thrown as Error).message}`, {
          cause: thrown,
        }),
      );
      return true;
    }
    this.#inFlight.add(outgoing);
    outgoing.attempts++;
    outgoing.confirmBy = performance.now() + outgoing.confirmTimeoutMs;
    this.#deadlines.watch(outgoing.confirmBy);
    if (diagnostics.publish.hasSubscribers) this.#announce(outgoing);
    return true;
  }

  #confirmed(tag: number, multiple: boolean, positive: boolean): void {
    const nowMs = performance.now();
    this.#inFlight.take(tag, multiple, (outgoing) => {
      const { messageId, returned } = outgoing;
      if (!positive) this.#settle(outgoing, { status: "nacked", stored: "maybe", messageId });
      else if (returned !== undefined)
        this.#settle(outgoing, { status: "returned", stored: "no", messageId, ...returned });
      else
        this.#settle(outgoing, {
          status: "confirmed",
          messageId,
          latencyMs: nowMs - outgoing.startedAt,
          attempts: outgoing.attempts,
        });
    });
    this.#pump();
  }

  /** Returns come in the order of the publishes, so it is the oldest one like it that has none yet. */
  #returned({ fields, properties }: WireReturn): void {
    for (const outgoing of this.#inFlight) {
      if (
        outgoing.returned === undefined &&
        outgoing.properties.messageId === properties.messageId &&
        outgoing.fields.routingKey === fields.routingKey &&
        outgoing.fields.exchange === fields.exchange
      ) {
        outgoing.returned = { replyCode: fields.replyCode, replyText: fields.replyText };
        return;
      }
    }
  }

  #down(error: WarrenError): void {
    this.#wire = undefined;
    const lost = this.#inFlight.drain();
    if (blamesPublish(error)) {
      this.#gate.forget();
      this.#isolating = lost.length > 1;
      if (lost.length === 1) this.#refuse(lost[0]!, error);
    }
    for (const outgoing of lost) {
      outgoing.confirmBy = Infinity;
      outgoing.returned = undefined;
      if (!outgoing.replay) this.#giveUp(outgoing, error);
    }
    this.#replays.unshift(lost.filter((outgoing) => !outgoing.isSettled));
    this.#options.down?.(error);
  }

  #socketChanged(to: SocketState, from: SocketState): void {
    if (to.kind === "blocked") {
      for (const outgoing of this.#inFlight) outgoing.confirmBy = Infinity;
    } else if (to.kind === "open" && from.kind === "blocked") {
      const nowMs = performance.now();
      for (const outgoing of this.#inFlight) {
        outgoing.confirmBy = nowMs + outgoing.confirmTimeoutMs;
        this.#deadlines.watch(outgoing.confirmBy);
      }
      this.#pump();
    }
  }

  /** Ends what is overdue; returns when the next one will be. */
  #sweep(nowMs: number): number {
    let next = Infinity;
    const overdue: Outgoing[] = [];
    for (const queue of [this.#inFlight, this.#replays, this.#waiting])
      for (const outgoing of queue) {
        if (outgoing.isSettled) continue;
        const due = Math.min(outgoing.confirmBy, outgoing.deliverBy);
        if (due <= nowMs) overdue.push(outgoing);
        else next = Math.min(next, due);
      }
    for (const outgoing of overdue) {
      this.#inFlight.remove(outgoing);
      this.#settle(outgoing, {
        status: "timed-out",
        stored: outgoing.attempts === 0 ? "no" : "maybe",
        messageId: outgoing.messageId,
        afterMs: nowMs - outgoing.startedAt,
      });
    }
    if (overdue.length > 0) this.#pump();
    return next;
  }

  #refuse(outgoing: Outgoing, error: WarrenError): void {
    this.#settle(outgoing, { status: "refused", stored: "no", messageId: outgoing.messageId, error });
  }

  /** Ends one for which nobody waits any more: the broker may have it once it was written. */
  #giveUp(outgoing: Outgoing, error: WarrenError): void {
    if (outgoing.isSettled) return;
    this.#inFlight.remove(outgoing);
    if (outgoing.attempts === 0) this.#refuse(outgoing, error);
    else this.#settle(outgoing, { status: "unknown", stored: "maybe", messageId: outgoing.messageId, error });
  }

  #settle(outgoing: Outgoing, confirmation: Confirmation): void {
    this.#heldCount--;
    this.#heldBytes -= outgoing.bytes;
    outgoing.settle(confirmation);
    if (diagnostics.confirm.hasSubscribers) this.#announceOutcome(outgoing, confirmation);
    if (this.#flushes.length === 0) return;
    for (const flush of this.#flushes) if (outgoing.number <= flush.upTo && --flush.left === 0) flush.done();
    this.#flushes = this.#flushes.filter(({ left }) => left > 0);
  }

  #end(error: WarrenError): void {
    this.#ended ??= error;
    this.#unsubscribe();
    this.#deadlines.stop();
    for (const outgoing of [...this.#inFlight.drain(), ...this.#replays, ...this.#waiting])
      this.#giveUp(outgoing, error);
  }

  #announce({ fields, messageId, body, attempts }: Outgoing): void {
    const { exchange, routingKey } = fields;
    const connection = this.#connection;
    const event = {
      connection,
      exchange,
      routingKey,
      messageId,
      bytes: body.byteLength,
      replays: attempts - 1,
    };
    queueMicrotask(() => diagnostics.publish.publish(event));
  }

  #announceOutcome({ fields }: Outgoing, confirmation: Confirmation): void {
    const { exchange, routingKey } = fields;
    const event = { connection: this.#connection, exchange, routingKey, confirmation };
    queueMicrotask(() => diagnostics.confirm.publish(event));
  }
}

function aborted(): WarrenError {
  return new WarrenError("PUBLISH_ABORTED", "the publish was aborted by its signal");
}
