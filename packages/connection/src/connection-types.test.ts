import { expectTypeOf, test } from "vitest";
import { connect } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { defineTopology } from "./topology/define-topology.ts";

const topology = defineTopology({
  exchanges: { orders: { type: "topic" } },
  queues: { billing: { bindings: [{ exchange: "orders", routingKey: "#" }] } },
});

type ExchangeOf<C> = C extends Connection<infer T> ? Extract<keyof T["exchanges"], string> : never;

test("a connection carries the names of the topology that it was given", () => {
  const typed = () => connect("amqp://localhost", { topology });
  type Typed = Awaited<ReturnType<typeof typed>>;
  expectTypeOf<ExchangeOf<Typed>>().toEqualTypeOf<"orders">();
  expectTypeOf<Typed["topology"]>().toEqualTypeOf<typeof topology | undefined>();
  expectTypeOf<Typed>().toExtend<Connection>();
});

test("without a topology any name is possible", () => {
  const untyped = () => connect("amqp://localhost");
  type Untyped = Awaited<ReturnType<typeof untyped>>;
  expectTypeOf<Untyped>().toEqualTypeOf<Connection>();
  expectTypeOf<ExchangeOf<Untyped>>().toEqualTypeOf<string>();
});
