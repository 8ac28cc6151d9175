import { array, assert, constantFrom, nat, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { AckCoalescer } from "./ack-coalescer.ts";

/** The broker's side: which tags it waits for. It closes the channel over any other tag. */
class Broker {
  readonly outstanding = new Set<number>();
  readonly settled: number[] = [];

  ack(tag: number, multiple: boolean): void {
    if (!this.outstanding.has(tag)) throw new Error(`406: unknown delivery tag ${tag}`);
    const tags = multiple ? [...this.outstanding].filter((each) => each <= tag) : [tag];
    for (const each of tags) {
      this.outstanding.delete(each);
      this.settled.push(each);
    }
  }
}

/** A consumer on such a broker, and what it has told the coalescer. */
class Played {
  readonly broker = new Broker();
  readonly acks = new AckCoalescer();
  readonly atWork: number[] = [];
  readonly ended = new Set<number>();
  #next = 1;

  deliver(): void {
    const tag = this.#next++;
    this.acks.delivered(tag);
    this.broker.outstanding.add(tag);
    this.atWork.push(tag);
  }

  /** After a flush the broker knows exactly what has ended. */
  flush(): void {
    this.acks.flush((tag, multiple) => this.broker.ack(tag, multiple));
    if (this.broker.settled.length !== this.ended.size)
      throw new Error("something ended and was not settled");
    for (const tag of this.broker.settled)
      if (!this.ended.has(tag)) throw new Error(`tag ${tag} was settled while it was at work`);
  }

  end(how: "finish" | "reject", pick: number): void {
    const [tag] = this.atWork.splice(pick % Math.max(1, this.atWork.length), 1);
    if (tag === undefined) return;
    this.ended.add(tag);
    if (how === "finish") return this.acks.finish(tag);
    this.broker.ack(tag, false);
    this.acks.settle(tag);
  }
}

const kinds = ["deliver", "deliver", "deliver", "finish", "finish", "reject", "flush"] as const;
/** `pick` chooses among the deliveries that are at work. */
const command = record({ kind: constantFrom(...kinds), pick: nat() });

describe("AckCoalescer", () => {
  it("settles every finished delivery once, none that is at work, and never names a settled tag", () => {
    assert(
      property(array(command, { maxLength: 400 }), (commands) => {
        const played = new Played();
        for (const { kind, pick } of commands) {
          if (kind === "deliver") played.deliver();
          else if (kind === "flush") played.flush();
          else played.end(kind, pick);
        }
        played.flush();
        expect(new Set(played.atWork)).toEqual(played.broker.outstanding);
        expect(played.acks.pending).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  it("acknowledges what finished in order with one frame", () => {
    const acks = new AckCoalescer();
    for (let tag = 1; tag <= 1_000; tag++) acks.delivered(tag);
    for (let tag = 1; tag <= 1_000; tag++) acks.finish(tag);
    const frames: [number, boolean][] = [];
    acks.flush((...frame) => frames.push(frame));
    expect(frames).toEqual([[1_000, true]]);
  });

  it("acknowledges what is behind a slow handler singly, and looks at nothing twice", () => {
    const acks = new AckCoalescer();
    for (let tag = 1; tag <= 5; tag++) acks.delivered(tag);
    const frames: [number, boolean][] = [];
    const flush = (): void => acks.flush((...frame) => frames.push(frame));
    for (const tag of [1, 3, 4]) acks.finish(tag);
    flush();
    acks.finish(5);
    flush();
    acks.finish(2);
    flush();
    expect(frames).toEqual([
      [1, false],
      [3, false],
      [4, false],
      [5, false],
      [2, false],
    ]);
  });

  it("keeps its place over any number of rejected deliveries", () => {
    const acks = new AckCoalescer();
    for (let tag = 1; tag <= 100_000; tag++) {
      acks.delivered(tag);
      acks.settle(tag);
    }
    acks.delivered(100_001);
    acks.finish(100_001);
    const frames: [number, boolean][] = [];
    acks.flush((...frame) => frames.push(frame));
    expect(frames).toEqual([[100_001, false]]);
  });
});
