import type { FaultProxy, ProxiedConnection } from "@warren/testing";

/** A load balancer that forgets a connection on which nothing has passed for `idleMs`: it resets it. */
export class IdleKiller implements Disposable {
  readonly #tap: Disposable;
  readonly #timers = new Map<ProxiedConnection, NodeJS.Timeout>();
  #killedCount = 0;

  constructor(proxy: FaultProxy, idleMs: number) {
    const arm = (connection: ProxiedConnection): void => {
      clearTimeout(this.#timers.get(connection));
      this.#timers.set(
        connection,
        setTimeout(() => {
          this.#killedCount++;
          connection.reset();
        }, idleMs),
      );
      void connection.closed.then(() => clearTimeout(this.#timers.get(connection)));
    };
    for (const connection of proxy.connections) arm(connection);
    this.#tap = proxy.tap((_bytes, _direction, connection) => arm(connection));
  }

  get killedCount(): number {
    return this.#killedCount;
  }

  [Symbol.dispose](): void {
    this.#tap[Symbol.dispose]();
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
