import { expect, test } from "vitest";
import { EffectBeforeAck } from "./effect-before-ack.ts";
import { seenFrame } from "./seen-frame.ts";

function delivered(...keys: string[]): EffectBeforeAck {
  const order = new EffectBeforeAck();
  for (const [index, routingKey] of keys.entries())
    order.frame(seenFrame("basic.deliver", "toClient", { deliveryTag: index + 1, routingKey }));
  return order;
}

test("K4 finds nothing where the effect comes first, and in what is given back", () => {
  const order = delivered("a", "b");
  order.effect("a");
  order.frame(seenFrame("basic.ack", "toServer", { deliveryTag: 1 }));
  order.frame(seenFrame("basic.nack", "toServer", { deliveryTag: 2, requeue: true }));
  expect(order.problems()).toEqual([]);
  expect(order.ackedCount).toBe(1);
});

test("K4 finds an ack before its effect", () => {
  const order = delivered("a");
  order.frame(seenFrame("basic.ack", "toServer", { deliveryTag: 1 }));
  order.effect("a");
  expect(order.problems()).toEqual(["a was acked before its effect"]);
});

test("K4 finds the one of many under a multiple ack", () => {
  const order = delivered("a", "b", "c");
  order.effect("a");
  order.effect("c");
  order.frame(seenFrame("basic.ack", "toServer", { deliveryTag: 3, multiple: true }));
  expect(order.problems()).toEqual(["b was acked before its effect"]);
});

test("K4 takes no confirm of the broker for an ack", () => {
  const order = delivered("a");
  order.frame(seenFrame("basic.ack", "toClient", { deliveryTag: 1 }));
  expect(order.problems()).toEqual([]);
});
