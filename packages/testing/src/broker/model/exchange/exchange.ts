import type { FieldTable } from "../../codec/field-table.ts";
import { textOf } from "../../codec/field-values.ts";
import type { Queue } from "../queue/queue.ts";
import type { Router } from "../routing/router.ts";
import type { Binding } from "./binding.ts";
import type { ExchangeDeclaration } from "./exchange-declaration.ts";

/** Where a binding may lead. */
export type Destination = Queue | Exchange;

/** An exchange with the bindings that begin at it. */
export class Exchange {
  readonly declaration: ExchangeDeclaration;
  /** Gets what no binding lets pass. */
  readonly alternateName: string | undefined;
  readonly #router: Router<Destination>;
  #bindingCount = 0;
  #toExchangeCount = 0;

  constructor(declaration: ExchangeDeclaration, router: Router<Destination>) {
    this.declaration = declaration;
    this.alternateName = textOf(declaration.arguments.get("alternate-exchange"));
    this.#router = router;
  }

  get bindingCount(): number {
    return this.#bindingCount;
  }

  add(binding: Binding, destination: Destination): void {
    this.#router.add(binding, destination);
    this.#bindingCount++;
    if (destination instanceof Exchange) this.#toExchangeCount++;
  }

  remove(binding: Binding, destination: Destination): void {
    this.#router.remove(binding, destination);
    this.#bindingCount--;
    if (destination instanceof Exchange) this.#toExchangeCount--;
  }

  /** Each destination once. */
  route(routingKey: string, headers: FieldTable | undefined): readonly Destination[] {
    return this.#router.route(routingKey, headers);
  }

  /** Whether all its bindings lead to queues, so that nothing further has to be followed. */
  leadsToQueuesOnly(_destinations: readonly Destination[]): _destinations is readonly Queue[] {
    return this.#toExchangeCount === 0;
  }
}
