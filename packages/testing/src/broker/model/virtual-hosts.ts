import { AmqpError } from "../amqp-error.ts";
import { VirtualHost, type VirtualHostPlace } from "./virtual-host.ts";

/** The virtual hosts of a broker by name. */
export class VirtualHosts implements Iterable<VirtualHost> {
  readonly #place: VirtualHostPlace;
  readonly #byName = new Map<string, VirtualHost>();

  constructor(place: VirtualHostPlace) {
    this.#place = place;
  }

  [Symbol.iterator](): Iterator<VirtualHost> {
    return this.#byName.values();
  }

  /** One that is there already stays as it is. */
  add(name: string): VirtualHost {
    const existing = this.#byName.get(name);
    if (existing !== undefined) return existing;
    const vhost = new VirtualHost(name, this.#place);
    this.#byName.set(name, vhost);
    return vhost;
  }

  /** Its queues end, and with them their consumers. Returns whether there was one. */
  delete(name: string): boolean {
    this.#byName.get(name)?.destroy();
    return this.#byName.delete(name);
  }

  /** @throws AmqpError 530 */
  get(name: string): VirtualHost {
    const vhost = this.#byName.get(name);
    if (vhost === undefined) throw new AmqpError(530, `vhost ${name} not found`);
    return vhost;
  }
}
