import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { connect, type Connection } from "@warren/connection";
import { type Codec, codecs, defineMessage, type PublishError } from "@warren/message";
import { type FaultProxy, startFaultProxy } from "@warren/testing";
import { useBroker } from "@warren/testing/vitest";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { createPublisher } from "./publisher.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const broker = useBroker();
let proxy: FaultProxy;
let connection: Connection;

beforeEach(async () => {
  proxy = await startFaultProxy({ target: { port: Number(new URL(broker.url).port || 5672) } });
  connection = await connect(proxy.url(broker.url));
});
afterEach(async () => {
  await proxy.heal();
  await connection.close();
  await proxy.close();
});

const Order = defineMessage({
  type: "order",
  exchange: "amq.topic",
  routingKey: "order",
  schema: z.object({ id: z.string() }),
});

test("a publish for which there is no room is refused before its payload is encoded", async () => {
  const json = codecs().for("application/json");
  let encodedCount = 0;
  const counting: Codec = {
    ...json,
    encode: (payload) => {
      encodedCount++;
      return json.encode(payload);
    },
  };
  await using publisher = createPublisher(connection, {
    codecs: codecs(counting),
    maxInFlight: 1,
    maxWaiting: 0,
  });
  proxy.blackHole("toServer");
  const waiting = publisher.publish(Order, { id: "1" }, { mandatory: false });
  const refused = await publisher.publish(Order, { id: "2" }).catch((error: PublishError) => error);
  expect(refused).toMatchObject({
    code: "PUBLISH_BUFFER_FULL",
    outcome: { status: "refused", stored: "no" },
  });
  expect(encodedCount).toBe(1);
  await proxy.heal();
  await waiting;
});

test("a publish that waits holds on to its bytes, not to its payload", async () => {
  await using publisher = createPublisher(connection);
  proxy.blackHole("toServer");
  let payload: { id: string } | undefined = { id: "1" };
  const held = new WeakRef(payload);
  const waiting = publisher.publish(Order, payload, { mandatory: false });
  payload = undefined;
  // A WeakRef keeps its target until the end of the turn that made it.
  await new Promise((resolve) => setImmediate(resolve));
  collectGarbage();
  expect(held.deref()).toBeUndefined();
  await proxy.heal();
  await waiting;
});
