import type { SeenFrame } from "@warren/testing";
import { isSettlement, OutstandingTags } from "./outstanding-tags.ts";

/** Header and end of a frame. */
const overheadBytes = 8;

/**
 * K7: what must never be seen on the wire. Give `frame` to `proxy.frames(…)` before the client connects.
 *
 * - a settlement of a tag that is not outstanding on its channel
 * - a publish after `connection.blocked`, until `connection.unblocked`. What was written before the client could have
 *   read that would count, too: publish once in the alarm, and the others after the client says that it is blocked.
 * - a frame larger than what was agreed on
 */
export class WireRules {
  readonly #tags = new OutstandingTags();
  readonly #blocked = new Set<number>();
  readonly #maxFrameBytes = new Map<number, number>();
  readonly #problems: string[] = [];

  readonly frame = (frame: SeenFrame): void => {
    const { connection, channel, method, direction, payload } = frame;
    const where = `connection ${connection.id}, channel ${channel}`;
    const size = payload.length + overheadBytes;
    const limit = this.#maxFrameBytes.get(connection.id) ?? Infinity;
    if (size > limit) this.#problems.push(`${where}: a frame of ${size} bytes, over ${limit}`);
    // Class, method and channel_max stand before it; 0 is no limit.
    if (method === "connection.tune-ok")
      this.#maxFrameBytes.set(connection.id, payload.readUInt32BE(6) || Infinity);
    if (method === "connection.blocked") this.#blocked.add(connection.id);
    if (method === "connection.unblocked") this.#blocked.delete(connection.id);
    if (method === "basic.publish" && this.#blocked.has(connection.id))
      this.#problems.push(`${where}: a publish while blocked`);
    if (method === "channel.open" && direction === "toServer") this.#tags.opened(frame);
    if (method === "basic.deliver" || method === "basic.get-ok") this.#tags.delivered(frame);
    if (isSettlement(frame) && this.#tags.settled(frame).length === 0)
      this.#problems.push(`${where}: ${method} of tag ${frame.fields.deliveryTag}, which is not outstanding`);
  };

  problems(): readonly string[] {
    return this.#problems;
  }
}
