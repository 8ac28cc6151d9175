import { ConnectionError, diagnostics, type WarrenError } from "@warren/message";
import { SupervisedChannel } from "../channel/supervised-channel.ts";
import type { WireChannel } from "../channel/wire-channel.ts";
import type { ConsumeArguments, QueueCount, WireDelivery } from "../channel/wire-message.ts";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SupervisedSocket } from "../socket/supervised-socket.ts";

export interface ConsumeChannelOptions extends Omit<ConsumeArguments, "arguments"> {
  readonly queue: string;
  readonly prefetch: number;
  /** The arguments of `basic.consume`; asked for every time, since a stream is taken up again where it was left. */
  readonly arguments?: () => Readonly<Record<string, unknown>>;
  /** Runs on a new channel before it consumes; `again` after the first time: what was declared may be gone. */
  readonly prepare?: (channel: WireChannel, again: boolean) => Promise<void>;
  /** One message; must not throw. `generation` belongs to the delivery tag. */
  readonly delivered: (delivery: WireDelivery, generation: number) => void;
  /** Consuming, for the first time or again. Without a tag: it would, were it not cancelled. */
  readonly up?: (consumerTag: string, generation: number) => void;
  /** The queue could not be prepared or consumed. It will be tried again, unless `failed` follows. */
  readonly setupFailed?: (error: WarrenError) => void;
  /** Not consuming any more; whatever was un-acked goes back to the queue. It will be tried again. */
  readonly down?: (error: WarrenError) => void;
  /** Not consuming, and it will not be tried again; what was un-acked is back in the queue. */
  readonly failed?: (error: WarrenError) => void;
  /** The connection is about to be closed: stop, finish what is at work, settle it. Rejecting is ignored. */
  readonly closing?: (timeoutMs: number) => Promise<void>;
}

/** What the broker was last told on a live channel. */
interface Consuming {
  readonly channel: WireChannel;
  readonly generation: number;
  readonly consumerTag: string | undefined;
  readonly prefetch: number;
}

type Step = () => Promise<void>;

/**
 * A quorum queue takes acknowledgements through the broker's channel, which passes on 32 frames until it hears from the
 * queue and forgets the others when it is closed, although it says close-ok. Measured on 3.10.8 and 4.0.5; the limit is
 * the broker's setting `quorum_commands_soft_limit`, hence the distance.
 */
const safeUnansweredSettles = 16;

