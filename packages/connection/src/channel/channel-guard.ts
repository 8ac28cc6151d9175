import { BrokerError, ConnectionError, type WarrenError } from "@warren/message";
import type { Channel } from "amqplib";
import { toWarrenError } from "./broker-refusal.ts";
import { explainedLoss } from "./broker-refusal-of-connection.ts";
import { withDeadline } from "./deadline.ts";
import { onOwnClose } from "./own-close.ts";
import type { WireChannelEvents } from "./wire-message.ts";

/** The life of one of amqplib's channels: every wait has a deadline, every error is Warren's, and its end is told once. */
export class ChannelGuard {
  readonly #channel: Channel;
  readonly #rpcTimeoutMs: number;
  readonly #events: WireChannelEvents;
  readonly #connectionRefusal: () => WarrenError | undefined;
  #closed: WarrenError | undefined;

  /**
   * @param connectionRefusal why the broker has closed the whole connection, if it has.
   * @param answersForConnection whether that reason may be one for this channel's end, too.
   */
  constructor(
    channel: Channel,
    rpcTimeoutMs: number,
    events: WireChannelEvents,
    connectionRefusal: () => WarrenError | undefined,
    answersForConnection: boolean,
  ) {
    this.#channel = channel;
    this.#rpcTimeoutMs = rpcTimeoutMs;
    this.#events = events;
    this.#connectionRefusal = connectionRefusal;
    let cause: unknown;
    channel.on("error", (error: unknown) => (cause = error));
    channel.on("close", () => {
      const refusal = answersForConnection ? connectionRefusal() : undefined;
      this.#lose(cause === undefined ? (refusal ?? lost()) : toWarrenError(cause));
    });
    onOwnClose(channel, (error) => {
      this.#lose(toWarrenError(error));
      void this.#answered(endOf(channel), this.#rpcTimeoutMs);
    });
    // Without this listener amqplib lets what a listener throws end the whole connection.
    channel.on("handler-error", (error: unknown) => this.#abandon(toWarrenError(error)));
  }

  get open(): boolean {
    return this.#closed === undefined;
  }

  /**
   * A method and its answer.
   *
   * @throws BrokerError, ConnectionError RPC_TIMEOUT or CHANNEL_LOST
   */
  async call<T>(method: string, call: () => PromiseLike<T>): Promise<T> {
    if (this.#closed !== undefined) throw this.#closed;
    try {
      return await withDeadline(Promise.resolve(call()), this.#rpcTimeoutMs, method);
    } catch (thrown) {
      const error = toWarrenError(thrown);
      // A late answer would be taken for that of the next call.
      if (error.code === "RPC_TIMEOUT") this.#abandon(error);
      // The refusal of this very call says more than "the channel is gone".
      const closed = this.#reason();
      if (error.code === "CHANNEL_LOST" && closed instanceof BrokerError) throw closed;
      throw explainedLoss(error, this.#connectionRefusal());
    }
  }

  /** Ends by `timeoutMs` at the latest; never rejects, and tells nobody. */
  async close(timeoutMs: number = this.#rpcTimeoutMs): Promise<void> {
    if (this.#closed !== undefined) return;
    this.#closed = lost();
    await this.#closeWire(timeoutMs);
  }

  #closeWire(timeoutMs: number): Promise<void> {
    return this.#answered(closingOf(this.#channel), timeoutMs);
  }

  /** The channel's number stays taken until its close is answered. */
  async #answered(answer: Promise<void>, timeoutMs: number): Promise<void> {
    try {
      await withDeadline(answer, timeoutMs, "channel.close");
    } catch (thrown) {
      if (toWarrenError(thrown).code === "RPC_TIMEOUT") this.#events.unanswered?.(answer);
    }
  }

  #lose(error: WarrenError): void {
    if (this.#closed !== undefined) return;
    this.#closed = error;
    this.#events.closed(error);
  }

  /** Gives the channel up from this side. Its answers may still come, and belong to nobody. */
  #abandon(error: WarrenError): void {
    const wasOpen = this.open;
    this.#lose(error);
    if (wasOpen) void this.#closeWire(this.#rpcTimeoutMs);
  }

  #reason(): WarrenError | undefined {
    return this.#closed;
  }
}

function lost(): ConnectionError {
  return new ConnectionError("CHANNEL_LOST", "the channel is closed");
}

/**
 * amqplib throws where the channel is closed already. This also ends with the connection: amqplib's own promise stays
 * pending when that is lost before the answer.
 */
export async function closingOf(channel: Channel): Promise<void> {
  await Promise.race([channel.close(), endOf(channel)]);
}

function endOf(channel: Channel): Promise<void> {
  return new Promise((resolve) => channel.once("close", () => resolve()));
}
