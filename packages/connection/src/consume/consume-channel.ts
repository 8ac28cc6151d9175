import { ConnectionError, diagnostics, type WarrenError } from "@warren/message";
import { SupervisedChannel } from "../channel/supervised-channel.ts";
import type { WireChannel } from "../channel/wire-channel.ts";
import type { QueueCount } from "../channel/wire-message.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SupervisedSocket } from "../socket/supervised-socket.ts";
import type { ConsumeChannelOptions } from "./consume-channel-options.ts";
import { Consumption, type Wanted } from "./consumption.ts";

/**
 * One consumer on a channel of its own that consumes again after the connection, the channel, the queue or the
 * consumer was lost. A settle says which generation of the channel its tag belongs to; one for a channel that is
 * gone is dropped and counted, since the same tag may be another message's by now.
 *
 * Whether it consumes and with which prefetch is what was last asked for; the broker is told until it is so, on this
 * channel or the next.
 */
export class ConsumeChannel {
  readonly #options: ConsumeChannelOptions;
  readonly #socket: SupervisedSocket;
  readonly #channel: SupervisedChannel;
  #wanted: Wanted;
  #consumption: Consumption | undefined;
  #staleSettles = 0;
  #takeBackComplaint: (() => void) | undefined;
  #closed = false;

  constructor(socket: SupervisedSocket, connection: ResolvedConnectOptions, options: ConsumeChannelOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#wanted = { consuming: true, prefetch: options.prefetch };
    this.#channel = new SupervisedChannel(socket, connection, {
      name: `consume ${options.queue}`,
      confirm: false,
      setup: async (channel, generation) => {
        try {
          await this.#setUp(channel, generation);
        } catch (error) {
          options.setupFailed?.(error as WarrenError);
          throw error;
        }
      },
      up: (_channel, generation) => {
        options.up?.(this.#consumption?.consumerTag ?? "", generation);
        void this.#adjust();
      },
      down: (error) => this.#lose(error),
      failed: (error) => {
        this.#consumption = undefined;
        options.failed?.(error);
      },
      closing: async (timeoutMs) => options.closing?.(timeoutMs),
    });
  }

  /** Settles that came too late for their channel. */
  get staleSettles(): number {
    return this.#staleSettles;
  }

  /** Whether the broker has been told to deliver, and the channel lives. */
  get consuming(): boolean {
    return this.#consumption?.consumerTag !== undefined;
  }

  /** Whether there is a channel, consuming or cancelled. */
  get ready(): boolean {
    return this.#consumption !== undefined && this.#channel.channel !== undefined;
  }

  ack(generation: number, deliveryTag: number, multiple: boolean): void {
    this.#settleOn(generation, deliveryTag)?.ack(deliveryTag, multiple);
  }

  nack(generation: number, deliveryTag: number, multiple: boolean, requeue: boolean): void {
    this.#settleOn(generation, deliveryTag)?.nack(deliveryTag, multiple, requeue);
  }

  reject(generation: number, deliveryTag: number, requeue: boolean): void {
    this.#settleOn(generation, deliveryTag)?.reject(deliveryTag, requeue);
  }

  /** Stops the flow of messages until `resume`, reconnects included; those already here can still be settled. */
  cancel(): Promise<void> {
    this.#wanted = { ...this.#wanted, consuming: false };
    return this.#adjust();
  }

  resume(): Promise<void> {
    this.#wanted = { ...this.#wanted, consuming: true };
    return this.#adjust();
  }

  /** RabbitMQ takes a prefetch for consumers that are yet to come, so the consumer is cancelled and made again. */
  setPrefetch(prefetch: number): Promise<void> {
    this.#wanted = { ...this.#wanted, prefetch };
    return this.#adjust();
  }

  /** What makes the connection unhealthy although the channel works; nothing takes it back, and so does `close`. */
  complain(failure: WarrenError | undefined): void {
    if (this.#closed) return;
    this.#takeBackComplaint?.();
    this.#takeBackComplaint =
      failure === undefined ? undefined : this.#socket.join({ failure, finish: () => Promise.resolve() });
  }

  /** How many messages and consumers the queue has; nothing while the channel is gone. A queue that is gone costs the channel. */
  async count(): Promise<QueueCount | undefined> {
    return this.#consumption?.channel.checkQueue(this.#options.queue);
  }

  /** Gives up the channel and consumes on another: for when this one does not deliver what it should. */
  async renew(reason: string): Promise<void> {
    await this.#channel.renew(new ConnectionError("CHANNEL_LOST", reason));
  }

  /**
   * For quorum queues, before `close` and after `cancel`: resolves when the queue has every acknowledgement that was
   * written.
   */
  async settled(): Promise<void> {
    const consumption = this.#consumption;
    try {
      await consumption?.unanswered.flush(consumption.channel, this.#options.queue);
    } catch {
      // The channel is gone with it, and what is un-acked is back in the queue.
    }
  }

  /** Closes the channel; what is still un-acked goes back to the queue. */
  async close(timeoutMs?: number): Promise<void> {
    this.complain(undefined);
    this.#closed = true;
    await this.#channel.close(timeoutMs);
    this.#consumption = undefined;
  }

  #settleOn(generation: number, deliveryTag: number): WireChannel | undefined {
    const consumption = this.#consumption;
    if (consumption?.generation === generation && consumption.channel.open) {
      consumption.unanswered.written();
      return consumption.channel;
    }
    this.#staleSettles++;
    diagnostics.staleSettle.publish({ queue: this.#options.queue, deliveryTag });
    return undefined;
  }

  async #setUp(channel: WireChannel, generation: number): Promise<void> {
    // A channel that was lost while it was set up may have delivered all the same.
    if (this.#consumption !== undefined)
      this.#lose(new ConnectionError("CHANNEL_LOST", "the channel was lost while it was set up"));
    await this.#options.prepare?.(channel, generation > 1);
    const consumption = new Consumption(channel, generation, this.#options, this.#wanted, () => {
      void this.renew(
        `the broker cancelled the consumer of "${this.#options.queue}": the queue is gone, or (RabbitMQ 4.3) a message was held too long`,
      );
    });
    await consumption.limit();
    this.#consumption = consumption;
    await consumption.begin();
  }

  #lose(error: WarrenError): void {
    this.#consumption = undefined;
    this.#options.down?.(error);
  }

  async #adjust(): Promise<void> {
    if (this.ready) await this.#consumption?.adjust(this.#wanted);
  }
}
