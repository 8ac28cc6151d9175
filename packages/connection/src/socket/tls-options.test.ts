import { generateKeyPairSync } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readTlsMaterial, resolveTlsOptions } from "./tls-options.ts";

const passphrase = "canary-passphrase";
const format = { type: "pkcs8", format: "pem" } as const;
const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const key = privateKey.export(format);
const encrypted = privateKey.export({ ...format, cipher: "aes-256-cbc", passphrase });

let folder: string;
let keyFile: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "warren-tls-"));
  keyFile = join(folder, "client.key");
  await writeFile(keyFile, key, { mode: 0o600 });
});
afterAll(() => rm(folder, { recursive: true }));

describe("TLS options", () => {
  test("S4: a private key that others may read is refused with the command that mends it", async () => {
    await chmod(keyFile, 0o640);
    await expect(readTlsMaterial({ keyFile })).rejects.toMatchObject({
      code: "INSECURE_KEY_FILE",
      message: expect.stringContaining("mode 0640); chmod 600") as string,
    });
    await chmod(keyFile, 0o600);
    await expect(readTlsMaterial({ keyFile })).resolves.toHaveProperty("secureContext");
  });

  test("[N15] the files are read again each time", async () => {
    const other = join(folder, "other.key");
    await writeFile(other, "not yet", { mode: 0o600 });
    await expect(readTlsMaterial({ keyFile: other })).rejects.toMatchObject({ code: "TLS_FAILED" });
    await writeFile(other, key);
    await expect(readTlsMaterial({ keyFile: other })).resolves.toHaveProperty("secureContext");
  });

  test("S5: a passphrase is used and never shown, right or wrong", async () => {
    const material = await readTlsMaterial({ key: encrypted, passphrase });
    expect(inspect(material, { depth: null, showHidden: true })).not.toContain("canary");
    const error = await readTlsMaterial({ key: encrypted, passphrase: "canary-wrong" }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code: "TLS_FAILED" });
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain("canary");
  });

  test("a file that cannot be read is named", async () => {
    await expect(readTlsMaterial({ caFile: join(folder, "missing.pem") })).rejects.toMatchObject({
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
