import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { useBroker } from "@warren/testing/vitest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root } from "../repository.ts";
import { snippetsOf } from "../snippets.ts";

const broker = useBroker();
let folder: string;

// Below the root, where the workspace's packages resolve.
beforeAll(async () => {
  folder = await mkdtemp(join(root, "node_modules", ".testing-page-"));
  const samples = snippetsOf("docs/testing.md").filter(({ tags }) => tags.includes("run"));
  for (const { code } of samples) await writeFile(join(folder, /^\/\/ (\S+)/.exec(code)![1]!), code);
});
afterAll(() => rm(folder, { recursive: true }));

describe("the tests on the page", () => {
  test("pass as they stand, without any configuration, on the embedded broker", async () => {
    expect(await readdir(folder)).toEqual(["exactly-once.test.ts", "orders.test.ts"]);
    expect(await vitest({}, "")).toContain("Tests  2 passed (2)");
  });

  test("pass on a real broker with the global set-up", async () => {
    const output = await vitest({ WARREN_BROKER: "real", AMQP_URL: broker.url }, globalSetup);
    expect(output).toContain(`Testing against RabbitMQ ${broker.version} (AMQP_URL`);
    expect(output).toContain("Tests  2 passed (2)");
  });

  test("pass there on the embedded broker by one switch", async () => {
    const output = await vitest({ WARREN_BROKER: "embedded", AMQP_URL: broker.url }, globalSetup);
    expect(output).toContain("Testing against Warren embedded broker");
    expect(output).toContain("Tests  2 passed (2)");
  });
});

/** `@warren/testing/vitest/global-setup` would be what was built: vitest looks for it without the conditions. */
const globalSetup = `globalSetup: [${JSON.stringify(join(root, "packages/testing/src/vitest/global-setup.ts"))}],`;

/** What a run in that folder says. The conditions only say that the packages are used from their sources. */
async function vitest(environment: Readonly<Record<string, string>>, testOptions: string): Promise<string> {
  const conditions = 'conditions: ["dev", "node"]';
  await writeFile(
    join(folder, "vitest.config.mts"),
    `export default {
      resolve: { ${conditions} }, ssr: { resolve: { ${conditions} } },
      environments: { __vitest__: { resolve: { ${conditions} } } },
      test: { ${testOptions} include: ["*.test.ts"], exclude: [] },
    };`,
  );
  const { WARREN_REQUIRE_REAL: _required, AMQP_URL: _url, WARREN_BROKER: _broker, ...others } = process.env;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [join(root, "node_modules", "vitest", "vitest.mjs"), "run", "--root", folder],
    { cwd: folder, env: { ...others, NO_COLOR: "1", ...environment }, timeout: 50_000 },
  ).catch((error: { stdout: string; stderr: string }) => error);
  return `${stdout}${stderr}`.replaceAll(/ {2,}/g, "  ");
}
