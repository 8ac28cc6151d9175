import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { useBroker } from "@warren/testing/vitest";
import { expect, test } from "vitest";
import { root } from "./repository.ts";
import { snippetsOf } from "./snippets.ts";

const broker = useBroker();

test("the sample on the README's first screen runs as it stands, on the broker of this run", async () => {
  const sample = snippetsOf("README.md").find(({ tags }) => tags.includes("run"));
  expect(sample?.code).toContain('connect("amqp://localhost"');
  // Below the root, where the workspace's packages resolve.
  const folder = await mkdtemp(join(root, "node_modules", ".readme-"));
  try {
    await writeFile(
      join(folder, "sample.mts"),
      sample!.code.replace('"amqp://localhost"', JSON.stringify(broker.url)),
    );
    const run = promisify(execFile)(
      process.execPath,
      ["--import", "tsx", "--conditions=dev", join(folder, "sample.mts")],
      {
        cwd: root,
        timeout: 30_000,
      },
    );
    await expect(run).resolves.toMatchObject({ stdout: "charged o-1 42\n", stderr: "" });
  } finally {
    await rm(folder, { recursive: true });
  }
});
