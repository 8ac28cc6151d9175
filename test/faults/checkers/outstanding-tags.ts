import type { SeenFrame } from "@warren/testing";

/** The deliveries of one proxy that are not settled yet, by connection, channel and tag, as its frames tell. */
export class OutstandingTags {
  /** What the caller wants to know of a delivery again, by tag. */
  readonly #channels = new Map<string, Map<number, string>>();

  delivered({ connection, channel, fields }: SeenFrame): void {
    this.#tags(connection.id, channel).set(fields.deliveryTag ?? 0, fields.routingKey ?? "");
  }

  /** Takes what an ack, nack or reject settles, and gives the routing keys; nothing when no such tag is outstanding. */
  settled({ connection, channel, fields }: SeenFrame): readonly string[] {
    const tags = this.#tags(connection.id, channel);
    const top = fields.deliveryTag ?? 0;
    const taken =
      fields.multiple === true
        ? [...tags.keys()].filter((tag) => top === 0 || tag <= top)
        : [top].filter((tag) => tags.has(tag));
    // RabbitMQ refuses a multiple ack whose own tag is not outstanding, whatever is below it.
    if (fields.multiple === true && top !== 0 && !tags.has(top)) return [];
    return taken.map((tag) => {
      const routingKey = tags.get(tag)!;
      tags.delete(tag);
      return routingKey;
    });
  }

  /** The channel was opened anew: its tags begin at 1 again. */
  opened({ connection, channel }: SeenFrame): void {
    this.#channels.delete(`${connection.id}/${channel}`);
  }

  #tags(connection: number, channel: number): Map<number, string> {
    const key = `${connection}/${channel}`;
    const tags = this.#channels.get(key) ?? new Map<number, string>();
    this.#channels.set(key, tags);
    return tags;
  }
}

/** Whether the frame is a settlement of the client; confirms of the broker have the same names. */
export function isSettlement({ method, direction }: SeenFrame): boolean {
  return (
    direction === "toServer" &&
    (method === "basic.ack" || method === "basic.nack" || method === "basic.reject")
  );
}
