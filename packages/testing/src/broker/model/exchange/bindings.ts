import { bindingIdentity, type Binding } from "./binding.ts";
import type { Destination, Exchange } from "./exchange.ts";

interface Edge {
  readonly binding: Binding;
  readonly source: Exchange;
  readonly destination: Destination;
}

/** All bindings of a virtual host: kept once, and found from either end. */
export class Bindings implements Iterable<Binding> {
  readonly #edges = new Map<string, Edge>();
  readonly #ends = new Map<Destination, Set<Edge>>();

  *[Symbol.iterator](): Iterator<Binding> {
    for (const { binding } of this.#edges.values()) yield binding;
  }

  has(binding: Binding): boolean {
    return this.#edges.has(bindingIdentity(binding));
  }

  /** The same binding a second time changes nothing. */
  add(binding: Binding, source: Exchange, destination: Destination): void {
    const identity = bindingIdentity(binding);
    if (this.#edges.has(identity)) return;
    const edge: Edge = { binding, source, destination };
    this.#edges.set(identity, edge);
    this.#at(source).add(edge);
    this.#at(destination).add(edge);
    source.add(binding, destination);
  }

  /** Returns the exchange that it began at, if there was such a binding. */
  remove(binding: Binding): Exchange | undefined {
    const edge = this.#edges.get(bindingIdentity(binding));
    if (edge !== undefined) this.#remove(edge);
    return edge?.source;
  }

  /** Removes what begins or ends there. Returns the exchanges that lost a binding which began at them. */
  removeAllOf(end: Destination): ReadonlySet<Exchange> {
    const sources = new Set<Exchange>();
    for (const edge of this.#ends.get(end) ?? []) {
      this.#remove(edge);
      sources.add(edge.source);
    }
    return sources;
  }

  #remove(edge: Edge): void {
    this.#edges.delete(bindingIdentity(edge.binding));
    this.#leave(edge.source, edge);
    this.#leave(edge.destination, edge);
    edge.source.remove(edge.binding, edge.destination);
  }

  #at(end: Destination): Set<Edge> {
    let edges = this.#ends.get(end);
    if (edges === undefined) {
      edges = new Set();
      this.#ends.set(end, edges);
    }
    return edges;
  }

  #leave(end: Destination, edge: Edge): void {
    const edges = this.#ends.get(end);
    edges?.delete(edge);
    if (edges?.size === 0) this.#ends.delete(end);
  }
}
