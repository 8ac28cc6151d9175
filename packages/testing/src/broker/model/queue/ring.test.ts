import fc from "fast-check";
import { expect, test } from "vitest";
import { Ring } from "./ring.ts";

test("a ring holds what an array would, whatever is done to it", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("push", "unshift") },
    { weight: 3, arbitrary: fc.constantFrom("shift", "pop") },
    { weight: 1, arbitrary: fc.constantFrom("insert", "remove") },
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(step, fc.nat()), { maxLength: 300 }), (steps) => {
      const ring = new Ring<number>();
      const array: number[] = [];
      for (const [index, [name, number]] of steps.entries()) {
        const place = number % (array.length + 1);
        switch (name) {
          case "push":
            ring.push(index);
            array.push(index);
            break;
          case "unshift":
            ring.unshift(index);
            array.unshift(index);
            break;
          case "shift":
            expect(ring.shift()).toBe(array.shift());
            break;
          case "pop":
            expect(ring.pop()).toBe(array.pop());
            break;
          case "insert":
            ring.insert(place, index);
            array.splice(place, 0, index);
            break;
          default:
            expect(ring.remove(array[place] ?? -1)).toBe(place < array.length);
            array.splice(place, 1);
        }
        expect([ring.length, ring.first(), ring.last()]).toEqual([array.length, array[0], array.at(-1)]);
      }
      expect([...ring]).toEqual(array);
    }),
  );
});

test("a ring that was long and is short again keeps its order", () => {
  const ring = new Ring<number>();
  for (let i = 0; i < 10_000; i++) ring.push(i);
  for (let i = 0; i < 9_990; i++) expect(ring.shift()).toBe(i);
  expect([...ring]).toEqual([9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999]);
});
