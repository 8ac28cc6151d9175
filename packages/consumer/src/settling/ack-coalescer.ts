/** Delivered, and its work goes on. */
const held = 0;
/** Its work is done; the next flush acknowledges it. */
const finished = 1;
/** The broker was told. */
const settled = 2;

/** Tells the broker: this tag, or with `multiple` every tag up to it that it has not been told about. */
export type WriteAck = (deliveryTag: number, multiple: boolean) => void;

/**
 * Turns single acks into few frames: one `multiple` for everything before the oldest tag whose work goes on, and
 * finished tags behind that one singly, so that one slow handler does not hold up the others' acks.
 *
 * RabbitMQ closes the channel over a `multiple` whose own tag is settled already (406), while settled tags below it
 * do no harm: so the tag of a `multiple` is always one that is finished and was not told yet.
 *
 * Tags count up from 1 on each channel; a new channel takes a new coalescer.
 */
export class AckCoalescer {
  /** A ring: one mark a tag, from the oldest that is not settled to the newest. Its length is a power of two. */
  #marks = new Uint8Array(256);
  #oldest = 1;
  #next = 1;
  /** Finished since the last flush, so that a flush looks at these and not at everything that is held. */
  #finished: number[] = [];

  delivered(tag: number): void {
    for (; this.#next < tag; this.#next++) this.#put(this.#next, settled);
    this.#put(tag, held);
    this.#next = tag + 1;
  }

  finish(tag: number): void {
    this.#marks[tag & (this.#marks.length - 1)] = finished;
    this.#finished.push(tag);
  }

  /** The broker was told by a frame of its own: a reject or a nack. */
  settle(tag: number): void {
    this.#marks[tag & (this.#marks.length - 1)] = settled;
    if (tag !== this.#oldest) return;
    const mask = this.#marks.length - 1;
    while (this.#oldest < this.#next && this.#marks[this.#oldest & mask] === settled) this.#oldest++;
  }

  /** Whether a flush would write anything. */
  get pending(): boolean {
    return this.#finished.length > 0;
  }

  flush(write: WriteAck): void {
    if (this.#finished.length === 0) return;
    const marks = this.#marks;
    const mask = marks.length - 1;
    let tag = this.#oldest;
    let top = 0;
    let count = 0;
    for (; tag < this.#next && marks[tag & mask] !== held; tag++) {
      if (marks[tag & mask] !== finished) continue;
      marks[tag & mask] = settled;
      top = tag;
      count++;
    }
    this.#oldest = tag;
    if (count > 0) write(top, count > 1);
    if (count < this.#finished.length) this.#flushStragglers(write);
    this.#finished.length = 0;
  }

  #flushStragglers(write: WriteAck): void {
    const mask = this.#marks.length - 1;
    for (const tag of this.#finished) {
      if (tag < this.#oldest) continue;
      this.#marks[tag & mask] = settled;
      write(tag, false);
    }
  }

  #put(tag: number, mark: number): void {
    if (tag - this.#oldest === this.#marks.length) this.#grow();
    this.#marks[tag & (this.#marks.length - 1)] = mark;
  }

  #grow(): void {
    const marks = new Uint8Array(this.#marks.length * 2);
    for (let tag = this.#oldest; tag < this.#next; tag++)
      marks[tag & (marks.length - 1)] = this.#marks[tag & (this.#marks.length - 1)]!;
    this.#marks = marks;
  }
}
