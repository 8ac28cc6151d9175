import { expect, test } from "vitest";
import { DeadLetterLine } from "./dead-letter-line.ts";
import type { DeadLetter } from "./queue/queue.ts";

const letter = (exchange: string): DeadLetter => ({
  exchange,
  routingKeys: [],
  message: { exchange, routingKey: "", properties: {}, body: Buffer.alloc(0) },
  closesCycle: () => false,
});

test("dead letters are routed once the outermost operation has ended, first come, first routed", () => {
  const routed: string[] = [];
  const line = new DeadLetterLine(({ exchange }) => routed.push(exchange));
  line.during(() => {
    line.add(letter("one"));
    line.during(() => {
      line.add(letter("two"));
    });
    expect(routed).toEqual([]);
  });
  expect(routed).toEqual(["one", "two"]);
});

test("a dead letter that comes without an operation is routed at once", () => {
  const routed: string[] = [];
  const line = new DeadLetterLine(({ exchange }) => routed.push(exchange));
  line.add(letter("one"));
  expect(routed).toEqual(["one"]);
});

test("what routing makes of dead letters waits for its turn, and one that never ends for later turns", () => {
  const routed: string[] = [];
  const later: (() => void)[] = [];
  const line: DeadLetterLine = new DeadLetterLine(
    ({ exchange }) => {
      routed.push(exchange);
      line.during(() => {
        line.add(letter(`after ${exchange.slice(-1)}`));
      });
    },
    (task) => later.push(task),
  );
  line.during(() => {
    line.add(letter("1"));
    line.add(letter("2"));
  });
  expect(routed.slice(0, 4)).toEqual(["1", "2", "after 1", "after 2"]);
  const firstTurnCount = routed.length;
  expect(firstTurnCount).toBeLessThan(1_000);
  expect(later.length).toBe(1);
  later[0]!();
  expect(routed.length).toBeGreaterThan(firstTurnCount);
  expect(later.length).toBe(2);
});

test("an operation that throws still lets its dead letters go", () => {
  const routed: string[] = [];
  const line = new DeadLetterLine(({ exchange }) => routed.push(exchange));
  expect(() =>
    line.during(() => {
      line.add(letter("one"));
      throw new Error("in the midst of it");
    }),
  ).toThrow("in the midst of it");
  expect(routed).toEqual(["one"]);
});
