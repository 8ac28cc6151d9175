import type { SeenFrame } from "@warren/testing";
import { isSettlement, OutstandingTags } from "./outstanding-tags.ts";

/**
 * K4: no ack on the wire before the effect of its message. Give `frame` to `proxy.frames(…)`; each message needs a
 * routing key of its own, which is what the wire knows it by.
 */
export class EffectBeforeAck {
  readonly #tags = new OutstandingTags();
  readonly #effects = new Set<string>();
  readonly #problems: string[] = [];
  #ackedCount = 0;

  /** The effect of the message with this routing key is there for good. */
  effect(routingKey: string): void {
    this.#effects.add(routingKey);
  }

  readonly frame = (frame: SeenFrame): void => {
    if (frame.method === "channel.open") this.#tags.opened(frame);
    if (frame.method === "basic.deliver") this.#tags.delivered(frame);
    if (!isSettlement(frame)) return;
    for (const routingKey of this.#tags.settled(frame)) {
      if (frame.method !== "basic.ack") continue;
      this.#ackedCount++;
      if (!this.#effects.has(routingKey)) this.#problems.push(`${routingKey} was acked before its effect`);
    }
  };

  /** How many messages were acked: a run without any shows nothing. */
  get ackedCount(): number {
    return this.#ackedCount;
  }

  problems(): readonly string[] {
    return this.#problems;
  }
}
