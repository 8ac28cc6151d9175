import { execFile } from "node:child_process";
import { readEnvironment } from "./environment.ts";
import { LaunchError } from "./launch-error.ts";

export interface CommandOptions {
  readonly cwd?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** What the program reads from its standard input. */
  readonly input?: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** Runs a program to its end and returns its standard output; a failure is told with what it printed. */
export function runCommand(
  command: readonly [string, ...string[]],
  options: CommandOptions = {},
): Promise<string> {
  const [file, ...args] = command;
  const { input, environment, ...rest } = options;
  return new Promise((resolve, reject) => {
    const env = { PATH: readEnvironment().path, ...environment };
    const child = execFile(
      file,
      args,
      { ...rest, env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(
            new LaunchError(`${file} failed: ${(stderr || stdout || error.message).trim()}`, {
              cause: error,
            }),
          );
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(input);
  });
}
