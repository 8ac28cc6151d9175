/** What the broker has taken nothing of on this channel. */
export interface NackedRoute {
  readonly exchange: string;
  readonly routingKey: string;
  readonly nackedCount: number;
  /** From the first of those nacks to the last. */
  readonly nackingMs: number;
}

interface Route {
  since: number;
  nackedCount: number;
  /** Its queues know the channel: what they nack from now on is their own choice. */
  isAcked: boolean;
}

/** So long every publish of a route was nacked before the first renewal; twice as long before each further one. */
const firstPauseMs = 1_000;
const maxPauseMs = 30_000;
/** Without a renewal for so long, the pauses begin anew. */
const calmAfterMs = 2 * maxPauseMs;
/** So long nothing is written while what is in flight is answered; the others on the channel wait as long at most. */
const holdMs = 1_000;
/** Further routes are counted together. */
const maxRoutes = 32;

/**
 * Finds the channel that RabbitMQ nacks without end: one that first published to a quorum queue with
 * `overflow: reject-publish` between the death of the leader's node and the election of the next one asks the dead
 * node for each publish, until that is back (seen on 3.10.8). The next channel asks the new leader.
 *
 * A full queue looks the same until it takes something, hence the growing pauses. No I/O: the time comes from outside.
 */
export class NackWatch {
  readonly #routes = new Map<string, Route>();
  #suspectCount = 0;
  #renewalCount = 0;
  #triedAt = -Infinity;
  #found: NackedRoute | undefined;
  #foundRoute: Route | undefined;
  #heldUntil = Infinity;

  /** Whether acks have to be {@link acked | told}, too: they matter only beside nacks. */
  get isWatching(): boolean {
    return this.#suspectCount > 0;
  }

  /** Why nothing may be written until nothing is in flight; the channel is to be renewed then. */
  get found(): NackedRoute | undefined {
    return this.#found;
  }

  /** When {@link expire} ends that, should something in flight not be answered. */
  get heldUntil(): number {
    return this.#heldUntil;
  }

  nacked(exchange: string, routingKey: string, nowMs: number): void {
    const route = this.#watch(keyOf(exchange, routingKey), nowMs);
    route.nackedCount++;
    if (route.isAcked || this.#found !== undefined) return;
    if (nowMs - this.#triedAt >= calmAfterMs) this.#renewalCount = 0;
    const nackingMs = nowMs - route.since;
    if (nackingMs < Math.min(maxPauseMs, firstPauseMs * 2 ** this.#renewalCount)) return;
    this.#renewalCount++;
    this.#triedAt = nowMs;
    this.#found = { exchange, routingKey, nackedCount: route.nackedCount, nackingMs };
    this.#foundRoute = route;
    this.#heldUntil = nowMs + holdMs;
  }

  acked(exchange: string, routingKey: string): void {
    const route = this.#routes.get(keyOf(exchange, routingKey)) ?? this.#routes.get(others);
    if (route === undefined || route.isAcked) return;
    route.isAcked = true;
    this.#suspectCount--;
    if (route === this.#foundRoute) this.#goOn();
  }

  /** Something in flight is not answered: it goes on as it is, and is looked at anew after the next pause. */
  expire(nowMs: number): void {
    if (nowMs >= this.#heldUntil) this.#forget();
  }

  /** The channel is gone, and with it what it was nacked for. One that was lost makes the pauses begin anew. */
  down(): void {
    if (this.#found === undefined) this.#renewalCount = 0;
    this.#forget();
  }

  #forget(): void {
    this.#routes.clear();
    this.#suspectCount = 0;
    this.#goOn();
  }

  #goOn(): void {
    this.#found = undefined;
    this.#foundRoute = undefined;
    this.#heldUntil = Infinity;
  }

  #watch(key: string, nowMs: number): Route {
    const known = this.#routes.get(key);
    if (known !== undefined) return known;
    if (this.#routes.size >= maxRoutes && key !== others) return this.#watch(others, nowMs);
    const route = { since: nowMs, nackedCount: 0, isAcked: false };
    this.#routes.set(key, route);
    this.#suspectCount++;
    return route;
  }
}

/** No route has this key. */
const others = "";

function keyOf(exchange: string, routingKey: string): string {
  return `${exchange.length} ${exchange}${routingKey}`;
}
