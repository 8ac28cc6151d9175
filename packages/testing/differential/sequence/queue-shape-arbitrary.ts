import fc, { type Arbitrary } from "fast-check";
import { queueNames, type QueueShape } from "./command.ts";
import { mostly, sometimes, stated } from "./stated.ts";

/**
 * How a queue is declared. Dead letters, TTL and overflow are drawn independently of one another, each value about as
 * often as the next one, so that all pairs of them come up.
 *
 * @param index of the queue: its dead letters go to the next one, or back to itself
 */
export function queueShape(index: number, quorumPercent: number): Arbitrary<QueueShape> {
  return fc
    .oneof(
      { weight: 100 - quorumPercent, arbitrary: fc.constant(false) },
      { weight: quorumPercent, arbitrary: fc.constant(true) },
    )
    .chain((quorum) =>
      fc
        .tuple(deadLetters(index, quorum), ttls, overflows(quorum), quorum ? quorumOnly : classicOnly, common)
        .map((parts) => Object.assign({}, ...parts) as QueueShape),
    );
}

function deadLetters(index: number, quorum: boolean): Arbitrary<QueueShape> {
  const next = queueNames[(index + 1) % queueNames.length]!;
  const plain: readonly QueueShape[] = [
    {},
    { deadLetterExchange: "", deadLetterRoutingKey: next },
    { deadLetterExchange: `x${index % 3}` },
    { deadLetterExchange: `x${(index + 1) % 3}`, deadLetterRoutingKey: "k.x" },
    { deadLetterExchange: "", deadLetterRoutingKey: queueNames[index]! },
    { deadLetterExchange: "x9" },
  ];
  if (!quorum) return fc.constantFrom(...plain);
  return mostly(
    88,
    fc.constantFrom(...plain),
    fc.constant({
      deadLetterExchange: "",
      deadLetterRoutingKey: next,
      deadLetterStrategy: "at-least-once" as const,
      overflow: "reject-publish" as const,
    }),
  );
}

const ttls: Arbitrary<QueueShape> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  {
    weight: 3,
    arbitrary: fc.constantFrom({ messageTtlMs: 0 }, { messageTtlMs: 1 }, { messageTtlMs: 60_000 }),
  },
);

function overflows(quorum: boolean): Arbitrary<QueueShape> {
  const limit = fc.constantFrom<QueueShape[]>(
    { maxLength: 1 },
    { maxLength: 2 },
    { maxLength: 4 },
    { maxLengthBytes: 50 },
  );
  const behaviours = [
    "drop-head",
    "reject-publish",
    ...(quorum ? [] : (["reject-publish-dlx"] as const)),
  ] as const;
  return fc.oneof(
    { weight: 1, arbitrary: fc.constant({}) },
    { weight: 1, arbitrary: limit },
    {
      weight: 3,
      arbitrary: fc
        .tuple(limit, fc.constantFrom(...behaviours))
        .map(([most, overflow]) => ({ ...most, overflow })),
    },
  );
}

const common: Arbitrary<QueueShape> = stated({
  singleActiveConsumer: sometimes(12, true as const),
  expiresMs: sometimes(3, 60_000),
});

const quorumOnly: Arbitrary<QueueShape> = stated({
  kind: fc.constant("quorum" as const),
  deliveryLimit: sometimes(30, fc.constantFrom(0, 1, 2)),
});

const classicOnly: Arbitrary<QueueShape> = stated({
  maxPriority: sometimes(15, fc.constantFrom(1, 3, 9)),
  transient: sometimes(12, true as const),
  exclusive: sometimes(6, true as const),
  autoDelete: sometimes(8, true as const),
});
