import { spawn, type ChildProcess } from "node:child_process";
import { LaunchError } from "./launch-error.ts";
import { reaper } from "./reaper.ts";

export interface OwnedProcessOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly uid?: number;
  readonly gid?: number;
}

const keptOutputChars = 8_192;

/** A server process in a group of its own, which never outlives this one. */
export class OwnedProcess {
  readonly pid: number;
  /** Fulfilled when it has ended and its output is read to the end. */
  readonly exited: Promise<void>;
  readonly #child: ChildProcess;
  readonly #name: string;
  #output = "";
  #listeners: ((output: string) => void)[] = [];

  constructor(options: OwnedProcessOptions) {
    const [file, ...args] = options.command;
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...options.environment },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    this.#child = child;
    this.#name = options.name;
    this.exited = new Promise((resolve) => {
      child.once("error", (error) => {
        this.#keep(String(error));
        resolve();
      });
      child.once("close", () => {
        if (child.pid !== undefined) reaper.disownGroup(child.pid);
        resolve();
      });
    });
    this.pid = child.pid ?? 0;
    if (child.pid !== undefined) reaper.ownGroup(child.pid);
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => this.#keep(text));
    }
  }

  /** Fulfilled once the output holds the text, rejected with the last output when the process ends before. */
  async prints(text: string): Promise<void> {
    let found = this.#output.includes(text);
    const printed = new Promise<void>((resolve) => {
      this.#listeners.push((output) => {
        found ||= output.includes(text);
        if (found) resolve();
      });
    });
    if (!found) await Promise.race([printed, this.exited]);
    this.#listeners = [];
    if (!found) throw new LaunchError(`${this.#name} ended while it started:\n${this.#output.trim()}`);
  }

  /** Fulfilled once it has ended with exit code 0, rejected with the last output when it ended otherwise. */
  async succeeded(): Promise<void> {
    await this.exited;
    if (this.#child.exitCode === 0) return;
    throw new LaunchError(`${this.#name} failed:\n${this.#output.trim()}`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the whole process group at once, and waits for it. */
  async kill(): Promise<void> {
    try {
      if (this.pid > 0) process.kill(-this.pid, "SIGKILL");
    } catch {
      // It is gone already.
    }
    await this.exited;
  }

  #keep(text: string): void {
    this.#output = (this.#output + text).slice(-keptOutputChars);
    for (const listener of this.#listeners) listener(this.#output);
  }
}
