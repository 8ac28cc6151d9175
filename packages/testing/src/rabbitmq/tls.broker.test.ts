import { readFile } from "node:fs/promises";
import amqplib from "amqplib";
import { afterAll, beforeAll, expect } from "vitest";
import type { Certificate } from "./certificates.ts";
import type { RabbitMqNode } from "./rabbitmq-node.ts";
import { startRabbitMq } from "./start-rabbitmq.ts";
import { testOnRabbitMq } from "../vitest/test-on.ts";

const test = await testOnRabbitMq();
let node: RabbitMqNode;

beforeAll(async () => {
  node = await startRabbitMq({ tls: "mutual" });
});

afterAll(async () => {
  await node.close();
});

test("the client certificate that comes with the node opens the TLS listener and logs in by SASL EXTERNAL", async () => {
  const connection = await dial(node.tls!.client);
  await expect(connection.createChannel()).resolves.toBeDefined();
  await connection.close();
});

test("a client without a certificate is refused", async () => {
  await expect(dial(undefined)).rejects.toThrow("certificate required");
});

test("the authority issues certificates that have expired", async () => {
  const expired = await node.tls!.authority.issue({ commonName: "guest", validDays: -1 });
  await expect(dial(expired)).rejects.toThrow("certificate expired");
});

async function dial(certificate: Certificate | undefined): Promise<amqplib.ChannelModel> {
  const { caFile, url } = node.tls!;
  const connection = await amqplib.connect(url, {
    ca: [await readFile(caFile)],
    ...(certificate && {
      cert: await readFile(certificate.certificateFile),
      key: await readFile(certificate.keyFile),
    }),
    credentials: amqplib.credentials.external(),
  });
  connection.on("error", () => undefined);
  return connection;
}
