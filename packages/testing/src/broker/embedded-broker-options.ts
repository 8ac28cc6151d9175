import { systemClock, type Clock } from "./clock.ts";
import { versionRules, type BrokerVersion } from "./version.ts";

/** Who may connect, and what for. Patterns are regular expressions as in `rabbitmqctl set_permissions`. */
export interface UserAccount {
  readonly password: string;
  /** What it may do in the management API: `management`, `administrator`, or nothing. @default ["administrator"] */
  readonly tags?: readonly string[];
  /** The virtual hosts that it may open. @default all of them */
  readonly vhosts?: readonly string[];
  /** @default { configure: ".*", write: ".*", read: ".*" } in each of them */
  readonly permissions?: {
    readonly configure: string;
    readonly write: string;
    readonly read: string;
  };
}

/** How to start an embedded broker. */
export interface EmbeddedBrokerOptions {
  /** Which RabbitMQ it behaves like. @default "3.10" */
  readonly version?: BrokerVersion;
  /** 0 for a free one. @default 0 */
  readonly port?: number;
  /** Any address off the loopback interface needs `users` without the well-known guest. @default "127.0.0.1" */
  readonly host?: string;
  /** By name. @default { guest: { password: "guest" } } */
  readonly users?: Readonly<Record<string, UserAccount>>;
  /** Virtual hosts besides "/". @default [] */
  readonly vhosts?: readonly string[];
  /**
   * Drives message and queue expiry and the ten seconds of a handshake, but no heartbeats. @default the machine's own, whose
   * timers keep no process alive
   */
  readonly clock?: Clock;
  /** What the broker proposes in `connection.tune`; 0 for none. @default 60 */
  readonly heartbeatSeconds?: number;
  /** @default 131072 */
  readonly frameMaxBytes?: number;
  /** @default 2047 */
  readonly channelMax?: number;
  /**
   * PEM. TLS instead of plain TCP; with a `ca` clients need a certificate of it, and may log in with SASL EXTERNAL as the
   * user that its common name says.
   */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string };
  /**
   * Serves the management HTTP API as well, on the loopback interface and a free port, or the one that is given.
   * @default false
   */
  readonly management?: boolean | { readonly port: number };
}

type ResolvedEmbeddedBrokerOptions = Readonly<
  Required<Omit<EmbeddedBrokerOptions, "tls">> & { tls: EmbeddedBrokerOptions["tls"] }
>;

const defaults: ResolvedEmbeddedBrokerOptions = Object.freeze({
  version: "3.10",
  port: 0,
  host: "127.0.0.1",
  users: { guest: { password: "guest" } },
  vhosts: [],
  clock: systemClock,
  heartbeatSeconds: 60,
  frameMaxBytes: 131_072,
  channelMax: 2_047,
  tls: undefined,
  management: false,
});

/** @throws RangeError with every problem at once */
export function resolveEmbeddedBrokerOptions(options: EmbeddedBrokerOptions): ResolvedEmbeddedBrokerOptions {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved: ResolvedEmbeddedBrokerOptions = { ...defaults, ...Object.fromEntries(given) };
  const problems = [
    ...given.filter(([name]) => !(name in defaults)).map(([name]) => `there is no option "${name}"`),
    ...problemsOf(resolved),
  ];
  if (problems.length > 0) throw new RangeError(`startEmbeddedBroker: ${problems.join("; ")}`);
  return resolved;
}

function problemsOf(options: ResolvedEmbeddedBrokerOptions): readonly string[] {
  const { version, port, host, users, heartbeatSeconds, frameMaxBytes, channelMax } = options;
  const versions = Object.keys(versionRules);
  const problems: (string | false)[] = [
    !versions.includes(version) && `version ${version} is none of ${versions.join(", ")}`,
    !isWholeNumber(port, 0, 65_535) && `port ${port} is not between 0 and 65535`,
    !isWholeNumber(heartbeatSeconds, 0, 65_535) &&
      `heartbeatSeconds ${heartbeatSeconds} is not between 0 and 65535`,
    !isWholeNumber(channelMax, 0, 65_535) && `channelMax ${channelMax} is not between 0 and 65535`,
    frameMaxBytes !== 0 &&
      !isWholeNumber(frameMaxBytes, 4_096, 2 ** 31) &&
      `frameMaxBytes ${frameMaxBytes} is neither 0, for no limit, nor between 4096 and 2147483648`,
    typeof options.management === "object" &&
      !isWholeNumber(options.management.port, 0, 65_535) &&
      `management.port ${options.management.port} is not between 0 and 65535`,
    Object.keys(users).length === 0 && "users has nobody who could connect",
    !isLoopback(host) &&
      hasWellKnownLogin(users) &&
      `host "${host}" lets other machines in, who all know guest with the password guest: give users of your own, or ` +
        `leave the host at 127.0.0.1`,
  ];
  return problems.filter((problem) => problem !== false);
}

function isWholeNumber(value: number, least: number, most: number): boolean {
  return Number.isInteger(value) && value >= least && value <= most;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function hasWellKnownLogin(users: ResolvedEmbeddedBrokerOptions["users"]): boolean {
  return users["guest"]?.password === "guest";
}
