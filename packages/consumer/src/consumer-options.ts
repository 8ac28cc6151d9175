import type { DeadLetterTarget, QueueRef, RetryStep } from "@warren/connection";
import { type Codecs, codecs, ConfigError, type Middleware } from "@warren/message";
import {
  aBoolean,
  anArray,
  anInteger,
  anObject,
  aShortString,
  either,
  literally,
  milliseconds,
  resolveOptions,
  type Rule,
  type Rules,
} from "@warren/message/authoring";
import type { BatchOptions } from "./handling/batcher.ts";
import { type DeadLetterOption, deadLetterProblem, deadLetterTarget } from "./moving/dead-letter-option.ts";
import { type ErrorRule, errorRuleProblems } from "./handling/error-rule.ts";
import type { Handler } from "./handling/handler.ts";
import { handlerProblems, noHandlers } from "./handling/handler-table.ts";
import { middlewareProblems } from "./middleware/middleware-problems.ts";
import { type StreamOffset, streamOffsetProblem } from "./stream-offset.ts";

export interface ConsumerOptions<Source extends string = string> {
  /**
   * The queue of a topology, or the name of a queue that someone else declared. A name has no retry ladder and is not
   * declared again: what fails goes to `deadLetter`, or is rejected.
   */
  readonly queue: QueueRef<string, Source> | string;
  /** Made with `on`, `onBatch`, `reply` and `onAny`. A message that none of them takes is dead-lettered. */
  readonly handlers: readonly Handler<NoInfer<Source>>[];
  /** How many handlers may be at work at the same time; with `batch`, how many batches. @default 10 */
  readonly concurrency?: number;
  /**
   * How many un-acked messages the broker lets this consumer have; never 0, which would be all. A quorum queue takes
   * 2,000 at most. @default 2 × concurrency, at least batch.maxSize
   */
  readonly prefetch?: number;
  /** For `onBatch`, which needs it: how many messages a batch has at most, and how long its first one waits. */
  readonly batch?: BatchOptions;
  /** What to do when a handler throws a certain error; the first rule that fits counts. @default [] */
  readonly rules?: readonly ErrorRule[];
  /** What stands around every handler, the first outermost. @default [] */
  readonly middleware?: readonly Middleware[];
  /** How bodies become payloads, by content type. @default codecs() */
  readonly codecs?: Codecs;
  /** Larger bodies, compressed or not, are dead-lettered unread. @default 16_777_216 (16 MiB) */
  readonly maxBodyBytes?: number;
  /**
   * With `orderBy`: how long a failing message may hold up the others of its key before it is dead-lettered, in
   * milliseconds; below `consumerTimeoutMs`. @default 300_000
   */
  readonly maxBlockedMs?: number;
  /**
   * Where dead letters go, for a queue given by its name. Without it they are rejected: the broker dead-letters them if
   * the queue has a dead-letter exchange, and drops them if not. @default rejected
   */
  readonly deadLetter?: DeadLetterOption;
  /** For a stream: where to begin. After a loss it goes on where it was. @default "next" */
  readonly offset?: StreamOffset;
  /**
   * No other consumer beside this one; a second one is refused (BROKER_ACCESS_REFUSED). For classic queues: RabbitMQ
   * 3.10 does not heed it on a quorum queue, so it is refused for one of a topology, which takes `singleActiveConsumer`;
   * of a queue given by its name Warren cannot know it. @default false
   */
  readonly exclusive?: boolean;
  /** Consumers with a higher priority get messages first, as long as they have room. @default 0 */
  readonly priority?: number;
  /**
   * The broker's `consumer_timeout`, after which it closes the channel of a consumer that has not acknowledged. Warren
   * cannot ask for it; it reports handlers that come near it. In milliseconds. @default 1_800_000
   */
  readonly consumerTimeoutMs?: number;
  /**
   * When every handler that may be at work has been for longer than this and messages wait, the consumer is not healthy,
   * and `state.error` is HANDLERS_STALLED until one of them ends; in milliseconds, above the longest work of a handler.
   * It ends none of them: that is what `timeout()` is for. `false`: never. @default 300_000
   */
  readonly stalledAfterMs?: number | false;
  /** How often it is checked that a consumer to which nothing comes is still one, in milliseconds. @default 30_000 */
  readonly checkIntervalMs?: number;
}

type Optional = "batch" | "deadLetter" | "offset" | "queue" | "codecs" | "prefetch" | "priority";

