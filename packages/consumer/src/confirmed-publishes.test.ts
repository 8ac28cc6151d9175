import type { Connection } from "@warren/connection";
import { ConnectionError } from "@warren/message";
import { expect, test } from "vitest";
import { ConfirmedPublishes } from "./confirmed-publishes.ts";

const move = { exchange: "", routingKey: "billing.dead", body: Buffer.from("{}"), mandatory: true };
const wanted = (): boolean => true;

function connectionWith(confirmChannel: () => unknown): Connection {
  return { confirmChannel } as unknown as Connection;
}

test("a publish that finds the connection closed is abandoned", async () => {
  const connection = connectionWith(() => {
    throw new ConnectionError("CONNECTION_CLOSED", "the connection is closed");
  });
  const publishes = new ConfirmedPublishes(connection, "move billing", () => undefined);
  expect(await publishes.publish(move, { wanted })).toBe("abandoned");
});
