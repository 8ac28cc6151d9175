import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cli, type CliResult } from "../cli.test-support.ts";
import { profilesFile } from "./profile.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-profile-"));
  file = profilesFile({ XDG_CONFIG_HOME: folder });
  await mkdir(join(folder, "warren"));
});
afterEach(() => rm(folder, { recursive: true }));

async function explain(
  profiles: object | string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Omit<CliResult, "stdout"> & { readonly stdout: string }> {
  await writeFile(file, typeof profiles === "string" ? profiles : JSON.stringify(profiles), { mode: 0o600 });
  const told = await cli(["consume", "q", "--explain-config", ...argv], {
    env: { XDG_CONFIG_HOME: folder, ...env },
  });
  return { ...told, stdout: told.stdout.toString() };
}

const staging = { url: ["amqps://me:canary@a", "amqps://b"], prefetch: 7, "until-empty": true, lines: true };

describe("--profile", () => {
  test("stands between the environment and the defaults, setting by setting; its URL's password is masked", async () => {
    const env = { WARREN_PREFETCH: "9", WARREN_PROFILE: "staging" };
    const { exit, stdout } = await explain({ staging, other: { prefetch: 1 } }, ["--vhost", "v"], env);
    expect(exit).toBe(0);
    expect(stdout).toMatch(/^url +amqps:\/\/me:\*\*\*@a amqps:\/\/b +profile staging$/m);
    expect(stdout).toMatch(/^until-empty +true +profile staging$/m);
    expect(stdout).toMatch(/^prefetch +9 +env WARREN_PREFETCH$/m);
    expect(stdout).toMatch(/^vhost +v +flag$/m);
    expect(stdout).toMatch(/^heartbeat +5 +default$/m);
    expect((await explain({ staging, other: { prefetch: 1 } }, ["--profile=other"], env)).stdout).toMatch(
      /^profile +other +flag$/m,
    );
  });

  test.each([
    [{ staging: {} }, /has no profile "stagng". Did you mean "staging"\?/],
    [{ stagng: { pasword: "x" } }, /"pasword" of the profile "stagng" in .* is no option/],
    [{ stagng: { password: "canary" } }, /"password" of .* is no option.*\n.*write password-file/],
    [{ stagng: { profile: "x" } }, /"profile" of .* is no option/],
    [{ stagng: { url: { host: "h" } } }, /url of the profile "stagng" in .* must be a text/],
    [{ stagng: { prefetch: 0 } }, /the profile stagng: prefetch must be a whole number/],
    [{ stagng: 1 }, /the profile "stagng" in .* is no JSON object/],
    ["{", /profiles\.json cannot be read as JSON/],
  ])("%j exits with 78 and says why", async (profiles, words) => {
    const { exit, stderr } = await explain(profiles, ["--profile", "stagng"]);
    expect(exit).toBe(78);
    expect(stderr).toMatch(words);
    expect(stderr).not.toContain("canary");
  });

  test("a file that is not there, or that others can read, exits with 78", async () => {
    const env = { XDG_CONFIG_HOME: folder };
    const absent = await cli(["consume", "q", "--profile", "p"], { env });
    expect(absent).toMatchObject({ exit: 78, stderr: expect.stringContaining(`no such file: ${file}`) });
    await writeFile(file, "{}");
    await chmod(file, 0o640);
    const open = await cli(["consume", "q", "--profile", "p"], { env });
    expect(open).toMatchObject({ exit: 78, stderr: expect.stringContaining(`chmod 600 ${file}`) });
  });

  test("a URL in the environment that wins over the profile's is told", async () => {
    await writeFile(file, JSON.stringify({ p: { url: "amqp://h" } }), { mode: 0o600 });
    const env = { XDG_CONFIG_HOME: folder, AMQP_URL: "amqp://127.0.0.1:1" };
    const { exit, stderr } = await cli(["consume", "q", "--profile", "p"], { env });
    expect(exit).toBe(69);
    expect(stderr).toContain('warren: AMQP_URL is used, not the url of the profile "p"\n');
  });
});
