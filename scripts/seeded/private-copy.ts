import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../../test/repository.ts";

const run = promisify(execFile);

/** The last commit in a folder of its own, with the dependencies that are installed here. */
export class PrivateCopy implements AsyncDisposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async make(): Promise<PrivateCopy> {
    const path = await mkdtemp(join(tmpdir(), "warren-seeded-"));
    const archive = join(path, "commit.tar");
    await run("git", ["archive", "--format=tar", "--output", archive, "HEAD"], { cwd: root });
    await run("tar", ["-xf", archive, "-C", path]);
    await rm(archive);
    await linkDependencies(path);
    return new PrivateCopy(path);
  }

  async apply(patch: string): Promise<void> {
    await run("git", ["apply", join(root, patch)], { cwd: this.path });
  }

  async takeBack(patch: string): Promise<void> {
    await run("git", ["apply", "--reverse", join(root, patch)], { cwd: this.path });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }
}

/**
 * Links into the workspace are relative, so that a copy of them leads into the copy; what is not of the workspace is in the
 * store of the root, which is linked as it is.
 */
async function linkDependencies(path: string): Promise<void> {
  await mkdir(join(path, "node_modules"));
  for (const entry of await readdir(join(root, "node_modules"), { withFileTypes: true })) {
    const [from, to] = [join(root, "node_modules", entry.name), join(path, "node_modules", entry.name)];
    if (entry.name === ".pnpm") await symlink(from, to);
    else if (entry.isSymbolicLink() || entry.name.startsWith("@")) await copyLinks(from, to);
  }
  for (const name of await readdir(join(path, "packages"))) {
    const from = join("packages", name, "node_modules");
    await copyLinks(join(root, from), join(path, from)).catch(() => undefined);
  }
}

function copyLinks(from: string, to: string): Promise<void> {
  return cp(from, to, { recursive: true, verbatimSymlinks: true });
}
