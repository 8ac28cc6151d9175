import {
  type Backoff,
  aFunction,
  anInteger,
  anObject,
  aShortString,
  milliseconds,
  oneOf,
  resolveOptions,
  type Rules,
} from "@warren/message";
import type { Topology } from "./topology/topology.ts";
import { type BrokerAddress, parseUri } from "./uri.ts";

export interface ConnectOptions {
  /** What `connect` declares before it resolves, and again after a consumer's queue was lost. */
  readonly topology?: Topology;
  /**
   * How the topology is met: `create` declares what is missing, `check` only looks (for services without configure
   * rights), `none` trusts it.
   * @default "create"
   */
  readonly declare?: "create" | "check" | "none";
  /** Shown in the broker's list of connections. @default "warren" */
  readonly name?: string;
  /** Interval of heartbeats in seconds; silence of two intervals ends the connection. 0 switches them off. @default 5 */
  readonly heartbeatSeconds?: number;
  /** Limit of one attempt, TCP, TLS and AMQP handshake together, in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /** How long `connect` keeps trying before it rejects with the last diagnosis, in milliseconds. @default 30_000 */
  readonly startupTimeoutMs?: number;
  /** Limit of one AMQP method and its answer, in milliseconds. @default 10_000 */
  readonly rpcTimeoutMs?: number;
  /** Pauses between attempts, in milliseconds: full jitter from 0 to base × 2^n, capped. @default { baseMs: 100, maxMs: 30_000 } */
  readonly reconnect?: Backoff;
  /** Largest frame in bytes, at least 8192 (RabbitMQ 4.1 refuses less). @default 131_072 */
  readonly frameMax?: number;
  /** Most channels on one socket; 0 leaves it to the broker. @default 2047 */
  readonly channelMax?: number;
  /** A number from 0 to 1, for jitter. @default Math.random */
  readonly random?: () => number;
}

export type ResolvedConnectOptions = Readonly<Required<Omit<ConnectOptions, "topology">>> & {
  readonly topology: Topology | undefined;
  readonly addresses: readonly BrokerAddress[];
};

const defaults = Object.freeze({
  declare: "create",
  name: "warren",
  heartbeatSeconds: 5,
  connectTimeoutMs: 10_000,
  startupTimeoutMs: 30_000,
  rpcTimeoutMs: 10_000,
  reconnect: Object.freeze({ baseMs: 100, maxMs: 30_000 }),
  frameMax: 131_072,
  channelMax: 2047,
  random: Math.random,
} as const);

const rules: Rules<ConnectOptions> = {
  topology: anObject,
  declare: oneOf("create", "check", "none"),
  name: aShortString,
  heartbeatSeconds: anInteger(0, 65_535),
  connectTimeoutMs: milliseconds(1),
  startupTimeoutMs: milliseconds(1),
  rpcTimeoutMs: milliseconds(1),
  reconnect: anObject,
  frameMax: anInteger(8192, 2 ** 31 - 1),
  channelMax: anInteger(0, 65_535),
  random: aFunction,
};

/** @throws ConfigError INVALID_URL or INVALID_OPTION */
export function resolveConnectOptions(
  urls: string | readonly string[],
  input: ConnectOptions = {},
): ResolvedConnectOptions {
  const addresses = (typeof urls === "string" ? [urls] : urls).map(parseUri);
  const fromUrl = addresses[0]?.query ?? {};
  const resolved = resolveOptions("connect", { ...fromUrl, ...input }, defaults, rules);
  return { topology: undefined, ...resolved, addresses };
}
