import { cp, mkdir, readdir, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import type { Installation } from "./installation.ts";

/**
 * Lays out a RabbitMQ home in a folder: the scripts, and links to the plugins that are wanted and what they depend
 * on. RabbitMQ reads every plugin it finds whether it is enabled or not, and Erlang before 26 looks for each module
 * in the folder of each: with these few, 3.10 starts with less than half of the work.
 *
 * Returns the folder of the scripts to run: those of the installation itself where its plugins are archives.
 */
export async function layOutHome(
  installation: Installation,
  plugins: readonly string[],
  folder: string,
): Promise<string> {
  const { onDisk, inside } = installation.home;
  const entries = await pluginEntries(join(onDisk, "plugins"));
  if (entries === undefined) return join(inside, "sbin");
  await mkdir(join(folder, "plugins"), { recursive: true });
  await cp(join(onDisk, "sbin"), join(folder, "sbin"), { recursive: true });
  await symlink(join(inside, "escript"), join(folder, "escript"));
  const linked = new Set<string>();
  const waiting = ["rabbit", ...plugins.map((name) => `rabbitmq_${name}`)];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const entry = entries.get(name);
    if (entry === undefined || linked.has(name)) continue;
    linked.add(name);
    await symlink(join(inside, "plugins", entry), join(folder, "plugins", entry));
    waiting.push(...(await dependencies(join(onDisk, "plugins", entry, "ebin", `${name}.app`))));
  }
  return join(folder, "sbin");
}

/** The folders of a plugins folder by the application's name; undefined when some are archives. */
async function pluginEntries(plugins: string): Promise<ReadonlyMap<string, string> | undefined> {
  const entries = new Map<string, string>();
  for (const entry of await readdir(plugins)) {
    if (entry.endsWith(".ez")) return undefined;
    const name = /^(.+)-\d[^-]*$/.exec(entry)?.[1];
    if (name !== undefined) entries.set(name, entry);
  }
  return entries;
}

/** The applications that an Erlang application resource file names. */
async function dependencies(appFile: string): Promise<string[]> {
  const text = await readFile(appFile, "utf8");
  return /\{applications,\s*\[([^\]]*)\]/.exec(text)?.[1]?.match(/\w+/g) ?? [];
}
