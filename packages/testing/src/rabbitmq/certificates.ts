import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "../run-command.ts";

/** Paths of PEM files. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
}

export interface CertificateOptions {
  readonly commonName: string;
  /** Names and addresses it is good for. @default ["localhost", "127.0.0.1"] */
  readonly hosts?: readonly string[];
  /** Days from now; a negative number makes one that has expired. @default 2 */
  readonly validDays?: number;
}

const newKey = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1";

/** A certificate authority that lives in a folder and is trusted by nobody else. Made with the `openssl` command. */
export class CertificateAuthority {
  readonly caFile: string;
  readonly #folder: string;
  readonly #keyFile: string;
  #issued = 0;

  private constructor(folder: string) {
    this.#folder = folder;
    this.caFile = join(folder, "ca.pem");
    this.#keyFile = join(folder, "ca.key");
  }

  static async create(folder: string): Promise<CertificateAuthority> {
    await mkdir(folder, { recursive: true });
    const authority = new CertificateAuthority(folder);
    await openssl("req -x509 -nodes -days 2", newKey, [
      ["-subj", "/CN=Warren test authority"],
      ["-addext", "keyUsage=critical,keyCertSign,cRLSign"],
      ["-keyout", authority.#keyFile],
      ["-out", authority.caFile],
    ]);
    return authority;
  }

  async issue(options: CertificateOptions): Promise<Certificate> {
    this.#issued += 1;
    const base = join(this.#folder, `${this.#issued}`);
    const certificate = { certificateFile: `${base}.pem`, keyFile: `${base}.key` };
    const hosts = options.hosts ?? ["localhost", "127.0.0.1"];
    const names = hosts.map((host) => `${/^[\d.]+$|:/.test(host) ? "IP" : "DNS"}:${host}`);
    await writeFile(`${base}.ext`, `subjectAltName=${names.join(",")}\n`);
    await openssl("req -nodes", newKey, [
      ["-subj", `/CN=${options.commonName}`],
      ["-keyout", certificate.keyFile],
      ["-out", `${base}.csr`],
    ]);
    await openssl("x509 -req -CAcreateserial", "", [
      ["-in", `${base}.csr`],
      ["-CA", this.caFile],
      ["-CAkey", this.#keyFile],
      ["-days", String(options.validDays ?? 2)],
      ["-extfile", `${base}.ext`],
      ["-out", certificate.certificateFile],
    ]);
    return certificate;
  }
}

async function openssl(
  command: string,
  more: string,
  options: readonly (readonly [string, string])[],
): Promise<void> {
  const words = `${command} ${more}`.trim().split(" ");
  await runCommand(["openssl", ...words, ...options.flat()]);
}
