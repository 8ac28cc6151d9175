import { expect, test } from "vitest";
import { orderIndex, orderMaker } from "./order.ts";

test.each([100, 1_000, 5_000])("an order's JSON is exactly %i bytes, whatever its number", (bodyBytes) => {
  const makeOrder = orderMaker(bodyBytes, 7);
  for (const index of [0, 9, 123_456]) {
    expect(Buffer.byteLength(JSON.stringify(makeOrder(index)))).toBe(bodyBytes);
    expect(orderIndex(makeOrder(index))).toBe(index);
  }
});

test("the seed decides the filling", () => {
  expect(orderMaker(1_000, 1)(0)).toEqual(orderMaker(1_000, 1)(0));
  expect(orderMaker(1_000, 1)(0)).not.toEqual(orderMaker(1_000, 2)(0));
});

test("an order that cannot be that short is refused", () => {
  expect(() => orderMaker(20, 1)).toThrow("shorter");
});
