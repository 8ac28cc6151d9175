import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { connect, type Connection } from "@warren/connection";
import { createConsumer } from "./create-consumer.ts";
import { onAny } from "./handler.ts";
import { createWorld, Seen } from "./world.test-support.ts";

const broker = useBroker();

async function as(user: string): Promise<Connection> {
  const url = new URL(broker.url);
  url.username = user;
  url.password = user;
  return connect(url.href);
}

describe("S9: a user with few permissions", () => {
  it("consumes with read alone, and what fails goes to the dead-letter queue through the broker", async () => {
    await using world = await createWorld(broker.url);
    const user = broker.name("reader");
    const permissions = { configure: "^$", write: "^$", read: `^${world.queue.name}$` };
    await broker.control.addUser({
      name: user,
      password: user,
      permissions: { [broker.vhost]: permissions },
    });
    await using connection = await as(user);
    const seen = new Seen<string | undefined>();
    const consumer = createConsumer(connection, {
      queue: world.queue.name,
      handlers: [
        onAny(({ messageId }) => {
          seen.add(messageId);
          if (messageId === "bad") throw new Error("boom");
        }),
      ],
    });
    await consumer.start();
    await world.order("good");
    await world.order("bad");
    const [dead] = await world.take(1);
    expect(dead!.properties.messageId).toBe("bad");
    await consumer.idle();
    expect(seen.items).toEqual(["good", "bad"]);
  });

  it("fails to start without read permission, with the broker's reason", async () => {
    await using world = await createWorld(broker.url);
    const user = broker.name("stranger");
    const permissions = { configure: "^$", write: "^$", read: "^$" };
    await broker.control.addUser({
      name: user,
      password: user,
      permissions: { [broker.vhost]: permissions },
    });
    await using connection = await as(user);
    const consumer = createConsumer(connection, {
      queue: world.queue.name,
      handlers: [onAny(() => undefined)],
    });
    await expect(consumer.start()).rejects.toMatchObject({ code: "BROKER_ACCESS_REFUSED", replyCode: 403 });
    expect(connection.healthy()).toBe(false);
  });
});
