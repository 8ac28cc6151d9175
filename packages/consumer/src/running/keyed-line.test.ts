import { array, assert, constantFrom, nat, property, record } from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { delivered } from "../delivery.test-support.ts";
import type { IncomingDelivery } from "../settling/incoming-delivery.ts";
import { KeyedLine } from "./keyed-line.ts";

function keyed(key: string | undefined, id = 0): IncomingDelivery {
  const delivery = delivered({ fields: { deliveryTag: id } });
  delivery.key = key;
  return delivery;
}

const line = (): KeyedLine => new KeyedLine((delivery) => delivery.key);

describe("KeyedLine", () => {
  it("starts one of a key at a time, in order, and every key in the end", () => {
    const command = record({ kind: constantFrom("take", "take", "start", "end"), pick: nat(), key: nat(3) });
    assert(
      property(array(command, { maxLength: 300 }), (commands) => {
        const subject = line();
        const atWork: IncomingDelivery[] = [];
        const started = new Map<string, number[]>();
        let taken = 0;
        const start = (): void => {
          const next = subject.next();
          if (next === undefined) return;
          if (atWork.some(({ key }) => key === next.key)) throw new Error("two of a key at work");
          atWork.push(next);
          started.set(next.key!, [...(started.get(next.key!) ?? []), next.wire.fields.deliveryTag]);
        };
        const end = (pick: number): void => {
          const [ended] = atWork.splice(pick % Math.max(1, atWork.length), 1);
          if (ended !== undefined) subject.done(ended);
        };
        for (const { kind, pick, key } of commands) {
          if (kind === "take") subject.take(keyed(`k${key}`, ++taken));
          else if (kind === "start") start();
          else end(pick);
        }
        for (let left = taken * 2; left > 0; left--) {
          start();
          end(0);
        }
        const tags = [...started.values()].flat();
        expect(tags).toHaveLength(taken);
        for (const each of started.values()) expect(each).toEqual(each.toSorted((one, other) => one - other));
      }),
    );
  });

  it("lets what has no key go by", () => {
    const subject = line();
    const first = keyed("a");
    subject.take(first);
    expect(subject.next()).toBe(first);
    const free = keyed(undefined);
    subject.take(keyed("a"));
    subject.take(free);
    expect(subject.next()).toBe(free);
    expect(subject.next()).toBeUndefined();
  });

  it("keeps the place of one that is postponed", () => {
    vi.useFakeTimers();
    try {
      const subject = line();
      const [first, second] = [keyed("a", 1), keyed("a", 2)];
      subject.take(first);
      subject.take(second);
      subject.next();
      const ready = vi.fn<() => void>();
      subject.postpone(first, 100, ready);
      expect(subject.next()).toBeUndefined();
      vi.advanceTimersByTime(100);
      expect(ready).toHaveBeenCalledOnce();
      expect(subject.next()).toBe(first);
      subject.done(first);
      expect(subject.next()).toBe(second);
    } finally {
      vi.useRealTimers();
    }
  });

  it("gives out what is not at work, postponed ones included, and starts none of it afterwards", () => {
    const subject = line();
    const [atWork, waiting, postponed, ready] = [keyed("a"), keyed("a"), keyed("b"), keyed("c")];
    for (const each of [atWork, waiting, postponed, ready]) subject.take(each);
    subject.next();
    subject.next();
    subject.postpone(postponed, 100_000, () => undefined);
    expect(new Set(subject.drain())).toEqual(new Set([waiting, postponed, ready]));
    expect(subject.next()).toBeUndefined();
    subject.done(atWork);
    const again = keyed("b");
    subject.take(again);
    expect(subject.next()).toBe(again);
  });
});
