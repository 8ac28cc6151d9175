import { mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Installation } from "./installation.ts";

/**
 * A plugins folder with links to these plugins and what they depend on. RabbitMQ reads every plugin it finds whether
 * it is enabled or not: with these few it starts in two thirds of the time.
 *
 * Returns undefined, and RabbitMQ's own folder has to do, where plugins are archives instead of folders.
 */
export async function linkPlugins(
  installation: Installation,
  plugins: readonly string[],
  folder: string,
): Promise<string | undefined> {
  const { onDisk, inside } = installation.plugins;
  const entries = new Map<string, string>();
  for (const entry of await readdir(onDisk)) {
    const name = /^(.+)-\d[^-]*$/.exec(entry)?.[1];
    if (entry.endsWith(".ez")) return undefined;
    if (name !== undefined) entries.set(name, entry);
  }
  await mkdir(folder);
  const linked = new Set<string>();
  const waiting = ["rabbit", ...plugins.map((name) => `rabbitmq_${name}`)];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const entry = entries.get(name);
    if (entry === undefined || linked.has(name)) continue;
    linked.add(name);
    await symlink(join(inside, entry), join(folder, entry));
    waiting.push(...(await dependencies(join(onDisk, entry, "ebin", `${name}.app`))));
  }
  return folder;
}

/** The applications that an Erlang application resource file names. */
async function dependencies(appFile: string): Promise<string[]> {
  const text = await readFile(appFile, "utf8");
  return /\{applications,\s*\[([^\]]*)\]/.exec(text)?.[1]?.match(/\w+/g) ?? [];
}
