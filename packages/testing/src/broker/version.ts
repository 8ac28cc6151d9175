import type { HeadersComparison } from "./model/routing/headers-match.ts";

/** Which RabbitMQ the embedded broker behaves like. */
export type BrokerVersion = "3.10" | "4.0";

/** What differs between the versions, each measured on a running 3.10.8 and 4.0.5. */
export interface VersionRules {
  /** As `connection.start` tells it. */
  readonly versionText: string;
  /** Of a quorum queue that names none; undefined for no limit. */
  readonly defaultDeliveryLimit: number | undefined;
  /** Whether a negative `x-delivery-limit` stands for no limit, or is one that the first return exceeds. */
  readonly negativeDeliveryLimitIsNone: boolean;
  /** Whether a quorum queue without a delivery limit puts requeued messages behind all others, and not before them. */
  readonly requeuesToTailWithoutLimit: boolean;
  /** Whether `basic.get` from a quorum queue shows `x-delivery-count` 0 on a message that never came back. */
  readonly countsFirstGet: boolean;
  /** Whether `x-priority` decides who is the single active consumer of a quorum queue. */
  readonly prioritizesQuorumConsumers: boolean;
  /** How it refuses an exchange type that there is not: 503 closes the connection, 406 the channel. */
  readonly unknownExchangeTypeCode: 406 | 503;
  /** Whether a 403 says which right is missing. */
  readonly namesRefusedRight: boolean;
  /** How a headers exchange compares. */
  readonly headersComparison: HeadersComparison;
  /** Whether a queue declared without `x-queue-type` has it as an argument all the same. */
  readonly writesDownQueueType: boolean;
  /** What `x-queue-leader-locator` may say. */
  readonly leaderLocators: readonly string[];
  /** Whether streams understand `x-stream-filter-size-bytes`. */
  readonly filtersStreams: boolean;
  /** Whether classic queues understand `x-queue-leader-locator`. */
  readonly placesClassicQueues: boolean;
  /** Whether messages wait on when the single active consumer of a classic queue is cancelled, until something else happens there. */
  readonly idlesAfterClassicTakeover: boolean;
  /** Whether a dead letter keeps its CC header where the queue names a routing key. */
  readonly keepsCarbonCopies: boolean;
  /** Whether nack and reject of a stream's message are acks, or close the connection with 540. */
  readonly streamsAcceptRejection: boolean;
  /** How texts about streams name them: `stream queue 'q'`, or `stream queues queue 'q'`. */
  readonly namesStreamQueues: boolean;
  /** Whether consumers have an `x-cancel-on-ha-failover`. */
  readonly knowsHaFailover: boolean;
  /** Whether the priority of messages has two steps in quorum queues, above 4 and not. */
  readonly prioritizesQuorumMessages: boolean;
  /** What a client that does not begin with AMQP 0-9-1 is answered, unless that begins with `AMQP` and two zeros. */
  readonly otherProtocolAnswer: "AMQP 0-9-1" | "AMQP 1.0 with SASL";
  /** Whether a delivery mode that is neither 1 nor 2 closes the channel with 406. */
  readonly knowsTwoDeliveryModes: boolean;
  /** Whether the headers of a message leave the broker in the order of their names. */
  readonly sortsHeaders: boolean;
  /** A larger body closes the channel with 406. */
  readonly maxMessageBytes: number;
  /** Whether an `x-death` that a client sent is continued, or overwritten by the broker's own. */
  readonly trustsClientDeaths: boolean;
  /** Whether each death turns the order of the earlier ones in `x-death` around. */
  readonly turnsDeathsAround: boolean;
  /**
   * Whether a quorum queue tells how often quorum queues before it had a dead letter rejected: an `x-delivery-count` and
   * `redelivered` on its first delivery.
   */
  readonly tellsEarlierRejections: boolean;
  /** Whether a dead letter arrives in a stream, or is lost unless it is sent at least once. */
  readonly streamsTakeDeadLetters: boolean;
  /** Whether a stream makes 1 of any delivery mode but 2, also where there is none. */
  readonly streamsForgetDeliveryMode: boolean;
  /** Whether dead letters carry `x-last-death-exchange`, `-queue` and `-reason`. */
  readonly marksLastDeath: boolean;
}

export const versionRules: Readonly<Record<BrokerVersion, VersionRules>> = {
  "3.10": {
    versionText: "3.10.8",
    defaultDeliveryLimit: undefined,
    negativeDeliveryLimitIsNone: false,
    requeuesToTailWithoutLimit: true,
    countsFirstGet: true,
    prioritizesQuorumConsumers: false,
    idlesAfterClassicTakeover: true,
    keepsCarbonCopies: false,
    streamsAcceptRejection: false,
    namesStreamQueues: false,
    knowsHaFailover: true,
    prioritizesQuorumMessages: false,
    unknownExchangeTypeCode: 503,
    namesRefusedRight: false,
    headersComparison: { mixesNumbers: true, timestampsPerSecond: 1n },
    writesDownQueueType: false,
    leaderLocators: ["client-local", "balanced", "random", "least-leaders"],
    filtersStreams: false,
    placesClassicQueues: false,
    otherProtocolAnswer: "AMQP 0-9-1",
    knowsTwoDeliveryModes: true,
    sortsHeaders: false,
    maxMessageBytes: 134_217_728,
    trustsClientDeaths: true,
    turnsDeathsAround: true,
    tellsEarlierRejections: false,
    streamsTakeDeadLetters: false,
    streamsForgetDeliveryMode: false,
    marksLastDeath: false,
  },
  "4.0": {
    versionText: "4.0.5",
    defaultDeliveryLimit: 20,
    negativeDeliveryLimitIsNone: true,
    requeuesToTailWithoutLimit: false,
    countsFirstGet: false,
    prioritizesQuorumConsumers: true,
    idlesAfterClassicTakeover: false,
    keepsCarbonCopies: true,
    streamsAcceptRejection: true,
    namesStreamQueues: true,
    knowsHaFailover: false,
    prioritizesQuorumMessages: true,
    unknownExchangeTypeCode: 406,
    namesRefusedRight: true,
    headersComparison: { mixesNumbers: false, timestampsPerSecond: 1000n },
    writesDownQueueType: true,
    leaderLocators: ["client-local", "balanced", "random", "least-leaders", "min-masters"],
    filtersStreams: true,
    placesClassicQueues: true,
    otherProtocolAnswer: "AMQP 1.0 with SASL",
    knowsTwoDeliveryModes: false,
    sortsHeaders: true,
    maxMessageBytes: 16_777_216,
    trustsClientDeaths: false,
    turnsDeathsAround: false,
    tellsEarlierRejections: true,
    streamsTakeDeadLetters: true,
    streamsForgetDeliveryMode: true,
    marksLastDeath: true,
  },
};
