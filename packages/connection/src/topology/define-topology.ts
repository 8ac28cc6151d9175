import { ConfigError } from "@warren/message";
import type {
  BuiltinExchange,
  ExchangeDefinition,
  PolicyDefinition,
  QueueDefinition,
  QueueType,
} from "./definition.ts";
import { checkDefinition } from "./check-definition.ts";
import { checkGenerated } from "./check-generated.ts";
import { expand } from "./expand.ts";
import { frozenCopy } from "./frozen-copy.ts";
import { Problems } from "./problems.ts";
import type { OptionOf } from "./queue-option-types.ts";
import type { ExchangeRef, QueueRef } from "./queue-ref.ts";
import { queueSources } from "./queue-sources.ts";
import { type ResolvedQueue, resolveQueue } from "./resolve-queue.ts";
import type { Topology } from "./topology.ts";
import { topologyWarnings } from "./warnings.ts";

/** What the compiler shows for an option that does not exist. */
export interface UnknownOption<Name> {
  readonly unknownOption: Name;
}

/** What the compiler shows for an option of another type of queue. */
export interface NotAnOptionOf<Type, Name> {
  readonly queueType: Type;
  readonly notAnOption: Name;
}

/** A generic parameter switches excess property checks off; this switches them on again. */
type Known<Entries, Shape> = {
  readonly [Name in keyof Entries]: Entries[Name] & {
    readonly [Option in Exclude<keyof Entries[Name], keyof Shape>]: UnknownOption<Option>;
  };
};

/** Quorum where nothing is said, any where the type is not a literal. */
type TypeOf<Queue> = Queue extends { readonly type?: infer Type }
  ? [Extract<Type, QueueType>] extends [never]
    ? "quorum"
    : Extract<Type, QueueType>
  : "quorum";

/** Options that are written down and exist, but not on this type of queue. */
type Misfit<Queue> = keyof {
  [
    Option in Exclude<
      Extract<keyof Queue, keyof QueueDefinition>,
      OptionOf<TypeOf<Queue>>
    > as {} extends Pick<Queue, Option> ? never : Option
  ]: true;
};

type Fitting<Queues> = {
  readonly [Name in keyof Queues]: {
    readonly [Option in Misfit<Queues[Name]>]: NotAnOptionOf<TypeOf<Queues[Name]>, Option>;
  };
};

type NameOf<Entries> = Extract<keyof Entries, string>;

type Bound<Queue> = Queue extends {
  readonly bindings: readonly { readonly exchange: infer Exchange extends string }[];
}
  ? Exchange | ""
  : string;

/** Whatever passes a message on from one exchange to another makes every exchange a possible source. */
type PassesOn = { readonly bindings: unknown } | { readonly alternateExchange: unknown };
type DeadLettersOn = { readonly deadLetter: { readonly exchange: unknown } };
type SourceOf<Exchanges, Queues, Queue> = [
  Extract<Exchanges[keyof Exchanges], PassesOn> | Extract<Queues[keyof Queues], DeadLettersOn>,
] extends [never]
  ? Bound<Queue>
  : string;

/**
 * Checks a topology and works out everything that it declares: the exchanges and queues, and for each queue its
 * retry ladder `<queue>.retry.<ms>` and its dead-letter queue `<queue>.dead`. Nothing is sent; `connect` declares
 * the topology it is given.
 *
 * Misspelt options, options of another queue type and exchanges that are not there are compile errors.
 *
 * @throws ConfigError INVALID_TOPOLOGY, listing every problem with the path of its entry.
 */
export function defineTopology<
  const Exchanges extends Readonly<
    Record<string, ExchangeDefinition<NameOf<NoInfer<Exchanges>> | BuiltinExchange>>
  > = {},
  const Queues extends Readonly<
    Record<string, QueueDefinition<NameOf<NoInfer<Exchanges>> | BuiltinExchange>>
  > = {},
>(definition: {
  readonly exchanges?: Exchanges & Known<Exchanges, ExchangeDefinition>;
  readonly queues?: Queues & Known<Queues, QueueDefinition> & Fitting<Queues>;
  readonly policies?: Readonly<Record<string, PolicyDefinition>>;
}): Topology<
  NameOf<Exchanges>,
  { readonly [Name in NameOf<Queues>]: QueueRef<Name, SourceOf<Exchanges, Queues, Queues[Name]>> }
> {
  return buildTopology(definition) as never;
}

interface Definition {
  readonly exchanges?: Readonly<Record<string, ExchangeDefinition>>;
  readonly queues?: Readonly<Record<string, QueueDefinition>>;
  readonly policies?: Readonly<Record<string, PolicyDefinition>>;
}

function buildTopology(definition: Definition): Topology {
  const problems = new Problems();
  checkDefinition(definition, problems);
  refuse(problems);
  const { exchanges = {}, queues = {}, policies = {} } = frozenCopy(definition);
  const resolved = Object.entries(queues).map(([name, queue]) => resolveQueue(name, queue));
  checkGenerated(queues, resolved, problems);
  refuse(problems);
  const declarations = expand(exchanges, queues, resolved);
  return frozenCopy<Topology>({
    exchanges: Object.fromEntries(
      Object.entries(exchanges).map(([name, { type }]) => [name, { name, type } satisfies ExchangeRef]),
    ),
    queues: Object.fromEntries(resolved.map((queue) => [queue.name, queueRef(queue, exchanges, queues)])),
    policies,
    declarations,
    warnings: topologyWarnings(exchanges, queues, resolved, declarations, Object.keys(policies)),
  });
}

function queueRef(
  { name, type, retrySteps, deadLetter, singleActiveConsumer, exclusive }: ResolvedQueue,
  exchanges: NonNullable<Definition["exchanges"]>,
  queues: NonNullable<Definition["queues"]>,
): QueueRef {
  const sources = queueSources(name, exchanges, queues);
  return { name, type, retrySteps, deadLetter, singleActiveConsumer, exclusive, sources };
}

function refuse(problems: Problems): void {
  if (problems.list.length > 0) throw new ConfigError("INVALID_TOPOLOGY", problems.list);
}
