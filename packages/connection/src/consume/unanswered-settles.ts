import type { WireChannel } from "../channel/wire-channel.ts";

/**
 * A quorum queue takes acknowledgements through the broker's channel, which passes on 32 frames until it hears from the
 * queue and forgets the others when it is closed, although it says close-ok. Measured on 3.10.8 and 4.0.5; the limit is
 * the broker's setting `quorum_commands_soft_limit`, hence the distance.
 */
const safeCount = 16;

/** No other consumer has less, so that a queue which has others gives its messages to them. */
const lowestPriority = -(2 ** 31);

/** The acks, nacks and rejects of one channel that were written since the queue itself last answered. */
export class UnansweredSettles {
  #count = 0;

  /** One more. */
  written(): void {
    this.#count++;
  }

  /** Whatever was written before `ask` has reached the queue once it has answered. */
  async answered(ask: () => Promise<void>): Promise<void> {
    const before = this.#count;
    await ask();
    this.#count -= Math.min(before, this.#count);
  }

  /**
   * Makes the queue answer if there may be some on the way: consumes and cancels once more, since nothing but what the
   * queue itself answers tells. A message that comes along goes back.
   */
  async flush(channel: WireChannel, queue: string): Promise<void> {
    if (this.#count <= safeCount) return;
    await this.answered(async () => {
      await channel.prefetch(1);
      const consumerTag = await channel.consume(queue, { priority: lowestPriority }, (delivery) => {
        if (delivery !== undefined && channel.open) channel.nack(delivery.fields.deliveryTag, false, true);
      });
      await channel.cancel(consumerTag);
    });
  }
}
