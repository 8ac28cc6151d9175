import type { ProxiedConnection, SeenFrame } from "@warren/testing";
import { expect, test } from "vitest";
import { WireInFlight } from "./wire-in-flight.ts";

/** A connection, and what closes it. */
function connection(): {
  readonly frames: (...all: Frame[]) => void;
  readonly close: () => void;
  wire: WireInFlight;
} {
  const wire = new WireInFlight();
  let close = (): void => undefined;
  const made = { closed: new Promise<void>((resolve) => (close = resolve)) } as ProxiedConnection;
  const frames = (...all: Frame[]): void => {
    for (const [direction, method, fields = {}] of all)
      wire.frame({ connection: made, channel: 1, direction, method, fields } as unknown as SeenFrame);
  };
  return { wire, frames, close };
}

type Frame = readonly [
  SeenFrame["direction"],
  NonNullable<SeenFrame["method"]>,
  { readonly deliveryTag?: number; readonly multiple?: boolean }?,
];

const publish: Frame = ["toServer", "basic.publish"];
const deliver = (deliveryTag: number): Frame => ["toClient", "basic.deliver", { deliveryTag }];

test("publishes are in flight until the broker answers them, deliveries until the client does", () => {
  const { wire, frames } = connection();
  frames(publish, publish, publish, deliver(1), deliver(2), deliver(3), deliver(4));
  expect(wire.now).toEqual({ publishes: 3, deliveries: 4 });
  frames(["toClient", "basic.ack", { deliveryTag: 2, multiple: true }]);
  expect(wire.now).toEqual({ publishes: 1, deliveries: 4 });
  frames(
    ["toServer", "basic.ack", { deliveryTag: 3 }],
    ["toServer", "basic.nack", { deliveryTag: 2, multiple: true }],
  );
  expect(wire.now).toEqual({ publishes: 1, deliveries: 1 });
  frames(["toClient", "basic.nack", { deliveryTag: 3 }], ["toServer", "basic.reject", { deliveryTag: 4 }]);
  expect(wire.now).toEqual({ publishes: 0, deliveries: 0 });
  expect(wire.settledDeliveries).toBe(4);
});

test("a channel that is opened anew counts from 1, and what it had before is in flight no more", () => {
  const { wire, frames } = connection();
  frames(publish, deliver(1), ["toServer", "channel.open"], publish);
  expect(wire.now).toEqual({ publishes: 1, deliveries: 0 });
  frames(["toClient", "basic.ack", { deliveryTag: 1 }]);
  expect(wire.now).toEqual({ publishes: 0, deliveries: 0 });
});

test("nothing is in flight on a connection that is closed or was cut", async () => {
  const closed = connection();
  closed.frames(publish, deliver(1));
  closed.close();
  await expect.poll(() => closed.wire.now).toEqual({ publishes: 0, deliveries: 0 });

  const cut = connection();
  cut.frames(publish, deliver(1));
  cut.wire.cut();
  expect(cut.wire.now).toEqual({ publishes: 0, deliveries: 0 });
});
