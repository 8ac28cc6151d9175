import amqplib from "amqplib";
import { expect, test } from "vitest";
import { useBroker } from "./use-broker.ts";

const broker = useBroker();

test("a test file has a broker and names of its own", async () => {
  const connection = await amqplib.connect(broker.url);
  const channel = await connection.createChannel();
  const queue = broker.name("orders");
  expect(queue).toMatch(/^orders-[\da-f]{8}$/);
  await expect(channel.assertQueue(queue, { autoDelete: true })).resolves.toMatchObject({ queue });
  await channel.deleteQueue(queue);
  await connection.close();
});

test("a private node gives each test file a virtual host, in which guest may do everything", async (context) => {
  if (!broker.vhost.startsWith("test-")) context.skip("the broker was given by AMQP_URL");
  expect(broker.url.endsWith(`/${broker.vhost}`)).toBe(true);
  expect(await broker.control.ctl("list_permissions", "--vhost", broker.vhost)).toMatch(
    /guest\s+\.\*\s+\.\*\s+\.\*/,
  );
});
