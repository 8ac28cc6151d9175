import { isDeepStrictEqual } from "node:util";
import { type Backoff, ConfigError } from "@warren/message";
import {
  aBoolean,
  aFunction,
  anInteger,
  anObject,
  anything,
  aShape,
  aShortString,
  milliseconds,
  oneOf,
  resolveOptions,
  type Rule,
  type Rules,
} from "@warren/message/authoring";
import { type Credentials, type CredentialsSource, Login } from "./socket/login.ts";
import { hasCertificate, resolveTlsOptions, type TlsOptions } from "./socket/tls-options.ts";
import { aTopology } from "./topology/assert-topology.ts";
import type { Topology } from "./topology/topology.ts";
import {
  type BrokerAddress,
  type BrokerUri,
  describeAddress,
  isLoopback,
  parseUri,
  type UriQuery,
} from "./uri.ts";

export interface ConnectOptions<T extends Topology = Topology> {
  /**
   * What `connect` declares before it resolves, and again on every reconnect before anything is published: the broker
   * may be a blank one by then. A re-declaration that the broker refuses (403, 406) makes `healthy()` false until the
   * next reconnect or `connection.declare()` mends it; publishes go on. Any other failure is tried again.
   */
  readonly topology?: T;
  /**
   * How the topology is met, at first and on every reconnect: `create` declares what is missing, `check` only looks
   * (for services without configure rights), `none` trusts it.
   * @default "create"
   */
  readonly declare?: "create" | "check" | "none";
  /** Shown in the broker's list of connections. @default "warren" */
  readonly name?: string;
  /**
   * Who to log in as, instead of the user in the URL: `{ username, password }`, `{ token }` for OAuth 2, a function
   * that is asked before every attempt, or `"external"` for the TLS client certificate.
   * @default the user of the URL; guest on the same machine
   */
  readonly credentials?: CredentialsSource;
  /** Certificates for `amqps://`. @default Node's list of authorities, TLS 1.2 and up */
  readonly tls?: TlsOptions;
  /** Allows a password to cross the network in clear text, by `amqp://` to another machine. @default false */
  readonly allowInsecure?: boolean;
  /** Interval of heartbeats in seconds; silence of two intervals ends the connection. 0 switches them off. @default 5 */
  readonly heartbeatSeconds?: number;
  /** Limit of one attempt, TCP, TLS and AMQP handshake together, in milliseconds. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /**
   * How long `connect` keeps trying before it rejects with the last diagnosis, in milliseconds; meanwhile each failed
   * attempt is told on the diagnostics channel `warren:connection:connect-failed`; where nobody subscribes to it, one
   * process warning (code `WARREN_CONNECT`) says after 2 s why there is no connection yet. After a reconnect publishes wait no
   * longer than this for the topology to be declared again.
   * @default 30_000
   */
  readonly startupTimeoutMs?: number;
  /** Limit of one AMQP method and its answer, in milliseconds. @default 10_000 */
  readonly rpcTimeoutMs?: number;
  /**
   * Limit of `close()`, in milliseconds: consumers finish, publishers flush, sockets close. At the latest then the
   * sockets are destroyed.
   * @default 10_000
   */
  readonly closeTimeoutMs?: number;
  /** Pauses between attempts, in milliseconds: full jitter from 0 to base × 2^n, capped. @default { baseMs: 100, maxMs: 30_000 } */
  readonly reconnect?: Backoff;
  /** Largest frame in bytes, at least 8192 (RabbitMQ 4.1 refuses less). @default 131_072 */
  readonly frameMax?: number;
  /** Most channels on one socket; 0 leaves it to the broker. @default 2047 */
  readonly channelMax?: number;
  /** A number from 0 to 1, for jitter and the order of the hosts. @default Math.random */
  readonly random?: () => number;
  /** Ends the start: `connect` rejects with its reason and leaves nothing behind. Without effect once it has resolved. */
  readonly signal?: AbortSignal;
}

/** Every option with its value. The secrets among them stand behind {@link Login}. */
export type ResolvedConnectOptions = Readonly<
  Required<Omit<ConnectOptions, "topology" | "credentials" | "tls" | "signal">>
> & {
  readonly topology: Topology | undefined;
  readonly signal: AbortSignal | undefined;
  readonly addresses: readonly BrokerAddress[];
  readonly login: Login;
};

const defaults = Object.freeze({
  declare: "create",
  name: "warren",
  allowInsecure: false,
  heartbeatSeconds: 5,
  connectTimeoutMs: 10_000,
  startupTimeoutMs: 30_000,
  rpcTimeoutMs: 10_000,
  closeTimeoutMs: 10_000,
  reconnect: Object.freeze({ baseMs: 100, maxMs: 30_000 }),
  frameMax: 131_072,
  channelMax: 2047,
  random: Math.random,
} as const);

