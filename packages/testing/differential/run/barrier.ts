import { fieldTable } from "../../src/broker/codec/field-values.ts";
import type { ChannelName } from "../sequence/command.ts";
import type { BrokerSession } from "./broker-session.ts";

export interface BarrierNeeds {
  /** Some TTL of the sequence is meant to pass. */
  readonly shortTtls: boolean;
  readonly quorumQueues: boolean;
}

/** More rounds than any chain of dead letters takes. */
const mostRounds = 60;

/**
 * Waits until a broker has done all that follows from what it was told. A queue answers a passive declaration once it has
 * done what came before, but for what it has not yet taken from its mailbox; so the queues are asked until two rounds
 * one after the other tell the same, and once more after the short TTLs have passed.
 */
export class Barrier {
  /** The queues that there are, and over which connection they may be asked. */
  readonly queues = new Map<string, ChannelName>();
  readonly #session: BrokerSession;
  readonly #needs: BarrierNeeds;
  /** Of the last round. */
  counts = "";

  constructor(session: BrokerSession, needs: BarrierNeeds) {
    this.#session = session;
    this.#needs = needs;
  }

  /** @param flushed resolves when what the broker has sent is here, with how much there was. */
  async passed(flushed: () => Promise<number>): Promise<void> {
    let last = "";
    let ttlsPassed = !this.#needs.shortTtls;
    for (let round = 0; round < mostRounds; round += 1) {
      if (this.#needs.quorumQueues) await this.#session.logWritten();
      const now = `${await this.#count()} ${await flushed()}`;
      if (now !== last) {
        last = now;
        ttlsPassed = !this.#needs.shortTtls;
        continue;
      }
      if (ttlsPassed) return;
      await this.#session.shortTtlsPassed();
      ttlsPassed = true;
      // Whatever expired was sent on before it was no longer counted.
      last = now;
    }
    throw new RestlessError();
  }

  async #count(): Promise<string> {
    for (;;) {
      const counted = await this.#countOnce();
      if (counted !== undefined) {
        this.counts = counted;
        return counted;
      }
    }
  }

  /** Undefined when one of the queues was gone. */
  async #countOnce(): Promise<string | undefined> {
    const answers = await Promise.all(
      Array.from(this.queues, async ([queue, on]) => {
        const control = await this.#session.control(on);
        const answer = await control.call("queue.declare", {
          queue: this.#session.wire(queue),
          passive: true,
          durable: false,
          exclusive: false,
          autoDelete: false,
          noWait: false,
          arguments: fieldTable({}),
        });
        return [queue, on, answer] as const;
      }),
    );
    const texts: string[] = [];
    const closed = new Set<ChannelName>();
    for (const [queue, on, answer] of answers) {
      if (answer.name === "queue.declare-ok") {
        const { messageCount, consumerCount } = answer.arguments;
        texts.push(`${queue}: ${messageCount} ready, ${consumerCount} consumers`);
      } else if (!closed.has(on)) {
        // The first one that was not answered is the one that there is no more.
        closed.add(on);
        this.queues.delete(queue);
      }
    }
    return closed.size > 0 ? undefined : texts.toSorted().join("; ");
  }
}

/** A broker that does not come to rest, as with dead letters that go around for ever. */
export class RestlessError extends Error {
  constructor() {
    super("the broker does not come to rest");
    this.name = "RestlessError";
  }
}
