import type { Router } from "./router.ts";

/** The default exchange: every queue is bound under its name. */
export class DefaultRouter<Destination> implements Router<Destination> {
  readonly #queues: ReadonlyMap<string, Destination>;

  constructor(queues: ReadonlyMap<string, Destination>) {
    this.#queues = queues;
  }

  add(): void {
    throw new Error("Nothing is ever bound to the default exchange.");
  }

  remove(): void {
    throw new Error("Nothing is ever unbound from the default exchange.");
  }

  route(routingKey: string): readonly Destination[] {
    const queue = this.#queues.get(routingKey);
    return queue === undefined ? [] : [queue];
  }
}
