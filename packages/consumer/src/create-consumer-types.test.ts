import { type Connection, defineTopology } from "@warren/connection";
import { ack, defineMessage } from "@warren/message";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import { createConsumer } from "./create-consumer.ts";
import { on, onAny, onBatch, reply } from "./handling/handler.ts";

// The compiler is the test here: every @ts-expect-error must be one. Nothing that is looked at is run.
declare const connection: Connection;

const OrderPlaced = defineMessage({
  type: "order.placed",
  exchange: "orders",
  routingKey: "order.placed.{region}",
  schema: z.object({ region: z.string(), at: z.string().transform((text) => new Date(text)) }),
});
const UserGone = defineMessage({
  type: "user.gone",
  exchange: "users",
  routingKey: "user.gone",
  schema: z.object({ id: z.string() }),
});
const { billing } = defineTopology({
  exchanges: { orders: { type: "topic" }, users: { type: "topic" } },
  queues: { billing: { bindings: [{ exchange: "orders", routingKey: "order.placed.*" }] } },
}).queues;

describe("types of createConsumer", () => {
  it("give the handler the schema's output", () => {
    on(OrderPlaced, (order, delivery) => {
      expectTypeOf(order).toEqualTypeOf<{ region: string; at: Date }>();
      expectTypeOf(delivery.payload).toEqualTypeOf<{ region: string; at: Date }>();
      return ack();
    });
    onBatch(OrderPlaced, (orders) => {
      expectTypeOf(orders).toEqualTypeOf<readonly { region: string; at: Date }[]>();
    });
  });

  it("refuse a handler whose exchange does not feed the queue, and a result that is no acknowledgement", () => {
    expectTypeOf(() =>
      createConsumer(connection, {
        queue: billing,
        // @ts-expect-error users does not feed billing
        handlers: [on(UserGone, () => undefined)],
      }),
    );
    expectTypeOf(() =>
      createConsumer(connection, {
        queue: billing,
        handlers: [on(OrderPlaced, async () => undefined), onAny(() => undefined)],
      }),
    );
    expectTypeOf(() =>
      createConsumer(connection, { queue: "any", handlers: [on(UserGone, () => undefined)] }),
    );
    // @ts-expect-error a text is no acknowledgement
    expectTypeOf(() => on(OrderPlaced, () => "done"));
    // @ts-expect-error neither is its promise
    expectTypeOf(() => on(OrderPlaced, async () => 1));
    // @ts-expect-error a key is a text
    expectTypeOf(() => on(OrderPlaced, () => undefined, { orderBy: (order) => order.at }));
  });

  it("hold a reply to the message that answers", () => {
    expectTypeOf(() => reply(OrderPlaced, async () => ({ id: "a" }), { reply: UserGone }));
    expectTypeOf(() =>
      reply(
        OrderPlaced,
        async function* () {
          yield { id: "a" };
        },
        { reply: UserGone },
      ),
    );
    // @ts-expect-error not the shape of the answer
    expectTypeOf(() => reply(OrderPlaced, async () => ({ name: "a" }), { reply: UserGone }));
  });

  it("refuse a misspelt option", () => {
    expectTypeOf(() =>
      createConsumer(connection, {
        queue: billing,
        handlers: [],
        // @ts-expect-error concurency
        concurency: 3,
      }),
    );
  });
});
