import { spawn, type ChildProcess } from "node:child_process";

/**
 * Runs as `sh -c` in a session of its own. Each line it reads replaces the one before: process groups (`p123`) and
 * folders (`d/tmp/x`), separated by tabs. The end of its input means that this process is gone, by whatever death,
 * and then it ends the last line's groups and removes its folders.
 */
const script = `
set -f
owned=
while IFS= read -r line; do owned=$line; done
IFS='\t'
for each in $owned; do
  case $each in
    p*) kill -s KILL -- "-\${each#p}" 2>/dev/null ;;
  esac
done
for each in $owned; do
  case $each in
    d*) rm -rf -- "\${each#d}" || { sleep 1; rm -rf -- "\${each#d}"; } ;;
  esac
done
`;

/** What outlives a test process unless someone ends it: one `sh` for each process that launches anything. */
class Reaper {
  readonly #groups = new Set<number>();
  readonly #folders = new Set<string>();
  #shell: ChildProcess | undefined;

  /** `pid` leads a process group of its own (`spawn` with `detached: true`). */
  ownGroup(pid: number): void {
    this.#groups.add(pid);
    this.#tell();
  }

  disownGroup(pid: number): void {
    this.#groups.delete(pid);
    this.#tell();
  }

  ownFolder(path: string): void {
    this.#folders.add(path);
    this.#tell();
  }

  disownFolder(path: string): void {
    this.#folders.delete(path);
    this.#tell();
  }

  #tell(): void {
    const words = [
      ...[...this.#groups].map((pid) => `p${pid}`),
      ...[...this.#folders].map((path) => `d${path}`),
    ];
    this.#shell ??= startShell();
    this.#shell.stdin?.write(`${words.join("\t")}\n`);
  }
}

function startShell(): ChildProcess {
  const shell = spawn("/bin/sh", ["-c", script], { detached: true, stdio: ["pipe", "ignore", "ignore"] });
  shell.unref();
  // A test process must be able to end by itself while the reaper waits for that end.
  (shell.stdin as unknown as { unref(): void }).unref();
  shell.on("error", () => undefined);
  return shell;
}

export const reaper: Reaper = new Reaper();
