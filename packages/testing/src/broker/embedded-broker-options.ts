import { accountProblems, areTexts, isObject } from "./account-problems.ts";
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
    ...given
      .filter(([name]) => !Object.hasOwn(defaults, name))
      .map(([name]) => `there is no option "${name}"`),
    ...problemsOf(resolved),
  ];
  if (problems.length > 0) throw new RangeError(`startEmbeddedBroker: ${problems.join("; ")}`);
  return resolved;
}

function problemsOf(options: ResolvedEmbeddedBrokerOptions): readonly string[] {
  const { version, port, host, heartbeatSeconds, frameMaxBytes, channelMax, tls, management, clock } =
    options;
  const users = isObject(options.users) ? options.users : {};
  const versions = Object.keys(versionRules);
  const problems: (string | false)[] = [
    !versions.includes(version) && `version ${version} is none of ${versions.join(", ")}`,
    !isWholeNumber(port, 0, 65_535) && `port ${shown(port)} is not between 0 and 65535`,
    !isWholeNumber(heartbeatSeconds, 0, 65_535) &&
      `heartbeatSeconds ${shown(heartbeatSeconds)} is not between 0 and 65535`,
    !isWholeNumber(channelMax, 0, 65_535) && `channelMax ${shown(channelMax)} is not between 0 and 65535`,
    frameMaxBytes !== 0 &&
      !isWholeNumber(frameMaxBytes, 4_096, 2 ** 31) &&
      `frameMaxBytes ${shown(frameMaxBytes)} is neither 0, for no limit, nor between 4096 and 2147483648`,
    typeof management !== "boolean" && !isObject(management) && "management must be true, false or { port }",
    isObject(management) &&
      !isWholeNumber(management.port, 0, 65_535) &&
      `management.port ${shown(management.port)} is not between 0 and 65535`,
    !areTexts(options.vhosts) && "vhosts must be a list of texts",
    tls !== undefined &&
      !(isObject(tls) && isPem(tls.key) && isPem(tls.cert)) &&
      "tls must have a key and a cert, in PEM",
    !(isObject(clock) && typeof clock.now === "function" && typeof clock.schedule === "function") &&
      "clock must be able to tell now() and to schedule()",
    typeof host !== "string" && `host ${shown(host)} is no text`,
    ...Object.entries(users).flatMap(([name, account]) => accountProblems(name, account)),
    Object.keys(users).length === 0 && "users has nobody who could connect",
    typeof host === "string" &&
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

function isPem(text: unknown): boolean {
  return typeof text === "string" || Buffer.isBuffer(text);
}

/** A text in quotes, so that "5672" is told from 5672. */
function shown(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : String(value);
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function hasWellKnownLogin(users: ResolvedEmbeddedBrokerOptions["users"]): boolean {
  return users["guest"]?.password === "guest";
}
