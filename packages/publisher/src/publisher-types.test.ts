import { type Connection, defineTopology } from "@warren/connection";
import { type AnyMessage, type Confirmation, defineMessage, type InputOf } from "@warren/message";
import { describe, expectTypeOf, it } from "vitest";
import { z } from "zod";
import type { Confirmed } from "./publish-error.ts";
import type { Publisher } from "./publisher.ts";
import type { Reply } from "./read-reply.ts";

// The compiler is the test here: every @ts-expect-error must be one. Nothing is called.
describe("types of the publisher", () => {
  const topology = defineTopology({ exchanges: { orders: { type: "topic" } } });
  type Typed = Publisher<typeof topology>;
  const schema = z.object({ id: z.string(), at: z.string().transform((text) => new Date(text)) });
  const Placed = defineMessage({ type: "placed", exchange: "orders", routingKey: "placed.{id}", schema });
  const Lost = defineMessage({ type: "lost", exchange: "oders", routingKey: "lost", schema });
  const ToQueue = defineMessage({ type: "queued", exchange: "", routingKey: "billing", schema });
  const body = Buffer.alloc(0);
  const payload = { id: "o-1", at: "2026-01-01" };

  it("let messages to exchanges of the topology, to queues and to the broker's own exchanges pass", () => {
    expectTypeOf(async (publisher: Typed) => {
      expectTypeOf(await publisher.publish(Placed, payload)).toEqualTypeOf<Confirmed>();
      await publisher.publish(ToQueue, payload, { routingKey: "elsewhere", replay: false });
      await publisher.publish({ exchange: "amq.topic", routingKey: "k", body });
      const all = await publisher.publishAll(Placed, [payload]);
      expectTypeOf(all).toEqualTypeOf<readonly Confirmation[]>();
    }).toBeFunction();
  });

  it("refuse an exchange that the topology does not have, typed or raw", () => {
    expectTypeOf(async (publisher: Typed) => {
      // @ts-expect-error a misspelt exchange
      await publisher.publish(Lost, payload);
      // @ts-expect-error a misspelt exchange
      await publisher.publish({ exchange: "oders", routingKey: "k", body });
      // @ts-expect-error a misspelt exchange
      await publisher.publishAll([{ exchange: "oders", routingKey: "k", body }]);
      // @ts-expect-error a misspelt exchange
      await publisher.request(Lost, payload);
    }).toBeFunction();
  });

  it("take the schema's input and nothing else, and refuse options that do not exist", () => {
    expectTypeOf(async (publisher: Typed) => {
      // @ts-expect-error the output is no input
      await publisher.publish(Placed, { id: "o-1", at: new Date() });
      // @ts-expect-error a property too many
      await publisher.publish(Placed, { ...payload, extra: 1 });
      // @ts-expect-error a misspelt option
      await publisher.publish(Placed, payload, { expiration: 1 });
      // @ts-expect-error a misspelt property
      await publisher.publish({ exchange: "orders", routingkey: "k", body });
    }).toBeFunction();
  });

  it("leave a connection without a topology loose", () => {
    expectTypeOf(async (publisher: Publisher) => {
      await publisher.publish(Lost, payload);
      await publisher.publish({ exchange: "any", routingKey: "k", body });
    }).toBeFunction();
    expectTypeOf<Connection<typeof topology>>().toExtend<Connection>();
  });

  it("let a function that is generic over messages pass one on with its payload", () => {
    const emit = async <M extends AnyMessage>(
      on: Publisher,
      message: M,
      payload: InputOf<M>,
    ): Promise<void> => {
      await on.publish(message, payload);
      await on.publishAll(message, [payload]);
      await on.request(message, payload);
    };
    expectTypeOf(emit).toBeFunction();
  });

  it("give a request the output of its reply message", () => {
    expectTypeOf(async (publisher: Typed) => {
      expectTypeOf(await publisher.request(Placed, payload, { reply: ToQueue })).toEqualTypeOf<{
        id: string;
        at: Date;
      }>();
      expectTypeOf(await publisher.request(Placed, payload)).toEqualTypeOf<unknown>();
      expectTypeOf(await publisher.request({ exchange: "", routingKey: "q", body })).toEqualTypeOf<Reply>();
      for await (const answer of publisher.requestMany(Placed, payload, { reply: ToQueue }))
        expectTypeOf(answer.at).toEqualTypeOf<Date>();
    }).toBeFunction();
  });
});
