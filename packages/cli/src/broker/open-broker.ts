import { connect, type Connection, type ConnectOptions } from "@warren/connection";
import { ConnectionError, diagnostics } from "@warren/message";
import type { Io } from "../io.ts";
import type { Log } from "../log.ts";
import type { ConnectionSettings } from "../settings/common-flags.ts";
import { credentialsOf } from "./credentials.ts";
import { tellEvents } from "./tell-events.ts";
import { watchReconnects } from "./watch-reconnects.ts";

/** A connection for the length of one command. */
export interface Broker extends AsyncDisposable {
  readonly connection: Connection;
  /** Aborts, with the reason, when a lost connection has not come back within --max-reconnect-time. */
  readonly lost: AbortSignal;
}

/**
 * Connects as the settings say. Each broker is tried once: a command that somebody waits for tells a wrong address at
 * once. A connection that is lost later is made again for `--max-reconnect-time`.
 *
 * @throws ConnectionError, ConfigError, Failure
 */
export async function openBroker(
  settings: ConnectionSettings,
  context: { readonly io: Io; readonly log: Log; readonly interrupt: AbortSignal; readonly command: string },
): Promise<Broker> {
  const { log, io, interrupt, command } = context;
  const urls = urlsOf(settings);
  const name = settings["connection-name"] ?? `warren ${command}`;
  const credentials = await credentialsOf(settings, urls, io, log);
  const stopTelling = tellEvents(log, name);
  if (settings.insecure) log.warn("--insecure: a password may cross the network in clear text");
  const firstTry = new AbortController();
  const onFailure = (event: unknown): void => {
    const { connection, attempt, error } = event as { connection: string; attempt: number; error: unknown };
    if (connection === name && attempt >= urls.length) firstTry.abort(error);
  };
  diagnostics.connectFailed.subscribe(onFailure);
  try {
    const connection = await connect(urls, {
      name,
      declare: "none",
      heartbeatSeconds: settings.heartbeat,
      connectTimeoutMs: settings["connect-timeout"],
      startupTimeoutMs: settings["connect-timeout"] * urls.length + 5_000,
      allowInsecure: settings.insecure,
      signal: AbortSignal.any([firstTry.signal, interrupt]),
      ...(credentials === undefined ? {} : { credentials }),
      ...tlsOf(settings),
    });
    const watch = watchReconnects(name, settings["max-reconnect-time"]);
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
    throw interrupt.aborted ? new ConnectionError("CONNECTION_CLOSED", "stopped while connecting") : error;
  } finally {
    diagnostics.connectFailed.unsubscribe(onFailure);
  }
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

function tlsOf(settings: ConnectionSettings): Pick<ConnectOptions, "tls"> {
  const tls = {
    caFile: settings["tls-ca"],
    certFile: settings["tls-cert"],
    keyFile: settings["tls-key"],
    servername: settings["tls-servername"],
  };
  const given = Object.entries(tls).filter(([, value]) => value !== undefined);
  return given.length === 0 ? {} : { tls: Object.fromEntries(given) };
}
