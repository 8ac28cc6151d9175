import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { connect } from "@warren/connection";
import { diagnostics } from "@warren/message";
import { createPublisher } from "@warren/publisher";
import { startRabbitMq } from "@warren/testing";
import { testOnRabbitMq } from "@warren/testing/vitest";
import { expect } from "vitest";
import { CertificateAuthority } from "../../../packages/testing/src/rabbitmq/certificates.ts";
import { recorded } from "../../guarantees/seen.ts";

const test = await testOnRabbitMq();

test("[N15] certificates of a new authority leave live links alone, and new ones are made once the client's file has it", async () => {
  await using node = await startRabbitMq({ tls: "server" });
  const folder = await mkdtemp(join(tmpdir(), "warren-rotation-"));
  const caFile = join(folder, "trusted.pem");
  await copyFile(node.tls!.caFile, caFile);
  const url = `amqps://guest:guest@localhost:${node.tls!.port}`;
  await using connection = await connect(url, { tls: { caFile }, reconnect: { baseMs: 10, maxMs: 100 } });
  await using publisher = createPublisher(connection);
  const toNobody = { exchange: "amq.fanout", routingKey: "", body: Buffer.from("x"), mandatory: false };
  await publisher.publish(toNobody);
  using states = recorded<{ to: string }>(diagnostics.connectionState);
  using failed = recorded<{ error: { code: string } }>(diagnostics.connectFailed);

  const next = await CertificateAuthority.create(join(folder, "next"));
  const server = await next.issue({ commonName: "localhost" });
  // The node's own certificate is the first that its authority has issued.
  const used = join(dirname(node.tls!.caFile), "1");
  await copyFile(server.certificateFile, `${used}.pem`);
  await copyFile(server.keyFile, `${used}.key`);
  await node.evalErlang("ssl:clear_pem_cache()");
  await expect(publisher.publish(toNobody)).resolves.toMatchObject({ attempts: 1 });
  expect(states.items).toEqual([]);

  await node.closeAllConnections();
  await failed.until((all) => all.some(({ error }) => error.code === "TLS_UNTRUSTED"));
  expect(connection.healthy()).toBe(false);
  await copyFile(next.caFile, caFile);
  await expect(publisher.publish(toNobody)).resolves.toMatchObject({ status: "confirmed" });
  expect(failed.items.every(({ error }) => error.code === "TLS_UNTRUSTED")).toBe(true);
  await rm(folder, { recursive: true });
});
