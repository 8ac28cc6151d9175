/** Where a routing rule leads: each destination once, however many bindings lead to it. */
export class Destinations<Destination> {
  readonly #bindingCounts = new Map<Destination, number>();
  #list: readonly Destination[] = [];

  /** Never changed once it has been handed out. */
  get list(): readonly Destination[] {
    return this.#list;
  }

  add(destination: Destination): void {
    const count = this.#bindingCounts.get(destination) ?? 0;
    this.#bindingCounts.set(destination, count + 1);
    if (count === 0) this.#list = [...this.#list, destination];
  }

  remove(destination: Destination): void {
    const count = this.#bindingCounts.get(destination) ?? 0;
    if (count > 1) {
      this.#bindingCounts.set(destination, count - 1);
      return;
    }
    if (this.#bindingCounts.delete(destination)) {
      this.#list = this.#list.filter((other) => other !== destination);
    }
  }
}
