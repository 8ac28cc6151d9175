import type { QueueRef } from "@warren/connection";
import {
  anArray,
  anInteger,
  anything,
  type Codecs,
  codecs,
  type Middleware,
  resolveOptions,
  type Rules,
} from "@warren/message";
import type { ErrorRule } from "./error-rule.ts";
import type { Handler } from "./handler.ts";

export interface ConsumerOptions<Source extends string = string> {
  /**
   * The queue of a topology, or the name of a queue that someone else declared. A name has no retry ladder: what fails
   * is rejected, and the broker dead-letters it if the queue has a dead-letter exchange, else drops it.
   */
  readonly queue: QueueRef<string, Source> | string;
  /** What is done with the messages, made with `on` and `onAny`. A message that none of them takes is dead-lettered. */
  readonly handlers: readonly Handler<NoInfer<Source>>[];
  /** How many handlers may be at work at the same time. @default 10 */
  readonly concurrency?: number;
  /** How many un-acked messages the broker lets this consumer have; never 0, which would be all. @default 2 × concurrency */
  readonly prefetch?: number;
  /** What to do when a handler throws a certain error; the first rule that fits counts. @default [] */
  readonly rules?: readonly ErrorRule[];
  /** What stands around every handler, the first outermost. @default [] */
  readonly middleware?: readonly Middleware[];
  /** How bodies become payloads, by content type. @default codecs() */
  readonly codecs?: Codecs;
}

export interface ResolvedConsumerOptions {
  readonly queueName: string;
  readonly queueRef: QueueRef | undefined;
  readonly handlers: readonly Handler[];
  readonly concurrency: number;
  readonly prefetch: number;
  readonly rules: readonly ErrorRule[];
  readonly middleware: readonly Middleware[];
  readonly codecs: Codecs;
}

const defaults = Object.freeze({
  concurrency: 10,
  rules: Object.freeze([]) as readonly ErrorRule[],
  middleware: Object.freeze([]) as readonly Middleware[],
});

const rules: Rules<ConsumerOptions> = {
  queue: anything,
  handlers: anArray,
  concurrency: anInteger(1, 10_000),
  prefetch: anInteger(1, 65_535),
  rules: anArray,
  middleware: anArray,
  codecs: anything,
};

/** @throws ConfigError INVALID_OPTION */
export function resolveConsumerOptions(input: ConsumerOptions): ResolvedConsumerOptions {
  const { queue, ...options } = resolveOptions("createConsumer", input, defaults, rules);
  const queueRef = typeof queue === "string" ? undefined : queue;
  return {
    ...options,
    queueName: typeof queue === "string" ? queue : queue.name,
    queueRef,
    prefetch: options.prefetch ?? Math.min(2 * options.concurrency, 65_535),
    codecs: options.codecs ?? codecs(),
  };
}
