import { mkdir, mkdtemp, realpath, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readEnvironment } from "../environment.ts";
import { LaunchError } from "../launch-error.ts";
import { runCommand } from "../run-command.ts";
import { findHome, type Installation } from "./installation.ts";

/** Where RabbitMQ is, inside the root folder. */
const insideParent = "usr/lib/rabbitmq/lib";

/**
 * Runs a program inside the root folder, in a mount namespace of its own that ends with it. Everything is an `exec`,
 * so that the pid stays the program's; scratch folders have the same path inside.
 */
const enter = `
set -e
root=$1 scratch=$2
shift 2
mount --make-rprivate /
mkdir -p "$root$scratch"
mount --rbind "$scratch" "$root$scratch"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
exec chroot "$root" "$@"
`;

/** RabbitMQ 4.0 from Debian trixie, in a root folder that is made at the first use and kept in the cache. */
export async function trixieInstallation(): Promise<Installation> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new LaunchError('RabbitMQ "4" from Debian trixie needs Linux and root rights (mount, chroot).');
  }
  const root = join(readEnvironment().cacheFolder, "trixie");
  const home = (await findHome(join(root, insideParent))) ?? (await makeRoot(root));
  const scratch = await realpath(tmpdir());
  return {
    version: home.version,
    home: { onDisk: home.folder, inside: home.folder.slice(root.length) },
    program: (path, ...args) => ["unshare", "--mount", "sh", "-c", enter, "sh", root, scratch, path, ...args],
  };
}

/** Takes a minute or two. Made beside its place and moved there, so that a half-made one is never used. */
async function makeRoot(root: string): Promise<{ readonly folder: string; readonly version: string }> {
  await runCommand(["debootstrap", "--version"]).catch((cause: unknown) => {
    throw new LaunchError(
      'RabbitMQ "4" from Debian trixie needs debootstrap (Debian: apt-get install debootstrap).',
      { cause },
    );
  });
  await mkdir(join(root, ".."), { recursive: true });
  const unfinished = await mkdtemp(`${root}.unfinished-`);
  try {
    await runCommand(["debootstrap", "--variant=minbase", "--include=rabbitmq-server", "trixie", unfinished]);
    // Another process may have been faster; its root is as good.
    await rename(unfinished, root).catch(() => undefined);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  const home = await findHome(join(root, insideParent));
  if (home === undefined) throw new LaunchError(`no RabbitMQ in ${root} after debootstrap`);
  return home;
}
