import { access, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One RabbitMQ that can be started here, and how to run its programs. */
export interface Installation {
  /** For example 3.10.8. */
  readonly version: string;
  /** The folder with `sbin`, `plugins` and `escript`, as this process sees it and as RabbitMQ does. */
  readonly home: { readonly onDisk: string; readonly inside: string };
  /** The command line that runs a program: a script of RabbitMQ, or one of Erlang's such as `epmd`. */
  program(path: string, ...args: string[]): readonly [string, ...string[]];
}

export interface RabbitMqHome {
  readonly folder: string;
  readonly version: string;
}

/** The newest `rabbitmq_server-VERSION` (or plain `VERSION`) in a folder. */
export async function findHome(parent: string): Promise<RabbitMqHome | undefined> {
  const homes: RabbitMqHome[] = [];
  for (const entry of await readdir(parent).catch(() => [])) {
    const version = /^(?:rabbitmq_server-)?(\d+\.\d+\.\d+\S*)$/.exec(entry)?.[1];
    if (version !== undefined) homes.push({ folder: join(parent, entry), version });
  }
  homes.sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
  for (const home of homes) {
    if (await exists(join(home.folder, "sbin", "rabbitmq-server"))) return home;
  }
  return undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
