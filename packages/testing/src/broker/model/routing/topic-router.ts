import { Destinations } from "./destinations.ts";
import { DirectRouter } from "./direct-router.ts";
import type { Router, RoutingRule } from "./router.ts";
import { hasWildcards, topicPattern, wordsOf, type TopicPattern } from "./topic-pattern.ts";

/** Keys, and their length in characters, up to which results are remembered. */
const remembered = { keyCount: 1_000, keyLength: 255 };

interface PatternEntry<Destination> {
  readonly fits: TopicPattern;
  readonly destinations: Destinations<Destination>;
}

/** The words of the routing key fit the binding's pattern. */
export class TopicRouter<Destination> implements Router<Destination> {
  readonly #exact = new DirectRouter<Destination>();
  readonly #patterns = new Map<string, PatternEntry<Destination>>();
  readonly #known = new Map<string, readonly Destination[]>();

  add(rule: RoutingRule, destination: Destination): void {
    this.#known.clear();
    const { routingKey } = rule;
    if (!hasWildcards(routingKey)) {
      this.#exact.add(rule, destination);
      return;
    }
    let entry = this.#patterns.get(routingKey);
    if (entry === undefined) {
      entry = { fits: topicPattern(routingKey), destinations: new Destinations() };
      this.#patterns.set(routingKey, entry);
    }
    entry.destinations.add(destination);
  }

  remove(rule: RoutingRule, destination: Destination): void {
    this.#known.clear();
    const { routingKey } = rule;
    const entry = this.#patterns.get(routingKey);
    if (entry === undefined) {
      this.#exact.remove(rule, destination);
      return;
    }
    entry.destinations.remove(destination);
    if (entry.destinations.list.length === 0) this.#patterns.delete(routingKey);
  }

  route(routingKey: string): readonly Destination[] {
    const known = this.#known.get(routingKey);
    if (known !== undefined) return known;
    const found = this.#find(routingKey);
    if (routingKey.length <= remembered.keyLength) {
      if (this.#known.size >= remembered.keyCount) this.#known.clear();
      this.#known.set(routingKey, found);
    }
    return found;
  }

  #find(routingKey: string): readonly Destination[] {
    const exact = this.#exact.route(routingKey);
    if (this.#patterns.size === 0) return exact;
    const found = new Set(exact);
    const words = wordsOf(routingKey);
    for (const { fits, destinations } of this.#patterns.values()) {
      if (fits(words)) for (const destination of destinations.list) found.add(destination);
    }
    return [...found];
  }
}
