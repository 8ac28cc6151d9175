import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { Seen } from "../../guarantees/seen.ts";

/** A process of a test, which tells on standard output what it does, a line each. */
export interface Child {
  readonly lines: Seen<string>;
  /** Its exit code, or the signal that ended it, once all that it has written was read. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs a program that stands beside the test. */
export function startChild(program: string, ...given: readonly string[]): Child {
  const file = fileURLToPath(new URL(program, import.meta.url));
  const { NODE_EXTRA_CA_CERTS: _slow, ...env } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=dev", file, ...given], {
    env,
    stdio: ["ignore", "pipe", "ignore"],
  });
  const lines = new Seen<string>();
  createInterface({ input: child.stdout }).on("line", (line) => lines.add(line));
  return {
    lines,
    ended: new Promise((resolve) => child.once("close", (code, signal) => resolve(code ?? signal!))),
    kill: (signal) => child.kill(signal),
  };
}
