import { Destinations } from "./destinations.ts";
import type { Router, RoutingRule } from "./router.ts";

/** Every message passes every binding. */
export class FanoutRouter<Destination> implements Router<Destination> {
  readonly #destinations = new Destinations<Destination>();

  add(_rule: RoutingRule, destination: Destination): void {
    this.#destinations.add(destination);
  }

  remove(_rule: RoutingRule, destination: Destination): void {
    this.#destinations.remove(destination);
  }

  route(): readonly Destination[] {
    return this.#destinations.list;
  }
}
