import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectionFlags } from "../settings/common-flags.ts";
import { resolveSettings } from "../settings/resolve-settings.ts";
import { credentialsOf } from "./credentials.ts";

let file: string;

beforeAll(async () => {
  file = join(await mkdtemp(join(tmpdir(), "warren-credentials-")), "secret");
  await writeFile(file, "from-file\r\nnot this\n");
});

afterAll(() => rm(join(file, ".."), { recursive: true }));

async function credentials(written: object, env: Record<string, string> = {}, urls = ["amqp://host"]) {
  const { settings } = resolveSettings(connectionFlags, { ...written }, env);
  const hidden: string[] = [];
  const source = await credentialsOf(
    settings,
    urls,
    { stdin: Readable.from([Buffer.from("from-std"), Buffer.from("in\nrest")]) },
    { hide: (secret) => void hidden.push(secret) },
  );
  return { source: typeof source === "function" ? await source() : source, hidden };
}

test("nothing is said where the URL says it all", async () => {
  expect(await credentials({}, {}, ["amqp://me:pw@host"])).toEqual({ source: undefined, hidden: [] });
});

test("S8: the password comes from a variable, the first line of a file, or stdin, and is hidden from the log", async () => {
  const user = { user: "me" };
  for (const [written, env, password] of [
    [user, { WARREN_PASSWORD: "from-env" }, "from-env"],
    [{ ...user, "password-file": file }, { WARREN_PASSWORD: "from-env" }, "from-file"],
    [{ ...user, "password-stdin": true }, {}, "from-stdin"],
  ] as const)
    expect(await credentials(written, env)).toEqual({
      source: { username: "me", password },
      hidden: [password],
    });
});

test("a password without a user is for the user of the URL", async () => {
  const env = { WARREN_PASSWORD: "pw!" };
  const { source } = await credentials({}, env, ["amqp://host", "amqps://m%40e:old@other"]);
  expect(source).toEqual({ username: "m@e", password: "pw!" });
  await expect(credentials({}, env)).rejects.toMatchObject({ exit: 64 });
});

test("a token comes from a file or a variable, and is read when it is needed", async () => {
  expect(await credentials({ auth: "oauth", "token-file": file })).toMatchObject({
    source: { token: "from-file" },
  });
  expect(await credentials({ auth: "oauth" }, { WARREN_TOKEN: "t-1" })).toMatchObject({
    source: { token: "t-1" },
  });
  await expect(credentials({ auth: "oauth" })).rejects.toMatchObject({ exit: 64 });
  await expect(credentials({ auth: "oauth", "token-file": `${file}.no` })).rejects.toMatchObject({
    exit: 66,
  });
});

test("a client certificate speaks for itself", async () => {
  expect(await credentials({ auth: "external" })).toMatchObject({ source: "external" });
});
