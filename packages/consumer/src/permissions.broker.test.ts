import type { Permissions } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { describe, expect, it } from "vitest";
import { connect, type Connection } from "@warren/connection";
import { diagnostics } from "@warren/message";
import { createConsumer } from "./create-consumer.ts";
import { onAny } from "./handling/handler.ts";
import { createWorld, recorded, Seen } from "./world.test-support.ts";

const broker = useBroker();

/** With a password like the name. */
async function addUser(name: string, permissions: Required<Permissions>): Promise<void> {
  if (broker.kind === "embedded") broker.embedded.addUser(name, { password: name, permissions });
  else await broker.control.addUser({ name, password: name, permissions: { [broker.vhost]: permissions } });
}

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
    await addUser(user, permissions);
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
    await addUser(user, permissions);
    await using connection = await as(user);
    const consumer = createConsumer(connection, {
      queue: world.queue.name,
      handlers: [onAny(() => undefined)],
    });
    await expect(consumer.start()).rejects.toMatchObject({ code: "BROKER_ACCESS_REFUSED", replyCode: 403 });
    expect(connection.healthy()).toBe(false);
  });

  it("is not healthy while its failed messages may not be moved, and is again after the permission is there", async (context) => {
    if (broker.kind === "embedded")
      context.skip("The embedded broker does not change the permissions of a connection that is open.");
    await using world = await createWorld(broker.url);
    const user = broker.name("reader");
    const permissions = { configure: "^$", write: "^$", read: `^${world.queue.name}$` };
    await addUser(user, permissions);
    await using connection = await as(user);
    await using consumer = createConsumer(connection, {
      queue: world.queue,
      handlers: [onAny(() => Promise.reject(new Error("boom")))],
    });
    using events = recorded<{ readonly queue: string }>(diagnostics.consumerState);
    const changes = consumer.status();
    await consumer.start();
    await Promise.all(["a", "b", "c"].map((id) => world.order(id)));
    const refused = { to: "consuming", error: { code: "BROKER_ACCESS_REFUSED" } };
    for await (const change of changes) if (change.error !== undefined) break;
    expect(events.items.at(-1)).toMatchObject({ queue: world.queue.name, ...refused });
    expect(consumer.state).toMatchObject({ kind: "consuming", error: refused.error });
    expect(consumer.healthy()).toBe(false);
    expect(connection.healthy()).toBe(false);
    const granted = consumer.status();
    await broker.control.setPermissions(user, { ...permissions, write: ".*" }, broker.vhost);
    for await (const change of granted) if (change.error === undefined) break;
    expect(consumer.state).toEqual({ kind: "consuming" });
    expect(consumer.healthy()).toBe(true);
    expect(connection.healthy()).toBe(true);
    await consumer.idle();
  });
});
