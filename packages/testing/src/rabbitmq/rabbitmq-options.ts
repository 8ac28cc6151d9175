import { anArray, either, literally, milliseconds, oneOf, resolveOptions } from "@warren/message/authoring";
import { readEnvironment } from "../environment.ts";
import type { UserDefinition } from "./broker-control.ts";

export interface RabbitMqOptions {
  /**
   * Which RabbitMQ: the one installed on this machine, or 4, from Debian trixie in a root folder of its own that is
   * made once (needs root rights, Debian's `debootstrap` and some 600 MB).
   * @default what `WARREN_RABBITMQ` says, else "installed"
   */
  readonly version?: "installed" | "4";
  /** Plugins by name without the prefix, for example `management`. @default [] */
  readonly plugins?: readonly string[];
  /** Lines for `rabbitmq.conf`, for example `consumer_timeout = 60000`. @default [] */
  readonly config?: readonly string[];
  /** Users besides `guest` (password `guest`, all permissions). @default [] */
  readonly users?: readonly UserDefinition[];
  /**
   * Opens a TLS listener with certificates made on the spot: `"server"` checks no client certificate, `"mutual"`
   * demands one and accepts SASL EXTERNAL with its common name.
   * @default false
   */
  readonly tls?: false | "server" | "mutual";
  /** How long the start may take, in milliseconds. @default 60_000 */
  readonly startTimeoutMs?: number;
}

export type ResolvedRabbitMqOptions = Required<RabbitMqOptions>;

const defaults: Omit<ResolvedRabbitMqOptions, "version"> = Object.freeze({
  plugins: [],
  config: [],
  users: [],
  tls: false,
  startTimeoutMs: 60_000,
});

/** @throws ConfigError INVALID_OPTION with every problem at once; LaunchError for a wrong `WARREN_RABBITMQ`. */
export function resolveRabbitMqOptions(what: string, options: RabbitMqOptions): ResolvedRabbitMqOptions {
  const version = readEnvironment().rabbitMqVersion;
  return resolveOptions<RabbitMqOptions, ResolvedRabbitMqOptions>(
    what,
    options,
    { version, ...defaults },
    {
      version: oneOf("installed", "4"),
      plugins: anArray,
      config: anArray,
      users: anArray,
      tls: either(literally(false), oneOf("server", "mutual")),
      startTimeoutMs: milliseconds(1),
    },
  );
}
