import assert from "node:assert/strict";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { InFlightTable } from "./in-flight-table.ts";
import { Outgoing } from "./outgoing.ts";

let numbers = 0;

function outgoing(routingKey = "k", messageId?: string): Outgoing {
  return new Outgoing(
    ++numbers,
    {
      fields: { exchange: "", routingKey, mandatory: true },
      properties: { messageId },
      body: Buffer.alloc(0),
      bytes: 0,
    },
    { replay: true, confirmTimeoutMs: 1, startedAt: 0, deliverBy: 1 },
    () => undefined,
  );
}

function filled(count: number): readonly [InFlightTable, readonly Outgoing[]] {
  const table = new InFlightTable();
  const all = Array.from({ length: count }, () => outgoing());
  for (const each of all) table.add(each);
  return [table, all];
}

function taken(table: InFlightTable, tag: number, multiple: boolean): readonly number[] {
  const tags: number[] = [];
  table.take(tag, multiple, (each) => tags.push(each.tag));
  return tags;
}

test("tags count up by one from 1 on each channel", () => {
  const [table, all] = filled(3);
  expect(all.map(({ tag }) => tag)).toEqual([1, 2, 3]);
  table.drain();
  const next = outgoing();
  table.add(next);
  expect(next.tag).toBe(1);
});

test("a confirm answers one tag, and multiple answers every tag up to it that has no answer yet", () => {
  const [table] = filled(6);
  expect(taken(table, 3, false)).toEqual([3]);
  expect(taken(table, 5, true)).toEqual([1, 2, 4, 5]);
  expect(table.count).toBe(1);
});

test("multiple with tag 0 answers everything", () => {
  const [table] = filled(3);
  expect(taken(table, 0, true)).toEqual([1, 2, 3]);
});

test("a tag that is answered twice, removed or not written yet is passed over", () => {
  const [table, all] = filled(3);
  expect(taken(table, 2, false)).toEqual([2]);
  expect(taken(table, 2, false)).toEqual([]);
  table.remove(all[2]!);
  expect(taken(table, 3, false)).toEqual([]);
  expect(taken(table, 99, true)).toEqual([1]);
});

test("what was removed counts as forgotten until its answer comes, alone or with others, or its channel ends", () => {
  const [table, all] = filled(6);
  for (const each of all.slice(0, 5)) table.remove(each);
  expect(table.forgottenCount).toBe(5);
  expect(taken(table, 2, false)).toEqual([]);
  expect(table.forgottenCount).toBe(4);
  expect(taken(table, 4, true)).toEqual([]);
  expect(table.forgottenCount).toBe(1);
  expect(taken(table, 0, true)).toEqual([6]);
  expect(table.forgottenCount).toBe(0);
  const last = outgoing();
  table.add(last);
  table.remove(last);
  expect(table.forgottenCount).toBe(1);
  table.drain();
  expect(table.forgottenCount).toBe(0);
});

test("removing what was in flight on an earlier channel leaves the new owner of its tag alone", () => {
  const [table, [first]] = filled(1);
  table.drain();
  const second = outgoing();
  table.add(second);
  expect(second.tag).toBe(first!.tag);
  table.remove(first!);
  expect([...table]).toEqual([second]);
});

test("a return belongs to the oldest one with the same exchange, routing key and message id that has none yet", () => {
  const table = new InFlightTable();
  const all = [outgoing("a", "1"), outgoing("b", "1"), outgoing("b", "1"), outgoing("b", "2"), outgoing("b")];
  for (const each of all) table.add(each);
  const back = (routingKey: string, messageId: string | undefined): void =>
    table.markReturned({
      fields: { replyCode: 312, replyText: "NO_ROUTE", exchange: "", routingKey },
      properties: { messageId },
    });
  back("b", "1");
  expect(all.map((each) => each.returned !== undefined)).toEqual([false, true, false, false, false]);
  back("b", "1");
  back("b", undefined);
  expect(all.map((each) => each.returned !== undefined)).toEqual([false, true, true, false, true]);
  back("nobody", "9");
  expect(all.filter((each) => each.returned !== undefined)).toHaveLength(3);
});

test("it holds what a map would hold, in the order of the tags, whatever is confirmed", () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant("add" as const), count: fc.integer({ min: 1, max: 40 }) }),
    fc.record({ kind: fc.constant("take" as const), back: fc.nat(150), multiple: fc.boolean() }),
    fc.record({ kind: fc.constant("remove" as const), back: fc.nat(150) }),
    fc.record({ kind: fc.constant("drain" as const) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const table = new InFlightTable();
      const model = new Map<number, Outgoing>();
      let last = 0;
      for (const each of steps) {
        if (each.kind === "add") {
          for (let at = 0; at < each.count; at++) {
            const added = outgoing();
            table.add(added);
            model.set(++last, added);
          }
        } else if (each.kind === "drain") {
          assert.deepEqual(table.drain(), [...model.values()]);
          model.clear();
          last = 0;
        } else if (last > 0) {
          const tag = Math.max(1, last - each.back);
          if (each.kind === "remove") {
            const removed = model.get(tag);
            if (removed !== undefined) table.remove(removed);
            model.delete(tag);
          } else {
            const wanted = [...model.keys()].filter((key) => (each.multiple ? key <= tag : key === tag));
            assert.deepEqual(taken(table, tag, each.multiple), wanted);
            for (const key of wanted) model.delete(key);
          }
        }
        expect(table.count).toBe(model.size);
        expect([...table]).toEqual([...model.values()]);
      }
    }),
    { numRuns: 200 },
  );
});
