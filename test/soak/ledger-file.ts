import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * A process's ledger: a line is in the kernel's hands before `write` returns, so that it outlives a SIGKILL of the
 * process (not of the machine).
 *
 * | line | says |
 * |---|---|
 * | `begin` | a process begins; what the one before left open it took with it |
 * | `send N` | message N is about to be published |
 * | `confirm N ATTEMPTS` | it was confirmed, after so many writes to a socket |
 * | `fail N STATUS STORED` | its publish was rejected |
 * | `effect N ATTEMPT REDELIVERED` | its handler has done its work; the ack comes later |
 * | `refuse N ATTEMPT REDELIVERED` | its handler fails, as it should |
 * | `end` | the process has closed everything |
 */
export class LedgerFile implements Disposable {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, "a");
    this.write("begin");
  }

  write(line: string): void {
    writeSync(this.#file, `${line}\n`);
  }

  [Symbol.dispose](): void {
    this.write("end");
    closeSync(this.#file);
  }
}

/** What is there so far; nothing before the process's first line. */
export function readLedger(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "latin1").split("\n");
  // A line that a SIGKILL has torn is not a line yet.
  lines.pop();
  return lines;
}

/** The numbers that were about to be published, in whichever life of the process. */
export function sentNumbers(lines: readonly string[]): ReadonlySet<number> {
  const sends = lines.filter((line) => line.startsWith("send "));
  return new Set(sends.map((line) => Number(line.slice("send ".length))));
}
