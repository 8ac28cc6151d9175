import type { BrokerAddress } from "../uri.ts";

/** The brokers of a cluster in an order of this socket's own, so that many clients do not all meet at the first one. */
export class HostRotation {
  readonly #hosts: readonly BrokerAddress[];
  #cursor = -1;

  /** @param random gives a number from 0 to 1, as `Math.random` does. */
  constructor(addresses: readonly BrokerAddress[], random: () => number) {
    const hosts = [...addresses];
    for (let left = hosts.length; left > 1; left--) {
      const chosen = Math.min(Math.floor(random() * left), left - 1);
      [hosts[left - 1], hosts[chosen]] = [hosts[chosen]!, hosts[left - 1]!];
    }
    this.#hosts = hosts;
  }

  /** Who is or was tried last. */
  get current(): BrokerAddress {
    return this.#hosts[Math.max(0, this.#cursor)]!;
  }

  /** The one after it: the host that failed or was lost is tried again last. */
  next(): BrokerAddress {
    this.#cursor = (this.#cursor + 1) % this.#hosts.length;
    return this.current;
  }
}
