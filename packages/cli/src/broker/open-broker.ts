import { access, constants } from "node:fs/promises";
import { connect, type Connection, type ConnectOptions } from "@warren/connection";
import { Failure, systemFailure } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Log } from "../log.ts";
import type { ConnectionSettings } from "../settings/common-flags.ts";
import { credentialsOf } from "./credentials.ts";
import { tellEvents } from "./tell-events.ts";
import { watchReconnects } from "./watch-reconnects.ts";
import { watchStart } from "./watch-start.ts";
import { formatDurationMs } from "../units/duration.ts";

/** A connection for the length of one command. */
export interface Broker extends AsyncDisposable {
  readonly connection: Connection;
  /** Aborts, with the reason, when a lost connection has not come back within --max-reconnect-time. */
  readonly lost: AbortSignal;
}

export interface OpenBrokerContext {
  readonly io: Io;
  readonly log: Log;
  readonly interrupt: AbortSignal;
  readonly command: string;
  /** For how long a lost connection is made again; 0 is for ever. */
  readonly maxReconnectMs: number;
}

/** Pauses between two attempts: a broker that is back is not left waiting for long. */
const reconnect = { baseMs: 100, maxMs: 5_000 } as const;

/**
 * Connects as the settings say. Each broker is tried once, or for as long as --wait says: a command that somebody waits
 * for tells a wrong address at once. A connection that is lost later is made again for as long as the command says.
 *
 * @throws ConnectionError, ConfigError, Failure
 */
export async function openBroker(settings: ConnectionSettings, context: OpenBrokerContext): Promise<Broker> {
  const { log, io, interrupt, command, maxReconnectMs } = context;
  const urls = urlsOf(settings);
  const name = settings["connection-name"] ?? `warren ${command}`;
  const credentials = await credentialsOf(settings, urls, io, log);
  const tls = await tlsOf(settings);
  const stopTelling = tellEvents(log, name, patienceOf(maxReconnectMs));
  if (settings.insecure) log.warn("--insecure: a password may cross the network in clear text");
  const { wait: waitMs = 0, "connect-timeout": connectTimeoutMs } = settings;
  using start = watchStart(log, { name, brokerCount: urls.length, waitMs, connectTimeoutMs });
  try {
    const connection = await connect(urls, {
      name,
      declare: "none",
      heartbeatSeconds: settings.heartbeat,
      connectTimeoutMs,
      startupTimeoutMs: waitMs > 0 ? waitMs : connectTimeoutMs * urls.length + 5_000,
      reconnect,
      allowInsecure: settings.insecure,
      signal: AbortSignal.any([start.failed, interrupt]),
      ...(credentials === undefined ? {} : { credentials }),
      ...tls,
    });
    const watch = watchReconnects(name, maxReconnectMs);
    return {
      connection,
      lost: watch.lost,
      [Symbol.asyncDispose]: async () => {
        watch[Symbol.dispose]();
        stopTelling();
        await connection.close();
      },
    };
  } catch (error) {
    stopTelling();
    throw interrupt.aborted ? new Failure(2, "stopped before there was a connection") : error;
  }
}

function patienceOf(maxReconnectMs: number): string {
  return maxReconnectMs === 0
    ? "until it is back"
    : `for ${formatDurationMs(maxReconnectMs)}: --max-reconnect-time`;
}

/** The URLs one by one, with the vhost that overrides theirs. A URL that cannot be read is left for `connect` to refuse. */
function urlsOf(settings: ConnectionSettings): readonly string[] {
  const urls = settings.url.flatMap((list) => list.split(",")).map((url) => url.trim());
  const { vhost } = settings;
  if (vhost === undefined) return urls;
  return urls.map((text) => {
    if (!URL.canParse(text)) return text;
    const url = new URL(text);
    url.pathname = `/${encodeURIComponent(vhost)}`;
    return url.href;
  });
}

/** @throws Failure 66 or 74 when a file cannot be read */
async function tlsOf(settings: ConnectionSettings): Promise<Pick<ConnectOptions, "tls">> {
  const files = {
    caFile: settings["tls-ca"],
    certFile: settings["tls-cert"],
    keyFile: settings["tls-key"],
  };
  for (const file of Object.values(files)) if (file !== undefined) await expectReadable(file);
  const tls = { ...files, servername: settings["tls-servername"] };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { tls: Object.fromEntries(given) };
}

async function expectReadable(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
  } catch (error) {
    throw systemFailure(error, "cannot read", file) ?? error;
  }
}
