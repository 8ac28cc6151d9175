import { readFile, stat } from "node:fs/promises";
import { createSecureContext, type SecureContext } from "node:tls";
import { ConfigError, ConnectionError } from "@warren/message";
import {
  anything,
  aShortString,
  oneOf,
  resolveOptions,
  type Rule,
  type Rules,
} from "@warren/message/authoring";

/**
 * How an `amqps://` connection proves itself and checks the broker. The certificate of the broker is always checked,
 * its name included; there is no option to switch that off.
 */
export interface TlsOptions {
  /** Certificates of the authorities to trust, PEM, instead of Node's own list. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** The same, as the path of a PEM file. */
  readonly caFile?: string;
  /** The client's certificate (and its chain), PEM. */
  readonly cert?: string | Buffer;
  readonly certFile?: string;
  /** The client's private key, PEM. */
  readonly key?: string | Buffer;
  /** The same, as the path of a PEM file, which nobody but its owner may read (mode 0600). */
  readonly keyFile?: string;
  /** Of an encrypted private key. Take it from a file or a secret store, never from the command line. */
  readonly passphrase?: string;
  /** The name that must stand in the broker's certificate. @default the host of the URL */
  readonly servername?: string;
  /** @default "TLSv1.2" */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
}

/** What `tls.connect` gets. The key and its passphrase are in OpenSSL's hands already, so that no socket holds them. */
export interface TlsMaterial {
  readonly secureContext?: SecureContext;
  readonly servername?: string;
}

const aPath: Rule = (value) =>
  typeof value === "string" && value !== "" ? undefined : "must be the path of a file";

/** A refused value is shown; those of keys and certificates are checked apart from it, so that they are not. */
const rules: Rules<TlsOptions> = {
  ca: anything,
  caFile: aPath,
  cert: anything,
  certFile: aPath,
  key: anything,
  keyFile: aPath,
  passphrase: anything,
  servername: aShortString,
  minVersion: oneOf("TLSv1.2", "TLSv1.3"),
};

/** @throws ConfigError INVALID_OPTION */
export function resolveTlsOptions(input: TlsOptions = {}): TlsOptions {
  const tls = resolveOptions("connect: tls", input, { minVersion: "TLSv1.2" } as const, rules);
  const problems: string[] = [];
  for (const name of ["ca", "cert", "key"] as const) {
    if (!isPem(tls[name])) problems.push(`connect: tls: ${name} must be PEM text or a Buffer`);
    if (tls[name] !== undefined && tls[`${name}File`] !== undefined)
      problems.push(`connect: tls: give ${name} or ${name}File, not both`);
  }
  if (typeof (tls.passphrase ?? "") !== "string") problems.push("connect: tls: passphrase must be a text");
  if (hasCertificate(tls) !== (tls.key !== undefined || tls.keyFile !== undefined))
    problems.push("connect: tls: a client certificate needs both cert and key");
  if (problems.length > 0) throw new ConfigError("INVALID_OPTION", problems);
  return tls;
}

export function hasCertificate(tls: TlsOptions): boolean {
  return tls.cert !== undefined || tls.certFile !== undefined;
}

function isPem(value: TlsOptions["ca"]): boolean {
  if (Array.isArray(value)) return value.every(isPem);
  return (
    value === undefined || Buffer.isBuffer(value) || (typeof value === "string" && /-----BEGIN /.test(value))
  );
}

/**
 * Reads the files and builds what is checked and shown in the handshake.
 *
 * @throws ConfigError INVALID_OPTION when a file cannot be read, INSECURE_KEY_FILE when others may read the key;
 * ConnectionError TLS_FAILED when certificate, key and passphrase do not fit.
 */
export async function readTlsMaterial(tls: TlsOptions): Promise<TlsMaterial> {
  if (tls.keyFile !== undefined) await refuseSharedKey(tls.keyFile);
  const [ca, cert, key] = await Promise.all([
    tls.ca ?? contents("caFile", tls.caFile),
    tls.cert ?? contents("certFile", tls.certFile),
    tls.key ?? contents("keyFile", tls.keyFile),
  ]);
  const { minVersion, passphrase, servername } = tls;
  try {
    const secureContext = createSecureContext({
      ca: ca as string | Buffer | undefined,
      cert,
      key,
      passphrase,
      minVersion,
    });
    return servername === undefined ? { secureContext } : { secureContext, servername };
  } catch (thrown) {
    const { code = "no code" } = thrown as NodeJS.ErrnoException;
    throw new ConnectionError(
      "TLS_FAILED",
      `the certificates cannot be used (${code}); check tls.ca, tls.cert, tls.key and the passphrase`,
      { cause: thrown },
    );
  }
}

async function contents(option: string, path: string | undefined): Promise<Buffer | undefined> {
  if (path === undefined) return undefined;
  return readFile(path).catch((error: NodeJS.ErrnoException) => unreadable(option, path, error));
}

/** Windows has no such mode. */
async function refuseSharedKey(path: string): Promise<void> {
  const { mode } = await stat(path).catch((error: NodeJS.ErrnoException) =>
    unreadable("keyFile", path, error),
  );
  if (process.platform === "win32" || (mode & 0o077) === 0) return;
  throw new ConfigError(
    "INSECURE_KEY_FILE",
    `others may read the private key ${path} (mode 0${(mode & 0o777).toString(8)}); chmod 600 it`,
    { context: { path } },
  );
}

function unreadable(option: string, path: string, error: NodeJS.ErrnoException): never {
  throw new ConfigError("INVALID_OPTION", `connect: tls: ${option} ${path} cannot be read (${error.code})`, {
    cause: error,
  });
}
