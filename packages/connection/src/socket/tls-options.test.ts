import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTlsMaterial, resolveTlsOptions } from "./tls-options.ts";

let folder: string;
let keyFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-tls-"));
  keyFile = join(folder, "client.key");
  await writeFile(keyFile, "-----BEGIN PRIVATE KEY-----", { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));

describe("TLS options", () => {
  test("TLS 1.2 is the least by default, and nothing turns the check of the certificate off", async () => {
    expect(await readTlsMaterial(resolveTlsOptions())).toEqual({ minVersion: "TLSv1.2" });
  });

  test("S4: a private key that others may read is refused with the command that mends it", async () => {
    const tls = resolveTlsOptions({ keyFile, cert: "-----BEGIN CERTIFICATE-----" });
    await chmod(keyFile, 0o640);
    await expect(readTlsMaterial(tls)).rejects.toMatchObject({
      code: "INSECURE_KEY_FILE",
      message: expect.stringContaining("mode 0640); chmod 600") as string,
    });
    await chmod(keyFile, 0o600);
    expect((await readTlsMaterial(tls)).key).toEqual(Buffer.from("-----BEGIN PRIVATE KEY-----"));
  });

  test("N15: the files are read again each time", async () => {
    const caFile = join(folder, "ca.pem");
    const tls = resolveTlsOptions({ caFile });
    for (const content of ["one", "two"]) {
      await writeFile(caFile, content);
      expect(String((await readTlsMaterial(tls)).ca)).toBe(content);
    }
  });

  test("a file that cannot be read is named", async () => {
    await expect(
      readTlsMaterial(resolveTlsOptions({ caFile: join(folder, "missing.pem") })),
    ).rejects.toMatchObject({
      code: "INVALID_OPTION",
      message: expect.stringMatching(/caFile .*missing\.pem cannot be read \(ENOENT\)/) as string,
    });
  });

  test.each([
    [{ ca: "x", caFile: "y" }, "give ca or caFile, not both"],
    [{ certFile: "x" }, "a client certificate needs both cert and key"],
    [{ keyFile: "x" }, "a client certificate needs both cert and key"],
    [{ minVersion: "TLSv1" }, "minVersion must be"],
    [{ caFile: "" }, "caFile must be the path of a file"],
    [{ serverName: "x" }, `Did you mean "servername"?`],
  ])("%j is refused", (options, reason) => {
    expect(() => resolveTlsOptions(options as never)).toThrow(reason);
  });
});
