import { randomBytes } from "node:crypto";
import { mkdir, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readEnvironment } from "../environment.ts";
import { LaunchError } from "../launch-error.ts";
import { OwnedProcess } from "../owned-process.ts";
import { reaper } from "../reaper.ts";
import { runCommand } from "../run-command.ts";
import { findHome, type Installation, type RabbitMqHome } from "./installation.ts";

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

/**
 * Makes the root beside its place and moves it there, so that a half-made one is never used. Only one process of the
 * machine does so at a time; what an earlier one left behind when it was killed goes first. Whatever debootstrap
 * mounts and starts ends with the namespaces that it runs in.
 */
const make = `
set -e
root=$1 unfinished=$2
if [ -d "$root" ]; then exit 0; fi
rm -rf "$root".unfinished-*
debootstrap --variant=minbase --include=rabbitmq-server trixie "$unfinished"
mv "$unfinished" "$root"
`;

/** Takes a minute or two. */
async function makeRoot(root: string): Promise<RabbitMqHome> {
  await runCommand(["debootstrap", "--version"]).catch((cause: unknown) => {
    throw new LaunchError(
      'RabbitMQ "4" from Debian trixie needs debootstrap (Debian: apt-get install debootstrap).',
      { cause },
    );
  });
  await mkdir(dirname(root), { recursive: true });
  const unfinished = `${root}.unfinished-${randomBytes(4).toString("hex")}`;
  reaper.ownFolder(unfinished);
  const namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child"] as const;
  const maker = new OwnedProcess({
    name: "debootstrap",
    command: ["flock", `${root}.lock`, ...namespaces, "sh", "-c", make, "sh", root, unfinished],
    environment: { PATH: readEnvironment().path },
  });
  try {
    await maker.succeeded();
  } finally {
    await rm(unfinished, { recursive: true, force: true });
    reaper.disownFolder(unfinished);
  }
  const home = await findHome(join(root, insideParent));
  if (home === undefined) throw new LaunchError(`There is no RabbitMQ in ${root}. Remove that folder.`);
  return home;
}
