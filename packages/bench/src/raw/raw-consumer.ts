import type { ConsumingContender, Handle, Target } from "../contender.ts";
import type { Order } from "../order.ts";
import { frameType, method, methodFrame, shortString, uint16, uint32, uint64 } from "./frames.ts";
import { channelNumber, RawChannel } from "./raw-channel.ts";

/**
 * The limit: reads the tag and the JSON, nothing else of a delivery. The acks of one turn of the event loop leave in one
 * write: one `multiple` for what is finished without a gap, then the finished tags behind a gap.
 */
export async function openRawConsumer(target: Target, handle: Handle): Promise<ConsumingContender> {
  const channel = await RawChannel.open(target.url);
  const qos = [uint32(0), uint16(target.window), Buffer.of(0)];
  await channel.call(methodFrame(channelNumber, method.basicQos, ...qos), method.basicQosOk);

  let tag = 0;
  channel.onMethod = (id, bytes, offset) => {
    if (id !== method.basicDeliver) return;
    const consumerTagBytes = bytes[offset] ?? 0;
    tag = Number(bytes.readBigUInt64BE(offset + 1 + consumerTagBytes));
  };
  const acks = new AckWriter(channel);
  channel.onContent = (type, bytes, start, end) => {
    if (type !== frameType.body) return;
    const order = JSON.parse(bytes.toString("utf8", start, end)) as Order;
    void handleAndAck(order, tag);
  };
  async function handleAndAck(order: Order, itsTag: number): Promise<void> {
    await handle(order);
    acks.finished(itsTag);
  }

  const consume = [uint16(0), shortString(target.queue), shortString("raw"), Buffer.of(0), uint32(0)];
  await channel.call(methodFrame(channelNumber, method.basicConsume, ...consume), method.basicConsumeOk);
  return {
    close: () => {
      acks.flush();
      return channel.close();
    },
  };
}

class AckWriter {
  readonly #channel: RawChannel;
  /** Every tag up to this one is acknowledged. */
  #prefix = 0;
  /** Acknowledged one by one, above the prefix. */
  readonly #stragglers = new Set<number>();
  #finished: number[] = [];

  constructor(channel: RawChannel) {
    this.#channel = channel;
  }

  finished(tag: number): void {
    if (this.#finished.push(tag) === 1) setImmediate(() => this.flush());
  }

  flush(): void {
    const finished = new Set(this.#finished);
    this.#finished = [];
    let top = 0;
    for (let next = this.#prefix + 1; finished.has(next) || this.#stragglers.delete(next); next += 1) {
      // A `multiple` must name a tag that is still open, else RabbitMQ closes the channel.
      if (finished.delete(next)) top = next;
      this.#prefix = next;
    }
    const frames = top === 0 ? [] : [ackFrame(top, true)];
    for (const tag of finished) {
      this.#stragglers.add(tag);
      frames.push(ackFrame(tag, false));
    }
    if (frames.length > 0) this.#channel.socket.write(Buffer.concat(frames));
  }
}

function ackFrame(tag: number, multiple: boolean): Buffer {
  return methodFrame(channelNumber, method.basicAck, uint64(tag), Buffer.of(multiple ? 1 : 0));
}