/** No other consumer has less, so that a queue which has others gives its messages to them. */
const lowestPriority = -(2 ** 31);

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
  #wanted: { readonly consuming: boolean; readonly prefetch: number };
  #actual: Consuming | undefined;
  #adjusting: Promise<void> | undefined;
  #staleSettles = 0;
  /** Acks, nacks and rejects that were written since the queue itself last answered. */
  #unansweredSettles = 0;
  #takeBackComplaint: (() => void) | undefined;

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
        options.up?.(this.#actual?.consumerTag ?? "", generation);
        void this.#adjust();
      },
      down: (error) => this.#lose(error),
      failed: (error) => {
        this.#actual = undefined;
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
    return this.#actual?.consumerTag !== undefined;
  }

  /** Whether there is a channel, consuming or cancelled. */
  get ready(): boolean {
    return this.#actual !== undefined && this.#channel.channel !== undefined;
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

  /** What makes the connection unhealthy although the channel works; nothing takes it back. */
  complain(failure: WarrenError | undefined): void {
    this.#takeBackComplaint?.();
    this.#takeBackComplaint =
      failure === undefined ? undefined : this.#socket.join({ failure, finish: () => Promise.resolve() });
  }

  /** How many messages and consumers the queue has; nothing while the channel is gone. A queue that is gone costs the channel. */
  async count(): Promise<QueueCount | undefined> {
    return this.#actual?.channel.checkQueue(this.#options.queue);
  }

  /** Gives up the channel and consumes on another: for when this one does not deliver what it should. */
  async renew(reason: string): Promise<void> {
    await this.#channel.renew(new ConnectionError("CHANNEL_LOST", reason));
  }

  /**
   * For quorum queues, before `close` and after `cancel`: resolves when the queue has every acknowledgement that was
   * written. Only what the queue itself answers tells that, so this consumes and cancels once more if there may be some
   * left on the way; a message that comes along goes back.
   */
  async settled(): Promise<void> {
    const channel = this.#actual?.channel;
    if (channel === undefined || this.#unansweredSettles <= safeUnansweredSettles) return;
    try {
      await this.#answered(async () => {
        await channel.prefetch(1);
        const consumerTag = await channel.consume(
          this.#options.queue,
          { priority: lowestPriority },
          (delivery) => {
            if (delivery !== undefined && channel.open)
              channel.nack(delivery.fields.deliveryTag, false, true);
          },
        );
        await channel.cancel(consumerTag);
      });
    } catch {
      // The channel is gone with it, and what is un-acked is back in the queue.
    }
  }

  /** Closes the channel; what is still un-acked goes back to the queue. */
  async close(timeoutMs?: number): Promise<void> {
    this.complain(undefined);
    await this.#channel.close(timeoutMs);
    this.#actual = undefined;
  }

  #settleOn(generation: number, deliveryTag: number): WireChannel | undefined {
    const actual = this.#actual;
    if (actual?.generation === generation && actual.channel.open) {
      this.#unansweredSettles++;
      return actual.channel;
    }
    this.#staleSettles++;
    diagnostics.staleSettle.publish({ queue: this.#options.queue, deliveryTag });
    return undefined;
  }

  async #setUp(channel: WireChannel, generation: number): Promise<void> {
    // A channel that was lost while it was set up may have delivered all the same.
    if (this.#actual !== undefined)
      this.#lose(new ConnectionError("CHANNEL_LOST", "the channel was lost while it was set up"));
    await this.#options.prepare?.(channel, generation > 1);
    const { consuming, prefetch } = this.#wanted;
    await channel.prefetch(prefetch);
    this.#unansweredSettles = 0;
    this.#actual = { channel, generation, consumerTag: undefined, prefetch };
    if (consuming) await this.#consume(this.#actual);
  }

  #lose(error: WarrenError): void {
    this.#actual = undefined;
    this.#options.down?.(error);
  }

  /** Brings the broker to what is wanted, one change at a time. What fails is left to the next channel. */
  #adjust(): Promise<void> {
    const first = this.#nextStep();
    if (first === undefined) return Promise.resolve();
    return (this.#adjusting ??= this.#adjustAll(first));
  }

  async #adjustAll(first: Step): Promise<void> {
    try {
      for (let step: Step | undefined = first; step !== undefined; step = this.#nextStep()) await step();
    } catch {
      // The channel is gone with it; SupervisedChannel says why and opens another, which is set up as is wanted.
    } finally {
      this.#adjusting = undefined;
    }
  }

  #nextStep(): Step | undefined {
    const actual = this.#actual;
    if (actual === undefined || this.#channel.channel !== actual.channel) return undefined;
    const { consuming, prefetch } = this.#wanted;
    if (actual.consumerTag !== undefined) {
      return consuming && prefetch === actual.prefetch ? undefined : () => this.#cancel(actual);
    }
    if (prefetch !== actual.prefetch) return () => this.#prefetch(actual, prefetch);
    return consuming ? () => this.#consume(actual) : undefined;
  }

  async #cancel(actual: Consuming): Promise<void> {
    await this.#answered(() => actual.channel.cancel(actual.consumerTag!));
    this.#update(actual, { consumerTag: undefined });
  }

  async #prefetch(actual: Consuming, prefetch: number): Promise<void> {
    await actual.channel.prefetch(prefetch);
    this.#update(actual, { prefetch });
  }

  async #consume(actual: Consuming): Promise<void> {
    const { queue, delivered, arguments: consumeArguments, ...options } = this.#options;
    const { channel, generation } = actual;
    const consumerTag = await channel.consume(
      queue,
      {
        ...wireOptions(options),
        ...(consumeArguments === undefined ? {} : { arguments: consumeArguments() }),
      },
      (delivery) => {
        if (delivery !== undefined) delivered(delivery, generation);
        else
          void this.renew(
            `the broker cancelled the consumer of "${queue}": the queue is gone, or (RabbitMQ 4.3) a message was held too long`,
          );
      },
    );
    this.#update(actual, { consumerTag });
  }

  /** Whatever was written before `ask` has reached the queue once it has answered. */
  async #answered(ask: () => Promise<void>): Promise<void> {
    const before = this.#unansweredSettles;
    await ask();
    this.#unansweredSettles -= Math.min(before, this.#unansweredSettles);
  }

  /** Unless the channel was lost in the meantime. */
  #update(actual: Consuming, change: Partial<Consuming>): void {
    if (this.#actual?.channel === actual.channel) this.#actual = { ...this.#actual, ...change };
  }
}

function wireOptions({ consumerTag, noAck, exclusive, priority }: ConsumeArguments): ConsumeArguments {
  return {
    ...(consumerTag === undefined ? {} : { consumerTag }),
    ...(noAck === undefined ? {} : { noAck }),
    ...(exclusive === undefined ? {} : { exclusive }),
    ...(priority === undefined ? {} : { priority }),
  };
}
