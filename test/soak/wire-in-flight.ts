import type { ProxiedConnection, SeenFrame } from "@warren/testing";

export interface InFlight {
  readonly publishes: number;
  readonly deliveries: number;
}

interface ChannelInFlight {
  published: number;
  /** Ascending, as a Set keeps what was added. */
  readonly publishes: Set<number>;
  readonly deliveries: Set<number>;
}

/** What the frames of some proxies say is on its way at this moment: publishes without a confirm, deliveries without an ack. */
export class WireInFlight {
  readonly #connections = new Map<ProxiedConnection, Map<number, ChannelInFlight>>();
  #publishes = 0;
  #deliveries = 0;
  /** How many deliveries were settled so far. */
  settledDeliveries = 0;
  /** Called when the broker blocks a connection, before anything else comes from it. */
  blocked: () => void = () => undefined;

  get now(): InFlight {
    return { publishes: this.#publishes, deliveries: this.#deliveries };
  }

  /** For `proxy.frames(…)`. */
  readonly frame = (frame: SeenFrame): void => {
    const { method, direction, connection } = frame;
    if (method === undefined) return;
    const toServer = direction === "toServer";
    if (method === "basic.publish" && toServer) {
      const channel = this.#channel(connection, frame.channel);
      this.#publishes += added(channel.publishes, ++channel.published);
    } else if (method === "basic.deliver") {
      const channel = this.#channel(connection, frame.channel);
      this.#deliveries += added(channel.deliveries, frame.fields.deliveryTag ?? 0);
    } else if (method === "basic.ack" || method === "basic.nack" || method === "basic.reject") {
      const channel = this.#channel(connection, frame.channel);
      if (toServer) {
        const count = settled(channel.deliveries, frame);
        this.#deliveries -= count;
        this.settledDeliveries += count;
      } else this.#publishes -= settled(channel.publishes, frame);
    } else if (method === "channel.open" && toServer) {
      this.#forget(connection, frame.channel);
    } else if (method === "connection.blocked") this.blocked();
  };

  #channel(connection: ProxiedConnection, number: number): ChannelInFlight {
    let channels = this.#connections.get(connection);
    if (channels === undefined) {
      this.#connections.set(connection, (channels = new Map()));
      void this.#forgetOnceClosed(connection);
    }
    let channel = channels.get(number);
    if (channel === undefined)
      channels.set(number, (channel = { published: 0, publishes: new Set(), deliveries: new Set() }));
    return channel;
  }

  /** The connections that there are were cut: nothing of theirs is on its way any more. */
  cut(): void {
    for (const [connection, channels] of this.#connections)
      for (const each of channels.keys()) this.#forget(connection, each);
  }

  async #forgetOnceClosed(connection: ProxiedConnection): Promise<void> {
    await connection.closed;
    for (const each of this.#connections.get(connection)!.keys()) this.#forget(connection, each);
    this.#connections.delete(connection);
  }

  #forget(connection: ProxiedConnection, number: number): void {
    const channel = this.#connections.get(connection)?.get(number);
    if (channel === undefined) return;
    this.#publishes -= channel.publishes.size;
    this.#deliveries -= channel.deliveries.size;
    this.#connections.get(connection)!.delete(number);
  }
}

function added(tags: Set<number>, tag: number): number {
  const size = tags.size;
  tags.add(tag);
  return tags.size - size;
}

/** Takes what the frame settles, and says how many that were. */
function settled(tags: Set<number>, { fields }: SeenFrame): number {
  const size = tags.size;
  const top = fields.deliveryTag ?? 0;
  if (fields.multiple !== true) tags.delete(top);
  else
    for (const tag of tags) {
      if (top !== 0 && tag > top) break;
      tags.delete(tag);
    }
  return size - tags.size;
}
