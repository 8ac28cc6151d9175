import { Destinations } from "./destinations.ts";
import type { Router, RoutingRule } from "./router.ts";

/** The routing key is equal to the binding's. */
export class DirectRouter<Destination> implements Router<Destination> {
  readonly #byKey = new Map<string, Destinations<Destination>>();

  add({ routingKey }: RoutingRule, destination: Destination): void {
    let destinations = this.#byKey.get(routingKey);
    if (destinations === undefined) {
      destinations = new Destinations();
      this.#byKey.set(routingKey, destinations);
    }
    destinations.add(destination);
  }

  remove({ routingKey }: RoutingRule, destination: Destination): void {
    const destinations = this.#byKey.get(routingKey);
    destinations?.remove(destination);
    if (destinations?.list.length === 0) this.#byKey.delete(routingKey);
  }

  route(routingKey: string): readonly Destination[] {
    return this.#byKey.get(routingKey)?.list ?? [];
  }
}
