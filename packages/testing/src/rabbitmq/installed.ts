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
    return {
      version: home.version,
      home: { onDisk: home.folder, inside: home.folder },
      program: (path, ...args) => [path, ...args],
    };
  }
  return undefined;
}