export interface ResolvedConsumerOptions extends Readonly<Required<Omit<ConsumerOptions, Optional>>> {
  readonly queueName: string;
  readonly queueRef: QueueRef | undefined;
  readonly retrySteps: readonly RetryStep[];
  readonly deadLetter: DeadLetterTarget | undefined;
  readonly prefetch: number;
  readonly batch: Required<BatchOptions> | undefined;
  readonly codecs: Codecs;
  readonly offset: StreamOffset | undefined;
  readonly priority: number | undefined;
}

const defaults = Object.freeze({
  concurrency: 10,
  rules: Object.freeze([]) as readonly ErrorRule[],
  middleware: Object.freeze([]) as readonly Middleware[],
  maxBodyBytes: 16 * 1024 * 1024,
  maxBlockedMs: 300_000,
  exclusive: false,
  consumerTimeoutMs: 1_800_000,
  stalledAfterMs: 300_000,
  checkIntervalMs: 30_000,
});

const maxPrefetch = 65_535;
/** https://www.rabbitmq.com/docs/confirms#channel-qos-prefetch-throughput */
const maxQuorumPrefetch = 2_000;

const queueOrName: Rule = (value) => {
  const ref = value as Partial<QueueRef> | null;
  const isRef = typeof ref?.name === "string" && Array.isArray(ref.sources);
  return isRef || (value !== "" && aShortString(value) === undefined)
    ? undefined
    : "must be a queue of a topology (topology.queues.q) or its name";
};

const optionRules: Rules<ConsumerOptions> = {
  queue: queueOrName,
  handlers: anArray,
  concurrency: anInteger(1, maxPrefetch),
  prefetch: anInteger(1, maxPrefetch),
  batch: anObject,
  rules: anArray,
  middleware: anArray,
  codecs: anObject,
  maxBodyBytes: anInteger(0, 512 * 1024 * 1024),
  maxBlockedMs: milliseconds(),
  deadLetter: deadLetterProblem,
  offset: streamOffsetProblem,
  exclusive: aBoolean,
  priority: anInteger(0, 2 ** 31 - 1),
  consumerTimeoutMs: milliseconds(1),
  stalledAfterMs: either(literally(false), milliseconds(1)),
  checkIntervalMs: milliseconds(10),
};

const batchDefaults = Object.freeze({ maxWaitMs: 100 });

const batchRules: Rules<BatchOptions> = { maxSize: anInteger(1, maxPrefetch), maxWaitMs: milliseconds() };

/**
 * @param others what is wrong beside the options, told with them.
 * @throws ConfigError INVALID_OPTION
 */
export function resolveConsumerOptions(
  input: ConsumerOptions,
  others: readonly string[] = [],
): ResolvedConsumerOptions {
  const { batch, queue, ...options } = checkedShapes(input, others);
  const ref = typeof queue === "string" ? undefined : queue;
  const limit = prefetchLimit(ref);
  const resolved: ResolvedConsumerOptions = {
    ...options,
    queueName: typeof queue === "string" ? queue : queue.name,
    queueRef: ref,
    retrySteps: ref?.retrySteps ?? [],
    deadLetter: options.deadLetter === undefined ? ref?.deadLetter : deadLetterTarget(options.deadLetter),
    prefetch: options.prefetch ?? Math.min(Math.max(2 * options.concurrency, batch?.maxSize ?? 1), limit),
    batch,
    codecs: options.codecs ?? codecs(),
    offset: options.offset,
    priority: options.priority,
  };
  refuse([
    ...noHandlers(resolved.handlers),
    ...middlewareProblems(resolved.middleware),
    ...errorRuleProblems(resolved.rules),
  ]);
  refuse([...handlerProblems(resolved.handlers, ref), ...combinationProblems(resolved, input, limit)]);
  return resolved;
}

type Shapes = Omit<ConsumerOptions, "batch"> &
  typeof defaults & { readonly batch: Required<BatchOptions> | undefined };

