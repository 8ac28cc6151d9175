import { ConnectionError, diagnostics, type WarrenError } from "@warren/message";
import { SupervisedChannel } from "../channel/supervised-channel.ts";
import type { ConsumeArguments, WireChannel, WireDelivery } from "../channel/wire-channel.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SupervisedSocket } from "../socket/supervised-socket.ts";

export interface ConsumeChannelOptions extends ConsumeArguments {
  readonly queue: string;
  readonly prefetch: number;
  /** Runs on the new channel before it consumes: declares the queue again, for example. */
  readonly prepare?: (channel: WireChannel) => Promise<void>;
  /** One message; must not throw. `generation` belongs to the delivery tag. */
  readonly delivered: (delivery: WireDelivery, generation: number) => void;
  /** Consuming, for the first time or again. */
  readonly up?: (consumerTag: string, generation: number) => void;
  /** The queue could not be prepared or consumed. It will be tried again, unless `failed` follows. */
  readonly setupFailed?: (error: WarrenError) => void;
  /** Not consuming any more; whatever was un-acked goes back to the queue. It will be tried again. */
  readonly down?: (error: WarrenError) => void;
  /** Not consuming, and it will not be tried again. */
  readonly failed?: (error: WarrenError) => void;
  /** The connection is about to be closed: stop, finish what is at work, settle it. Rejecting is ignored. */
  readonly closing?: (timeoutMs: number) => Promise<void>;
}

/**
 * One consumer on a channel of its own that consumes again after the connection, the channel, the queue or the
 * consumer was lost. A settle says which generation of the channel its tag belongs to; one for a channel that is
 * gone is dropped and counted, since the same tag may be another message's by now.
 */
export class ConsumeChannel {
  readonly #options: ConsumeChannelOptions;
  readonly #channel: SupervisedChannel;
  #generation = 0;
  #consumerTag: string | undefined;
  #staleSettles = 0;

  constructor(socket: SupervisedSocket, connection: ResolvedConnectOptions, options: ConsumeChannelOptions) {
    this.#options = options;
    this.#channel = new SupervisedChannel(socket, connection, {
      name: `consume ${options.queue}`,
      confirm: false,
      setup: async (channel, generation) => {
        try {
          await this.#consume(channel, generation);
        } catch (error) {
          options.setupFailed?.(error as WarrenError);
          throw error;
        }
      },
      up: (_channel, generation) => options.up?.(this.#consumerTag ?? "", generation),
      down: (error) => {
        this.#generation = 0;
        this.#consumerTag = undefined;
        options.down?.(error);
      },
      failed: (error) => options.failed?.(error),
      closing: async (timeoutMs) => options.closing?.(timeoutMs),
    });
  }

  /** Settles that came too late for their channel. */
  get staleSettles(): number {
    return this.#staleSettles;
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

  /** Stops the flow of messages; those already here can still be settled. */
  async cancel(): Promise<void> {
    const { channel } = this.#channel;
    const tag = this.#consumerTag;
    if (channel === undefined || tag === undefined) return;
    this.#consumerTag = undefined;
    await channel.cancel(tag);
  }

  /** Closes the channel; what is still un-acked goes back to the queue. */
  async close(timeoutMs?: number): Promise<void> {
    await this.#channel.close(timeoutMs);
    this.#generation = 0;
  }

  #settleOn(generation: number, deliveryTag: number): WireChannel | undefined {
    const { channel } = this.#channel;
    if (generation === this.#generation && channel?.open === true) return channel;
    this.#staleSettles++;
    diagnostics.staleSettle.publish({ queue: this.#options.queue, deliveryTag });
    return undefined;
  }

  async #consume(channel: WireChannel, generation: number): Promise<void> {
    const { queue, prefetch, prepare, delivered } = this.#options;
    await prepare?.(channel);
    await channel.prefetch(prefetch);
    this.#generation = generation;
    this.#consumerTag = await channel.consume(queue, this.#options, (delivery) => {
      if (delivery !== undefined) delivered(delivery, generation);
      else
        void this.#channel.renew(
          new ConnectionError(
            "CHANNEL_LOST",
            `the broker cancelled the consumer of "${queue}": its queue is gone`,
          ),
        );
    });
  }
}
