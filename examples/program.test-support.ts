import { spawn } from "node:child_process";

/** A program of an example at work, as its reader would run it. */
export interface Program {
  /** What it has written so far. */
  output(): string;
  /** Resolves when it has written that; rejects when it ends without. */
  says(text: string): Promise<void>;
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): void;
}

export function runProgram(
  file: string,
  environment: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Program {
  const child = spawn(process.execPath, ["--import", "tsx", "--conditions=dev", file, ...args], {
    env: { ...process.env, ...environment },
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      for (const listener of listeners) listener();
    });
  // Not "exit": what it has written comes before "close", and may come after "exit".
  const ended = new Promise<number | NodeJS.Signals>((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal!)),
  );
  const says = (text: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.includes(text)) resolve();
      };
      listeners.add(look);
      look();
      void ended.then((how) =>
        reject(new Error(`it ended with ${how} and never said "${text}":\n${output}`)),
      );
    });
  return { output: () => output, says, ended, kill: (signal) => child.kill(signal) };
}
