import { join } from "node:path";
import { findHome, type Installation } from "./installation.ts";

/** Where packages put their RabbitMQ. Debian's wrappers on PATH are no use: they change the user. */
const parents = [
  "/usr/lib/rabbitmq/lib",
  "/opt/rabbitmq",
  "/opt",
  "/usr/local/lib",
  "/opt/homebrew/Cellar/rabbitmq",
];

/** The newest RabbitMQ that is installed on this machine, if there is one. */
export async function findInstalled(): Promise<Installation | undefined> {
  for (const parent of parents) {
    const home = await findHome(parent);
    if (home === undefined) continue;
    const plugins = join(home.folder, "plugins");
    return {
      version: home.version,
      plugins: { onDisk: plugins, inside: plugins },
      script: (name, ...args) => [join(home.folder, "sbin", name), ...args],
      program: (name, ...args) => [name, ...args],
    };
  }
  return undefined;
}
