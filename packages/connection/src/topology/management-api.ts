import { ConfigError, ConnectionError, type ErrorCode } from "@warren/message";
import {
  aFunction,
  anInteger,
  aShortString,
  milliseconds,
  resolveOptions,
  type Rule,
} from "@warren/message/authoring";
import type { LiveBinding, LivePolicy, LiveState, Settings } from "./live-state.ts";

/** Where and as whom to ask RabbitMQ's management API. Its user needs the tag `management`. */
export interface ManagementOptions {
  /** `http://user:password@host:15672`, or https; a path in front of `/api` is kept. */
  readonly url: string;
  /** @default "/" */
  readonly vhost?: string;
  /** For the three requests together. @default 10_000 */
  readonly timeoutMs?: number;
  /** Longest answer that is read. @default 67_108_864 (64 MiB) */
  readonly maxBodyBytes?: number;
  /** For proxies and certificates of one's own. @default the global `fetch` */
  readonly fetch?: typeof fetch;
}

const defaults = Object.freeze({ vhost: "/", timeoutMs: 10_000, maxBodyBytes: 64 * 1024 * 1024, fetch });

type Resolved = ManagementOptions & typeof defaults;
type Json = Readonly<Record<string, unknown>>;

/**
 * Reads exchanges, queues and bindings of one virtual host.
 *
 * @throws ConnectionError ACCESS_REFUSED, VHOST_NOT_FOUND, RPC_TIMEOUT, CONNECT_FAILED, or PROTOCOL_MISMATCH when the
 * answer is not the management API's. None holds the user or the password.
 * https://www.rabbitmq.com/docs/management#http-api
 */
export async function fetchLiveState(options: ManagementOptions): Promise<LiveState> {
  const resolved = resolveOptions<ManagementOptions, typeof defaults>("management", options, defaults, {
    url: aText,
    vhost: aShortString,
    timeoutMs: milliseconds(1),
    maxBodyBytes: anInteger(1),
    fetch: aFunction,
  });
  const signal = AbortSignal.timeout(resolved.timeoutMs);
  const get = (what: string, columns: string): Promise<readonly Json[]> =>
    list(resolved, what, columns, signal);
  const [exchanges, queues, bindings] = await Promise.all([
    get("exchanges", "name,type,durable,auto_delete,internal,arguments"),
    get("queues", "name,durable,auto_delete,exclusive,arguments,policy,effective_policy_definition"),
    get("bindings", "source,destination,destination_type,routing_key,arguments"),
  ]);
  return {
    exchanges: new Map(exchanges.map((each) => [String(each["name"]), settings(each, ["type", "internal"])])),
    queues: new Map(queues.map((each) => [String(each["name"]), settings(each, ["exclusive"])])),
    bindings: bindings.map(binding),
    policies: new Map(queues.flatMap(policyOf)),
  };
}

function settings(item: Json, flags: readonly string[]): Settings {
  return {
    durable: item["durable"],
    autoDelete: item["auto_delete"],
    ...Object.fromEntries(flags.map((flag) => [flag, item[flag]])),
    ...(item["arguments"] as Json),
  };
}

/** RabbitMQ says an empty list for an empty definition. */
function policyOf(item: Json): [queue: string, policy: LivePolicy][] {
  const definition = item["effective_policy_definition"];
  if (typeof definition !== "object" || definition === null || Object.keys(definition).length === 0)
    return [];
  const name = typeof item["policy"] === "string" ? item["policy"] : "";
  return [[String(item["name"]), { name, definition: definition as Json }]];
}

function binding(item: Json): LiveBinding {
  return {
    source: String(item["source"]),
    destination: String(item["destination"]),
    destinationType: String(item["destination_type"]),
    routingKey: String(item["routing_key"]),
    arguments: (item["arguments"] ?? {}) as Json,
  };
}

async function list(
  options: Resolved,
  what: string,
  columns: string,
  signal: AbortSignal,
): Promise<readonly Json[]> {
  const { url, authorization, origin } = request(options, what, columns);
  const fail = (code: ErrorCode, why: string, cause?: unknown): ConnectionError =>
    new ConnectionError(code, `the management API at ${origin} ${why}`, { cause, context: { origin, what } });
  try {
    const response = await options.fetch(url, {
      signal,
      redirect: "error",
      headers: { authorization, accept: "application/json" },
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw refusal(response.status, options.vhost, fail);
    }
    const answer: unknown = JSON.parse(await text(response, options.maxBodyBytes));
    if (Array.isArray(answer) && answer.every((each) => typeof each === "object" && each !== null))
      return answer as Json[];
    throw fail("PROTOCOL_MISMATCH", `gave no list of ${what}: is this the management API?`);
  } catch (error) {
    if (error instanceof ConnectionError) throw error;
    if (signal.aborted) throw fail("RPC_TIMEOUT", `did not answer within ${options.timeoutMs} ms`, error);
    if (error instanceof SyntaxError)
      throw fail("PROTOCOL_MISMATCH", `did not answer in JSON: is this the management API?`);
    if (error instanceof RangeError)
      throw fail(
        "PROTOCOL_MISMATCH",
        `gave more than ${options.maxBodyBytes} bytes of ${what}; raise maxBodyBytes`,
      );
    throw fail("CONNECT_FAILED", "is not reached", error);
  }
}

function refusal(
  status: number,
  vhost: string,
  fail: (code: ErrorCode, why: string) => ConnectionError,
): ConnectionError {
  if (status === 401)
    return fail("ACCESS_REFUSED", `refuses the user or the password, or the user has no "management" tag`);
  if (status === 404)
    return fail("VHOST_NOT_FOUND", `has no virtual host "${vhost}", or this user may not see it`);
  return fail("PROTOCOL_MISMATCH", `answered with HTTP ${status}`);
}

/** The credentials leave the URL here, so that no error of `fetch` can repeat them. */
function request(
  options: Resolved,
  what: string,
  columns: string,
): { readonly url: URL; readonly authorization: string; readonly origin: string } {
  const url = httpUrl(options.url);
  const user = decodeURIComponent(url.username || "guest");
  const password = decodeURIComponent(url.password || (url.username === "" ? "guest" : ""));
  url.username = url.password = url.hash = "";
  url.pathname = `${url.pathname.replace(/\/+$/, "").replace(/\/api$/, "")}/api/${what}/${encodeURIComponent(options.vhost)}`;
  url.search = `?columns=${columns}`;
  return {
    url,
    origin: url.origin,
    authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`,
  };
}

/** The value is not repeated: what does not parse may hold a password all the same. */
function httpUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new ConfigError("INVALID_URL", "management: url must be an http or https URL");
}

/** @throws RangeError beyond the limit, without reading on. */
async function text(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new RangeError("too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const aText: Rule = (value) => (typeof value === "string" ? undefined : "must be a text");
