import { access, readdir } from "node:fs/promises";
import { join } from "node:path";

/** One RabbitMQ that can be started here, and how to run its programs. */
export interface Installation {
  /** For example 3.10.8. */
  readonly version: string;
  /** The command line that runs one of its scripts, such as `rabbitmq-server` or `rabbitmqctl`. */
  script(name: string, ...args: string[]): readonly [string, ...string[]];
  /** The command line that runs one of Erlang's programs, such as `epmd`. */
  program(name: string, ...args: string[]): readonly [string, ...string[]];
}

/** Where packages put the folders `rabbitmq_server-VERSION`. Debian's wrappers on PATH would change the user. */
const parents = [
  "/usr/lib/rabbitmq/lib",
  "/opt/rabbitmq",
  "/opt",
  "/usr/local/lib",
  "/opt/homebrew/Cellar/rabbitmq",
];

/** The newest RabbitMQ that is installed on this machine, if there is one. */
export async function findInstallation(): Promise<Installation | undefined> {
  for (const parent of parents) {
    const found = await installationIn(parent);
    if (found !== undefined) return found;
  }
  return undefined;
}

export async function installationIn(parent: string): Promise<Installation | undefined> {
  const home = await findHome(parent);
  if (home === undefined) return undefined;
  return {
    version: home.version,
    script: (name, ...args) => [join(parent, home.folder, "sbin", name), ...args],
    program: (name, ...args) => [name, ...args],
  };
}

/** The newest `rabbitmq_server-VERSION` in a folder. */
export async function findHome(
  parent: string,
): Promise<{ readonly folder: string; readonly version: string } | undefined> {
  const entries = await readdir(parent).catch(() => []);
  const versions = entries
    .map((entry) => /^(?:rabbitmq_server-)?(\d+\.\d+\.\d+.*)$/.exec(entry))
    .filter((match) => match !== null)
    .map(([folder, version]) => ({ folder, version: version! }))
    .sort((a, b) => b.version.localeCompare(a.version, "en", { numeric: true }));
  for (const home of versions) {
    const script = join(parent, home.folder, "sbin", "rabbitmq-server");
    if (
      await access(script).then(
        () => true,
        () => false,
      )
    )
      return home;
  }
  return undefined;
}
