/** One kind of work. Its name is what `--only` takes. */
export type Scenario = PublishScenario | ConsumeScenario | LatencyScenario;

/** Not a race: one contender has to stay within its memory while the broker takes a tenth of what it is offered. */
export interface OverloadScenario {
  readonly name: "overload";
  readonly title: string;
  readonly bodyBytes: number;
  readonly messagesPerSecond: number;
  /** How much slower than that the broker is made. */
  readonly slowdown: number;
  readonly seconds: number;
  readonly maxBufferBytes: number;
}

interface Common {
  readonly name: string;
  readonly title: string;
  readonly bodyBytes: number;
  readonly queueType: "classic" | "quorum";
  /** Messages measured, unless `--messages` says otherwise. */
  readonly messages: number;
  /** Messages before them, which let the JIT settle. */
  readonly warmUp: number;
  /** Publishes in flight, or prefetch and concurrency. */
  readonly window: number;
}

export interface PublishScenario extends Common {
  readonly kind: "publish";
}

export interface ConsumeScenario extends Common {
  readonly kind: "consume";
  /** Every n-th handler takes `slowMs`; 0 for none. */
  readonly slowEvery: number;
  readonly slowMs: number;
}

export interface LatencyScenario extends Common {
  readonly kind: "latency";
  readonly messagesPerSecond: number;
}

const sizes = [
  { suffix: "100b", title: "100 B", bodyBytes: 100, messages: 30_000 },
  { suffix: "1kb", title: "1 kB", bodyBytes: 1_000, messages: 30_000 },
  { suffix: "5kb", title: "5 kB", bodyBytes: 5_000, messages: 15_000 },
] as const;

const windowed = sizes.map(({ suffix, title, ...size }): PublishScenario => ({
  kind: "publish",
  name: `publish-${suffix}`,
  title: `confirmed publish, ${title}, 1,000 in flight`,
  queueType: "classic",
  warmUp: size.messages / 2,
  window: 1_000,
  ...size,
}));

const awaited = sizes.map(({ suffix, title, bodyBytes }): PublishScenario => ({
  kind: "publish",
  name: `publish-${suffix}-awaited`,
  title: `confirmed publish, ${title}, one at a time`,
  queueType: "classic",
  bodyBytes,
  messages: 4_000,
  warmUp: 2_000,
  window: 1,
}));

const consumes = (["classic", "quorum"] as const).flatMap((queueType): ConsumeScenario[] => [
  {
    kind: "consume",
    name: `consume-${queueType}`,
    title: `consume with manual acks, ${queueType} queue, 100 B`,
    queueType,
    bodyBytes: 100,
    messages: 40_000,
    warmUp: 20_000,
    window: 200,
    slowEvery: 0,
    slowMs: 0,
  },
  {
    kind: "consume",
    name: `consume-${queueType}-slow`,
    title: `the same, one handler in 1,000 takes 200 ms`,
    queueType,
    bodyBytes: 100,
    messages: 40_000,
    warmUp: 20_000,
    window: 200,
    slowEvery: 1_000,
    slowMs: 200,
  },
]);

const latency: LatencyScenario = {
  kind: "latency",
  name: "latency",
  title: "publish to handler, 1 kB, 1,000 messages/s",
  queueType: "classic",
  bodyBytes: 1_000,
  messages: 5_000,
  warmUp: 2_000,
  window: 200,
  messagesPerSecond: 1_000,
};

export const scenarios: readonly Scenario[] = [...windowed, ...awaited, ...consumes, latency];

export const overload: OverloadScenario = {
  name: "overload",
  title: "a broker slowed to a tenth of the offered rate",
  bodyBytes: 10_000,
  messagesPerSecond: 2_000,
  slowdown: 10,
  seconds: 60,
  maxBufferBytes: 64 * 1024 * 1024,
};
