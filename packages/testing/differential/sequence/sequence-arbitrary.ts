import fc, { type Arbitrary } from "fast-check";
import { channelNames, consumerNames, exchangeNames, queueNames, type Command } from "./command.ts";
import { queueShape } from "./queue-shape-arbitrary.ts";
import { mostly, sometimes, stated } from "./stated.ts";

const on = fc.constantFrom(...channelNames);
const knownQueue = fc.constantFrom(...queueNames);
// One that is never declared is among the names, for what brokers refuse.
const queue = mostly(97, knownQueue, fc.constant("q9"));
const knownExchange = fc.constantFrom(...exchangeNames);
const exchange = mostly(95, knownExchange, fc.constant("x9"));
const key = fc.constantFrom("k", "k.x", "q0", "q1");
const pattern = fc.constantFrom("k", "k.x", "k.*", "#", "*", "q0");

const declareExchange = stated({
  do: fc.constant("declare exchange" as const),
  on,
  exchange: knownExchange,
  type: fc.constantFrom("direct" as const, "fanout" as const, "topic" as const, "headers" as const),
  autoDelete: sometimes(8, true as const),
  internal: sometimes(4, true as const),
  alternateExchange: sometimes(15, exchange),
});

const bind = stated({
  do: fc.constant("bind" as const),
  on,
  target: mostly(88, queue, knownExchange),
  exchange,
  key: pattern,
  match: sometimes(50, fc.constantFrom("any" as const, "all" as const)),
});

const publishing = {
  do: fc.constant("publish" as const),
  on,
  mandatory: sometimes(20, true as const),
  persistent: sometimes(40, true as const),
  expirationMs: sometimes(14, fc.constantFrom(0, 1, 60_000)),
  priority: sometimes(30, fc.nat({ max: 9 })),
  header: sometimes(30, fc.constantFrom("1", "2")),
  copyTo: sometimes(3, knownQueue),
  blindCopyTo: sometimes(3, knownQueue),
  bytes: sometimes(25, fc.constantFrom(0, 20, 60)),
};

/** Everything that a client may do to a broker that has queues, exchanges and bindings. */
function command(shapes: Arbitrary<object>, quorum: boolean): Arbitrary<Command> {
  // A condition on the deletion of a quorum queue closes the connection.
  const condition = sometimes(quorum ? 0 : 25, true as const);
  const weighted: [weight: number, Arbitrary<unknown>][] = [
    [3, declareQueue(queue, shapes)],
    [1, stated({ do: fc.constant("check queue" as const), on, queue })],
    [
      2,
      stated({
        do: fc.constant("delete queue" as const),
        on,
        queue,
        ifUnused: condition,
        ifEmpty: condition,
      }),
    ],
    [2, stated({ do: fc.constant("purge" as const), on, queue })],
    [2, declareExchange],
    [
      1,
      stated({
        do: fc.constant("delete exchange" as const),
        on,
        exchange,
        ifUnused: sometimes(40, true as const),
      }),
    ],
    [3, bind],
    [1, stated({ do: fc.constant("unbind" as const), on, target: queue, exchange, key: pattern })],
    [22, stated({ ...publishing, exchange: fc.constant(""), key: queue })],
    [12, stated({ ...publishing, exchange, key })],
    [6, stated({ do: fc.constant("get" as const), on, queue, noAck: sometimes(35, true as const) })],
    [
      8,
      stated({
        do: fc.constant("consume" as const),
        on,
        consumer: fc.constantFrom(...consumerNames),
        queue,
        prefetch: sometimes(70, fc.constantFrom(1, 2, 5, 0)),
        noAck: sometimes(12, true as const),
        exclusive: sometimes(6, true as const),
        priority: sometimes(12, fc.constantFrom(-1, 5)),
      }),
    ],
    [3, stated({ do: fc.constant("cancel" as const), on, consumer: fc.constantFrom(...consumerNames) })],
    [
      // A quorum queue on such a channel closes the connection.
      quorum ? 0 : 2,
      stated({
        do: fc.constant("limit channel" as const),
        on,
        prefetch: fc.constantFrom(1, 2, 3, 0),
      }),
    ],
    [6, settle("ack")],
    [7, settle("nack")],
    [5, stated({ do: fc.constant("reject" as const), on, place: fc.nat({ max: 9 }), requeue })],
    [0.5, stated({ do: fc.constant("ack nothing" as const), on })],
    [1.5, stated({ do: fc.constant("recover" as const), on })],
    [1.5, stated({ do: fc.constant("close channel" as const), on })],
  ];
  // Weights are whole numbers.
  return fc.oneof(
    ...weighted.map(([weight, arbitrary]) => ({ weight: weight * 2, arbitrary })),
  ) as Arbitrary<Command>;
}

const requeue = sometimes(45, true as const);

function settle(how: "ack" | "nack"): Arbitrary<unknown> {
  return stated({
    do: fc.constant(how),
    on,
    place: fc.nat({ max: 9 }),
    multiple: sometimes(25, true as const),
    ...(how === "nack" ? { requeue } : {}),
  });
}

function declareQueue(name: Arbitrary<string>, shapes: Arbitrary<object>): Arbitrary<Command> {
  return fc
    .tuple(stated({ do: fc.constant("declare queue" as const), on, queue: name }), shapes)
    .map(([declaration, shape]) => ({ ...declaration, ...shape }));
}

/**
 * 10 to 60 commands. First most of the queues and exchanges are declared and something is bound, so that what comes after
 * has a meaning; every fifth sequence has quorum queues.
 */
export const sequences: Arbitrary<readonly Command[]> = fc
  .oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(60) })
  .chain((quorumPercent) => {
    const queues = queueNames.map((name, index) =>
      fc.option(declareQueue(fc.constant(name), queueShape(index, quorumPercent)), {
        freq: 12,
        nil: undefined,
      }),
    );
    const exchanges = exchangeNames.map((name) =>
      fc.option(
        declareExchange.map((declaration) => ({ ...declaration, exchange: name })),
        { freq: 7, nil: undefined },
      ),
    );
    const anyShape = fc.nat({ max: 3 }).chain((index) => queueShape(index, quorumPercent));
    return fc
      .tuple(
        fc.tuple(...queues),
        fc.tuple(...exchanges),
        fc.array(bind, { minLength: 1, maxLength: 4 }),
        fc.array(command(anyShape, quorumPercent > 0), { minLength: 9, maxLength: 49, size: "max" }),
      )
      .map(
        ([declared, ...rest]) =>
          [declared, ...rest].flat().filter((each) => each !== undefined) as readonly Command[],
      );
  });
