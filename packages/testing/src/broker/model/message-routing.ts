import { AmqpError } from "../amqp-error.ts";
import type { VersionRules } from "../version.ts";
import { DeadLetterLine } from "./dead-letter-line.ts";
import type { Exchange } from "./exchange/exchange.ts";
import type { Exchanges } from "./exchange/exchanges.ts";
import type { Message } from "./message.ts";
import type { DeadLetter, Queue } from "./queue/queue.ts";
import { exchangeIn } from "./resource.ts";
import { hasCarbonCopies, routingKeysOf, withoutBlindCopies } from "./routing/carbon-copies.ts";
import { route } from "./routing/route.ts";

/** What became of a publish. */
export interface Publication {
  /** False where no queue was found, alternate exchanges included: a mandatory publish is returned. */
  readonly routed: boolean;
  /** False where one of the queues refused it: the publisher gets a nack. */
  readonly accepted: boolean;
}

const unroutable: Publication = Object.freeze({ routed: false, accepted: true });
const accepted: Publication = Object.freeze({ routed: true, accepted: true });
const refused: Publication = Object.freeze({ routed: true, accepted: false });

/** Between which exchanges and queues messages go. */
export interface MessageRoutingParts {
  readonly vhost: string;
  readonly exchanges: Exchanges;
  readonly queues: ReadonlyMap<string, Queue>;
  readonly rules: VersionRules;
}

/** How messages of a virtual host find their queues, from a publisher and from a queue that they died in. */
export class MessageRouting {
  readonly deadLetters: DeadLetterLine = new DeadLetterLine((letter) => {
    this.#routeDeadLetter(letter);
  });
  readonly #parts: MessageRoutingParts;
  readonly #findExchange = (name: string): Exchange | undefined => this.#parts.exchanges.find(name);

  constructor(parts: MessageRoutingParts) {
    this.#parts = parts;
  }

  /** @throws AmqpError 404 without the exchange, 403 for an internal one, 406 for a CC or BCC header that is no array. */
  publish(message: Message): Publication {
    const hasCopies = hasCarbonCopies(message);
    if (message.exchange === "" && !hasCopies) return this.#publishByName(message);
    const exchange = this.#parts.exchanges.require(message.exchange);
    if (exchange.declaration.internal) {
      throw new AmqpError(
        403,
        `cannot publish to internal ${exchangeIn(this.#parts.vhost, message.exchange)}`,
      );
    }
    if (!hasCopies) return this.#publishTo(exchange, [message.routingKey], message);
    return this.#publishTo(exchange, routingKeysOf(message), withoutBlindCopies(message));
  }

  /** The shortest way through the default exchange. */
  #publishByName(message: Message): Publication {
    const queue = this.#parts.queues.get(message.routingKey);
    if (queue === undefined) return unroutable;
    return queue.publish(message) === "rejected" ? refused : accepted;
  }

  #publishTo(exchange: Exchange, routingKeys: readonly string[], message: Message): Publication {
    let publication = unroutable;
    this.deadLetters.begin();
    try {
      for (const queue of route(exchange, routingKeys, message.properties.headers, this.#findExchange)) {
        if (queue.publish(message) === "rejected") publication = refused;
        else if (publication === unroutable) publication = accepted;
      }
    } finally {
      this.deadLetters.end();
    }
    return publication;
  }

  #routeDeadLetter(letter: DeadLetter): void {
    const exchange = this.#parts.exchanges.find(letter.exchange);
    let outcome: "stored" | "refused" | "unroutable" = "unroutable";
    if (exchange !== undefined) {
      const { headers } = letter.message.properties;
      for (const queue of route(exchange, letter.routingKeys, headers, this.#findExchange)) {
        if (letter.closesCycle(queue.declaration.name)) continue;
        if (this.#isLost(letter, queue)) continue;
        if (queue.publish(letter.message) === "rejected") outcome = "refused";
        else if (outcome === "unroutable") outcome = "stored";
      }
    }
    letter.settled?.(outcome);
  }

  #isLost({ settled }: DeadLetter, target: Queue): boolean {
    const isKept = settled !== undefined;
    return target.kind === "stream" && !isKept && !this.#parts.rules.streamsTakeDeadLetters;
  }
}
