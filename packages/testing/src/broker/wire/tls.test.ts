import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import amqplib from "amqplib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Certificate, CertificateAuthority } from "../../rabbitmq/certificates.ts";
import { makeScratchFolder, type ScratchFolder } from "../../scratch-folder.ts";
import type { EmbeddedBroker } from "../embedded-broker.ts";
import { startEmbeddedBroker } from "../start-embedded-broker.ts";

let folder: ScratchFolder;
let authority: CertificateAuthority;
let ca: string;
let server: { key: string; cert: string };
let broker: EmbeddedBroker;

beforeAll(async () => {
  folder = await makeScratchFolder("embedded-tls");
  authority = await CertificateAuthority.create(folder.path);
  ca = await readFile(authority.caFile, "utf8");
  server = await pem(await authority.issue({ commonName: "broker" }));
  broker = await startEmbeddedBroker({
    tls: { ...server, ca },
    users: { guest: { password: "guest" }, ann: { password: "never sent" } },
  });
});
afterAll(async () => {
  await broker.close();
  await folder.remove();
});

async function pem({ keyFile, certificateFile }: Certificate): Promise<{ key: string; cert: string }> {
  return { key: await readFile(keyFile, "utf8"), cert: await readFile(certificateFile, "utf8") };
}

async function certified(commonName: string): Promise<object> {
  return { ca: [ca], ...(await pem(await authority.issue({ commonName }))) };
}

const external = { credentials: amqplib.credentials.external() };

test("a client with a certificate logs in by its common name", async () => {
  const connection = await amqplib.connect(broker.url, { ...(await certified("ann")), ...external });
  expect(broker.url).toMatch(/^amqps:/);
  expect(broker.connections).toMatchObject([{ user: "ann" }]);
  await connection.close();
});

test("a name that nobody has is refused", async () => {
  const dial = amqplib.connect(broker.url, { ...(await certified("bob")), ...external });
  await expect(dial).rejects.toThrow("ACCESS_REFUSED");
});

test("a client with a certificate may log in with a password, too", async () => {
  const connection = await amqplib.connect(broker.url, await certified("bob"));
  expect(broker.connections).toMatchObject([{ user: "guest" }]);
  await connection.close();
});

test("a client without a certificate of the authority is refused", async () => {
  await expect(amqplib.connect(broker.url, { ca: [ca] })).rejects.toThrow("certificate required");
  const other = await makeScratchFolder("other-authority");
  const { key, cert } = await pem(
    await (await CertificateAuthority.create(other.path)).issue({ commonName: "ann" }),
  );
  await expect(amqplib.connect(broker.url, { ca: [ca], key, cert, ...external })).rejects.toThrow(
    "Socket closed abruptly",
  );
  await other.remove();
  expect(broker.connections).toEqual([]);
});

test("without a ca nobody needs a certificate, and EXTERNAL is not offered", async () => {
  await using plain = await startEmbeddedBroker({ tls: server });
  const connection = await amqplib.connect(plain.url, { ca: [ca] });
  await connection.close();
  await expect(amqplib.connect(plain.url, { ca: [ca], ...external })).rejects.toThrow(
    "EXTERNAL is not provided by the server",
  );
});

test("a close does not wait for a client that never begins its handshake", async () => {
  const other = await startEmbeddedBroker({ tls: server });
  const silent = connect(other.port, "127.0.0.1");
  const ended = new Promise((resolve) => {
    silent.on("error", () => undefined);
    silent.on("close", resolve);
  });
  const connection = await amqplib.connect(other.url, { ca: [ca] });
  connection.on("error", () => undefined);
  await other.close();
  await expect(ended).resolves.toBeDefined();
});