const aBackoff: Rule = aShape<Backoff>(
  { baseMs: milliseconds(1), maxMs: milliseconds(1) },
  ["baseMs", "maxMs"],
  ({ baseMs, maxMs }) =>
    baseMs <= maxMs ? undefined : `must have a baseMs (${baseMs}) up to its maxMs (${maxMs})`,
);

const rules: Rules<ConnectOptions> = {
  topology: aTopology,
  declare: oneOf("create", "check", "none"),
  name: aShortString,
  // Both are checked apart: the value of a wrong option is shown, and these hold secrets.
  credentials: anything,
  tls: anything,
  allowInsecure: aBoolean,
  heartbeatSeconds: anInteger(0, 65_535),
  connectTimeoutMs: milliseconds(1),
  startupTimeoutMs: milliseconds(1),
  rpcTimeoutMs: milliseconds(1),
  closeTimeoutMs: milliseconds(1),
  reconnect: aBackoff,
  frameMax: anInteger(8192, 2 ** 31 - 1),
  channelMax: anInteger(0, 65_535),
  random: aFunction,
  signal: (value) => (value instanceof AbortSignal ? undefined : "must be an AbortSignal"),
};

/** @throws ConfigError INVALID_URL, INVALID_OPTION or INSECURE_CONNECTION */
export function resolveConnectOptions(
  urls: string | readonly string[],
  input: ConnectOptions = {},
): ResolvedConnectOptions {
  const uris = listOf(urls).map(parseUri);
  const { credentials, tls, ...options } = resolveOptions(
    "connect",
    { ...sharedQuery(uris), ...input },
    defaults,
    rules,
  );
  const resolvedTls = resolveTlsOptions(tls);
  const problems = [...credentialsProblems(credentials, resolvedTls, uris)];
  if (problems.length > 0) throw new ConfigError("INVALID_OPTION", problems);
  refuseInsecure(uris, credentials, options.allowInsecure);
  const addresses = uris.map(({ tls, host, port, vhost }) => ({ tls, host, port, vhost }));
  const ofAddress = new Map<BrokerAddress, Credentials>();
  for (const [index, { username, password = "" }] of uris.entries())
    if (username !== undefined) ofAddress.set(addresses[index]!, { username, password });
  return {
    topology: undefined,
    signal: undefined,
    ...options,
    addresses,
    login: new Login(credentials, ofAddress, resolvedTls),
  };
}

/** A URL that is missing comes from a variable that is not set, whatever the types say. */
function listOf(urls: string | readonly string[]): readonly string[] {
  const list = typeof urls === "string" ? [urls] : urls;
  if (!Array.isArray(list) || list.length === 0 || list.some((url) => (url ?? "") === ""))
    throw new ConfigError(
      "INVALID_URL",
      "connect needs a broker URL, such as amqp://localhost, and got none: is the variable set?",
    );
  return list as readonly string[];
}

/** One connection has one heartbeat, wherever it leads. */
function sharedQuery(uris: readonly BrokerUri[]): UriQuery {
  const [first = {}, ...others] = uris.map(({ query }) => query);
  if (others.some((other) => !isDeepStrictEqual(other, first)))
    throw new ConfigError("INVALID_URL", "the broker URLs must agree on what stands behind the ?");
  return first;
}

function* credentialsProblems(
  source: CredentialsSource | undefined,
  tls: TlsOptions,
  uris: readonly BrokerUri[],
): Iterable<string> {
  if (source === "external") {
    if (!hasCertificate(tls)) yield `connect: credentials "external" needs tls: { cert, key }`;
    if (uris.some((uri) => !uri.tls)) yield `connect: credentials "external" needs amqps:// URLs`;
  } else if (source !== undefined && typeof source !== "function") {
    const { username, password, token } = (anObject(source) === undefined ? source : {}) as Record<
      string,
      unknown
    >;
    if (typeof token !== "string" && (typeof username !== "string" || typeof password !== "string"))
      yield `connect: credentials must be { username, password }, { token }, "external" or a function`;
  }
}

/** Clear text is for the same machine only, and so is RabbitMQ's well-known guest. */
function refuseInsecure(
  uris: readonly BrokerUri[],
  source: CredentialsSource | undefined,
  allowInsecure: boolean,
): void {
  const problems: string[] = [];
  for (const uri of uris) {
    if (isLoopback(uri.host)) continue;
    if (source === undefined && uri.username === undefined)
      problems.push(
        `no user for ${describeAddress(uri)}: put it into the URL or into "credentials"; guest is for the same machine only`,
      );
    if (!uri.tls && !allowInsecure)
      problems.push(
        `amqp:// would send the password to ${describeAddress(uri)} in clear text: use amqps://, or allowInsecure: true on a network that you trust`,
      );
  }
  if (problems.length > 0) throw new ConfigError("INSECURE_CONNECTION", problems);
}
