import { expect, test } from "vitest";
import { startRabbitMq } from "./start-rabbitmq.ts";
import { startRabbitMqCluster } from "./start-rabbitmq-cluster.ts";

test("a misspelt option is refused with a suggestion before anything is started", async () => {
  const misspelt = { plugin: ["management"] } as object;
  await expect(startRabbitMq(misspelt)).rejects.toThrow(/unknown option "plugin".*plugins/s);
});

test("every problem is told at once", async () => {
  const wrong = { version: "3", tls: true } as object;
  await expect(startRabbitMq(wrong)).rejects.toMatchObject({ problems: { length: 2 } });
});

test("a cluster has two nodes at least", async () => {
  await expect(startRabbitMqCluster({ nodes: 1 })).rejects.toThrow(
    "nodes must be a whole number from 2 to 9",
  );
});
