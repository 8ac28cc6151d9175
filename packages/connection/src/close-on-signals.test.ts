import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { closeOnSignals } from "./close-on-signals.ts";

const program = fileURLToPath(new URL("./close-on-signals-program.test-support.ts", import.meta.url));

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: readonly string[];
}

function run(mode: string): Promise<End> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ["--import", "tsx", "--conditions", "dev", program, mode],
      (_error, stdout) =>
        resolve({ code: child.exitCode, signal: child.signalCode, said: stdout.trim().split("\n") }),
    );
  });
}

test("the `after` of one connection ends the process, also when another one is closed later", async () => {
  await expect(run("after")).resolves.toEqual({ code: 143, signal: null, said: ["logger", "other closed"] });
});

test("a connection that is told to close on a signal while others close on it is closed at once", async () => {
  await expect(run("meanwhile")).resolves.toEqual({ code: null, signal: "SIGTERM", said: ["other closed"] });
});

test("a signal that has not ended the process closes nothing that comes later", async () => {
  await expect(run("too-late")).resolves.toEqual({ code: 0, signal: null, said: ["logger", "warning"] });
});

test.each([
  "SIGWINCH",
  "SIGCHLD",
  "SIGURG",
  "SIGCONT",
  "SIGTSTP",
  "SIGUSR1",
  "SIGPIPE",
  "SIGSEGV",
  "SIGKILL",
])("%s is refused, with those that end a process", (signal) => {
  const target = { close: () => Promise.resolve() };
  expect(() => closeOnSignals(target, { signals: [signal as NodeJS.Signals] })).toThrow(
    /signals\[0\] must be "SIGTERM" or "SIGINT" or "SIGHUP"/,
  );
});
