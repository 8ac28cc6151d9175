import { ConfigError } from "@warren/message";
import { unknownName } from "@warren/message/authoring";

/** One broker, as it may be shown and logged. */
export interface BrokerAddress {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  readonly vhost: string;
}

/** What an AMQP URL says. Holds the password: never log it. */
export interface BrokerUri extends BrokerAddress {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly query: UriQuery;
}

/** What may stand behind the `?` of an AMQP URL; each means the connect option of that name. */
export interface UriQuery {
  readonly heartbeatSeconds?: number;
  readonly connectTimeoutMs?: number;
  readonly frameMax?: number;
  readonly channelMax?: number;
}

const queryKeys: Readonly<Record<string, keyof UriQuery>> = {
  heartbeat: "heartbeatSeconds",
  connection_timeout: "connectTimeoutMs",
  frame_max: "frameMax",
  channel_max: "channelMax",
};

/** A user name or password with a bare `@`, `/`, `?` or `#` in it is the usual reason why a URL cannot be read. */
const shape =
  "the broker URL cannot be read; it looks like amqp://user:password@host:5672/vhost, with @ : / ? # % in its parts percent-encoded";

/**
 * Reads `amqp[s]://user:password@host:port/vhost?heartbeat=5`, as the RabbitMQ URI specification has it: no path is
 * the vhost "/", and `/%2F` is "/" too.
 *
 * @throws ConfigError INVALID_URL; its text never holds the user name or the password.
 * @see https://www.rabbitmq.com/docs/uri-spec
 */
export function parseUri(uri: string): BrokerUri {
  const url = typeof uri === "string" && URL.canParse(uri) ? new URL(uri) : undefined;
  if (url === undefined) throw new ConfigError("INVALID_URL", shape);
  if (url.protocol !== "amqp:" && url.protocol !== "amqps:") {
    throw new ConfigError("INVALID_URL", `a broker URL begins with amqp:// or amqps://, ${foundScheme(uri)}`);
  }
  if (!uri.includes("://") || url.hash !== "" || url.port === "0")
    throw new ConfigError("INVALID_URL", shape);
  const tls = url.protocol === "amqps:";
  return {
    tls,
    host: hostOf(url.hostname),
    port: url.port === "" ? (tls ? 5671 : 5672) : Number(url.port),
    vhost: vhostOf(pathOf(uri)),
    username: url.username === "" ? undefined : decode(url.username, "user name"),
    password: url.password === "" ? undefined : decode(url.password, "password"),
    query: queryOf(url.searchParams),
  };
}

/** Without `//` what stands before the first colon may be a user name. */
function foundScheme(uri: string): string {
  const scheme = /^\s*([a-z][a-z0-9+.-]*:\/\/)/i.exec(uri)?.[1];
  return scheme === undefined ? "and this one with no scheme" : `not with ${scheme}`;
}

/** `host:port/vhost`, which may be logged. */
export function describeAddress(address: BrokerAddress): string {
  const host = address.host.includes(":") ? `[${address.host}]` : address.host;
  return `${host}:${address.port}${address.vhost === "/" ? "" : `/${address.vhost}`}`;
}

/** Whether nobody else can listen on the way to this host. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name === "::1" ||
    /^(::ffff:)?127(\.\d{1,3}){3}$/.test(name)
  );
}

/** IPv6 addresses stand in brackets in a URL. For a scheme that it does not know, `URL` leaves the host encoded. */
function hostOf(hostname: string): string {
  const host = decode(hostname.replace(/^\[|\]$/g, ""), "host");
  if (/[\s/@:?#%]/.test(host) && !hostname.startsWith("[")) throw new ConfigError("INVALID_URL", shape);
  return host || "localhost";
}

/** As it was written: `URL` takes a vhost called "." for the folder of that name, even encoded. */
function pathOf(uri: string): string {
  return /^[^/?#]*\/\/[^/?#]*([^?#]*)/.exec(uri.trim().replaceAll(/[\t\n\r]/g, ""))?.[1] ?? "";
}

function vhostOf(path: string): string {
  if (path === "" || path === "/") return "/";
  const vhost = path.slice(1);
  if (vhost.includes("/")) throw new ConfigError("INVALID_URL", `a "/" in the vhost is written %2F`);
  return decode(vhost, "vhost");
}

function queryOf(parameters: URLSearchParams): UriQuery {
  const problems: string[] = [];
  const query: { -readonly [Name in keyof UriQuery]: UriQuery[Name] } = {};
  for (const [key, text] of parameters) {
    const name = Object.hasOwn(queryKeys, key) ? queryKeys[key] : undefined;
    if (name === undefined)
      problems.push(`the broker URL has an ${unknownName("key", key, Object.keys(queryKeys))}`);
    else if (query[name] !== undefined) problems.push(`${key} stands twice in the broker URL`);
    else if (!/^\d{1,9}$/.test(text)) problems.push(`${key} in the broker URL must be a whole number`);
    else query[name] = Number(text);
  }
  if (problems.length > 0) throw new ConfigError("INVALID_URL", problems);
  return query;
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ConfigError("INVALID_URL", `the ${what} in the broker URL is not percent-encoded correctly`);
  }
}
