import type { Connection } from "@warren/connection";
import { BrokerError, ConnectionError, WarrenError } from "@warren/message";
import { expect, test } from "vitest";
import { ConfirmedPublishes } from "./confirmed-publishes.ts";
import { Gate } from "../world.test-support.ts";

const move = { exchange: "", routingKey: "billing.dead", body: Buffer.from("{}"), mandatory: true };
const wanted = (): boolean => true;

function connectionWith(confirmChannel: () => unknown): Connection {
  return { channels: { confirm: confirmChannel } } as unknown as Connection;
}

test("a publish that finds the connection closed is abandoned", async () => {
  const connection = connectionWith(() => {
    throw new ConnectionError("CONNECTION_CLOSED", "the connection is closed");
  });
  const publishes = new ConfirmedPublishes(connection, "move billing", () => undefined);
  expect(await publishes.publish(move, { wanted })).toBe("abandoned");
});

const invalid = new WarrenError("PUBLISH_INVALID", "correlationId is longer than 255 bytes");

test.each([
  [{ status: "returned", replyCode: 312, replyText: "NO_ROUTE" }, "PUBLISH_RETURNED"],
  [{ status: "nacked" }, "PUBLISH_NACKED"],
  [{ status: "timed-out", afterMs: 30_000 }, "PUBLISH_TIMEOUT"],
  [{ status: "refused", error: invalid }, "PUBLISH_INVALID"],
])("a move that is %o is a refusal as long as it waits for another try", async (confirmation, code) => {
  const channel = { publish: () => Promise.resolve(confirmation), close: () => Promise.resolve() };
  const refused = new Gate();
  const publishes = new ConfirmedPublishes(
    connectionWith(() => channel),
    "move billing",
    () => refused.open(),
  );
  const ended = publishes.publish(move, { wanted });
  await refused.opened;
  expect(publishes.refusal).toMatchObject({ code });
  await publishes.close(100);
  expect(await ended).toBe("abandoned");
  expect(publishes.refusal).toBeUndefined();
});

const tooLarge = new BrokerError(
  "BROKER_PRECONDITION_FAILED",
  "message size 20000000 is larger than 16777216",
  {
    replyCode: 406,
    replyText: "PRECONDITION_FAILED",
    method: "basic.publish",
    scope: "channel",
  },
);

test.each([
  [{ status: "returned", replyCode: 312, replyText: "NO_ROUTE" }, "returned"],
  [{ status: "nacked" }, "returned"],
  [{ status: "refused", error: invalid }, "condemned"],
  [{ status: "refused", error: tooLarge }, "condemned"],
])("a reply that is %o ends with its first try, and is no refusal", async (confirmation, end) => {
  const changes: unknown[] = [];
  let tries = 0;
  const channel = { publish: () => (tries++, Promise.resolve(confirmation)), close: () => Promise.resolve() };
  const publishes = new ConfirmedPublishes(
    connectionWith(() => channel),
    "reply billing",
    () => changes.push(publishes.refusal),
  );
  expect(await publishes.publish(move, { wanted, mayBeReturned: true })).toBe(end);
  expect({ tries, changes }).toEqual({ tries: 1, changes: [] });
});