/** Each option by itself; what is wrong with any of them is told at once. */
function checkedShapes(input: ConsumerOptions | undefined, others: readonly string[]): Shapes {
  const problems: string[] = [...others];
  const collect = <Resolved>(resolve: () => Resolved): Resolved | undefined => {
    try {
      return resolve();
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const missing = (name: "queue" | "handlers", hint = ""): void => {
    if (input !== null && input?.[name] === undefined)
      problems.push(`createConsumer: ${name} is missing${hint}`);
  };
  missing("queue", "; a topology without that queue gives nothing");
  missing("handlers");
  const ofQueue = Object.keys(input ?? {}).filter((name) => ofQueueDefinition.has(name));
  for (const name of ofQueue)
    problems.push(
      `createConsumer: "${name}" is said of the queue, in defineTopology({ queues: { ${queueNameOf(input)}: { ${name} } } })`,
    );
  const own = anObject(input) === undefined ? without(input!, ofQueue) : input;
  const options = collect(() => resolveOptions("createConsumer", own, defaults, optionRules));
  const asked = input?.batch;
  const batch =
    asked === undefined || anObject(asked) !== undefined
      ? undefined
      : collect(() => resolveOptions("createConsumer: batch", asked, batchDefaults, batchRules));
  if (batch !== undefined && batch.maxSize === undefined)
    problems.push("createConsumer: batch: maxSize is missing");
  if (problems.length > 0 || options === undefined) throw new ConfigError("INVALID_OPTION", problems);
  return { ...options, batch };
}

/** What a program may say of a queue to its consumer by mistake; `deadLetter` and `exclusive` are options of both. */
const ofQueueDefinition: ReadonlySet<string> = new Set([
  "autoDelete",
  "bindings",
  "deliveryLimit",
  "durable",
  "maxLength",
  "messageTtlMs",
  "overflow",
  "retry",
  "singleActiveConsumer",
  "type",
]);

function without(input: ConsumerOptions, names: readonly string[]): ConsumerOptions {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !names.includes(name))) as never;
}

function queueNameOf(input: ConsumerOptions | undefined): string {
  const queue: unknown = input?.queue;
  const name = typeof queue === "string" ? queue : (queue as Partial<QueueRef> | null | undefined)?.name;
  return name === undefined || !/^[A-Za-z_]+$/.test(name) ? "q" : name;
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0)
    throw new ConfigError(
      "INVALID_OPTION",
      problems.map((problem) => `createConsumer: ${problem}`),
    );
}

/** @throws ConfigError INVALID_OPTION for a number that `createConsumer` would refuse too. */
export function checkCount(
  name: "concurrency" | "prefetch",
  count: number,
  queue: QueueRef | undefined,
): void {
  const complaint = optionRules[name](count);
  if (complaint !== undefined) throw new ConfigError("INVALID_OPTION", `${name} ${complaint}, not ${count}`);
  if (name === "prefetch" && count > prefetchLimit(queue))
    throw new ConfigError("INVALID_OPTION", tooMuchPrefetch(count, prefetchLimit(queue)));
}

function prefetchLimit(queue: QueueRef | undefined): number {
  return queue?.type === "quorum" ? maxQuorumPrefetch : maxPrefetch;
}

function tooMuchPrefetch(prefetch: number, limit: number): string {
  return `prefetch ${prefetch} is more than the ${limit} that a quorum queue takes`;
}

/** What is wrong with options that are each fine by themselves. */
function combinationProblems(
  options: ResolvedConsumerOptions,
  input: ConsumerOptions,
  limit: number,
): string[] {
  const { handlers, batch, prefetch, queueRef: ref, maxBlockedMs, consumerTimeoutMs } = options;
  const batches = handlers.filter(({ work }) => work.kind === "batch").length;
  const ordered = handlers.some(({ orderBy }) => orderBy !== undefined);
  const checks: readonly (readonly [wrong: boolean, problem: string])[] = [
    [batches > 0 && batch === undefined, "onBatch needs the option batch: { maxSize, maxWaitMs }"],
    [batches === 0 && batch !== undefined, "batch is for handlers made with onBatch, and there is none"],
    [
      batches > 0 && batches < handlers.length,
      "onBatch cannot stand beside other handlers: concurrency would mean two things",
    ],
    [
      batch !== undefined && prefetch < batch.maxSize,
      "prefetch is below batch.maxSize, so no batch could be full",
    ],
    [prefetch > limit, tooMuchPrefetch(prefetch, limit)],
    [
      ref !== undefined && input.deadLetter !== undefined,
      "deadLetter is said by the topology; leave it out here",
    ],
    [
      options.offset !== undefined && ref !== undefined && ref.type !== "stream",
      `offset is for streams, and "${ref?.name}" is a ${ref?.type} queue`,
    ],
    [ref?.type === "stream" && options.exclusive, "exclusive is not for streams"],
    [
      ref?.type === "quorum" && options.exclusive,
      `exclusive does nothing on a quorum queue such as "${ref?.name}"; give the queue singleActiveConsumer: true in the topology`,
    ],
    [ordered && maxBlockedMs >= consumerTimeoutMs, "maxBlockedMs must be below consumerTimeoutMs"],
  ];
  return checks.filter(([wrong]) => wrong).map(([, problem]) => problem);
}
