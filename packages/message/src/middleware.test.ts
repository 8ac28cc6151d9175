import { expect, test } from "vitest";
import { ack, deadLetter } from "./acknowledgement.ts";
import type { Delivery } from "./delivery.ts";
import { compose, type Middleware } from "./middleware.ts";

const delivery = { payload: 1 } as Delivery;

test("the first middleware is the outermost", async () => {
  const order: string[] = [];
  const around =
    (name: string): Middleware =>
    async (delivery, next) => {
      order.push(`> ${name}`);
      const decision = await next(delivery);
      order.push(`< ${name}`);
      return decision;
    };
  const handle = compose([around("a"), around("b")], async () => {
    order.push("handler");
    return ack();
  });
  expect(await handle(delivery)).toEqual(ack());
  expect(order).toEqual(["> a", "> b", "handler", "< b", "< a"]);
});

test("a middleware may decide without calling the handler, and change what is passed on", async () => {
  const never = compose([async () => deadLetter("no")], () =>
    Promise.reject(new Error("handler was called")),
  );
  expect(await never(delivery)).toEqual(deadLetter("no"));
  const changed = compose([(delivery, next) => next({ ...delivery, payload: 2 })], async ({ payload }) =>
    deadLetter(String(payload)),
  );
  expect(await changed(delivery)).toEqual(deadLetter("2"));
});

test("without middleware the handler is called as it is", () => {
  const handler = async () => ack();
  expect(compose([], handler)).toBe(handler);
});
