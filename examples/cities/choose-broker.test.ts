import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { startEmbeddedBroker } from "@warren/testing/broker";
import { expect, test } from "vitest";
import { chooseBroker } from "./choose-broker.ts";

/** Something that listens where a RabbitMQ could, and gives that answer to whoever connects. */
async function listener(answer: (socket: Socket) => void) {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    answer(socket);
  });
  server.listen(0, "localhost");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.dispose]: () => server.close() };
}

test("AMQP_URL is taken without a look at this machine, and described without its password", async () => {
  await using broker = await chooseBroker({ amqpUrl: "amqp://me:secret@rabbit.example:5673/shop" });
  expect(broker.url).toBe("amqp://me:secret@rabbit.example:5673/shop");
  expect(broker.description).toBe("RabbitMQ at rabbit.example:5673 (AMQP_URL)");
});

test("a RabbitMQ on this machine is taken where AMQP_URL is not set or empty, and outlives the run", async () => {
  await using local = await startEmbeddedBroker();
  for (const amqpUrl of [undefined, ""]) {
    await using broker = await chooseBroker({ amqpUrl, localPort: local.port });
    expect(broker).toMatchObject({
      url: `amqp://guest:guest@localhost:${local.port}`,
      description: `RabbitMQ at localhost:${local.port}`,
    });
  }
  await using again = await chooseBroker({ amqpUrl: undefined, localPort: local.port });
  expect(again.description).toContain("RabbitMQ at localhost");
});

test.each([
  ["nothing listens there", undefined],
  ["what listens there ends every connection", (socket: Socket) => socket.destroy()],
  ["what listens there speaks another protocol", (socket: Socket) => socket.write("SSH-2.0-OpenSSH_9.2\r\n")],
])("an embedded broker is started where %s, and says what it is for", async (_, answer) => {
  using taken = await listener(answer ?? (() => undefined));
  if (answer === undefined) taken[Symbol.dispose]();
  const broker = await chooseBroker({ amqpUrl: undefined, localPort: taken.port });
  const port = Number(new URL(broker.url).port);
  {
    await using _ended = broker;
    expect(broker.description).toContain("Warren embedded broker");
    expect(broker.description).toContain("for tests and first runs");
    expect((await chooseBroker({ amqpUrl: undefined, localPort: port })).url).toContain(`localhost:${port}`);
  }
  await using other = await chooseBroker({ amqpUrl: undefined, localPort: port });
  expect(other.description).toContain("Warren embedded broker");
});
