import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

export interface TestResult {
  /** From the root of the copy. */
  readonly file: string;
  readonly title: string;
  readonly status: "passed" | "failed" | "skipped" | "pending" | "todo";
  readonly ms: number;
  /** What each failure says, with its stack. */
  readonly failures: readonly string[];
}

export interface TestRun {
  readonly results: readonly TestResult[];
  /** Why a file could not be run at all, or what the run said when it gave no report. */
  readonly broken: string | undefined;
}

/** Vitest's report, as far as it is read. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: TestResult["status"];
      readonly duration?: number;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** No run takes so long, that of all named tests without a bug included. */
const timeoutMs = 15 * 60_000;

/** Runs vitest in a private copy. */
export async function runTests(copy: string, args: readonly string[]): Promise<TestRun> {
  const report = join(copy, "report.json");
  await rm(report, { force: true });
  const vitest = join(copy, "node_modules", "vitest", "vitest.mjs");
  const said = await output(copy, [vitest, "run", ...args, "--reporter=json", `--outputFile=${report}`]);
  const { testResults } = await readFile(report, "utf8").then(
    (text) => JSON.parse(text) as Report,
    () => ({ testResults: [] as Report["testResults"] }),
  );
  const broken = testResults.find((file) => file.status === "failed" && file.assertionResults.length === 0);
  return {
    results: testResults.flatMap(({ name, assertionResults }) =>
      assertionResults.map(({ title, status, duration = 0, failureMessages = [] }) => ({
        file: name.slice(copy.length + 1),
        title,
        status,
        ms: duration,
        failures: failureMessages,
      })),
    ),
    broken: testResults.length === 0 ? said.trim() || "vitest gave no report" : broken?.message,
  };
}

/** Everything that a process says until it ends; it is ended when it takes too long. */
function output(cwd: string, args: readonly string[]): Promise<string> {
  const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...env, NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => void chunks.push(chunk));
    const timer = setTimeout(() => child.kill(), timeoutMs);
    child.once("close", () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks).toString());
    });
  });
}
