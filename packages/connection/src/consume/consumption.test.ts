import { expect, test } from "vitest";
import type { WireChannel } from "../channel/wire-channel.ts";
import { Consumption } from "./consumption.ts";

test("cancelling while basic.consume is on its way is done when the consumer that comes of it is cancelled", async () => {
  const steps: string[] = [];
  let consumed: (consumerTag: string) => void = () => undefined;
  const channel = {
    open: true,
    prefetch: () => Promise.resolve(),
    consume() {
      steps.push("consume");
      return new Promise<string>((resolve) => (consumed = resolve));
    },
    cancel(consumerTag: string) {
      steps.push(`cancel ${consumerTag}`);
      return Promise.resolve();
    },
  } as unknown as WireChannel;
  const options = { queue: "billing", prefetch: 1, delivered: () => undefined };
  const paused = { consuming: false, prefetch: 1 };
  const consumption = new Consumption(channel, 1, options, paused, () => undefined);
  await consumption.limit();
  await consumption.begin();
  void consumption.adjust({ consuming: true, prefetch: 1 });
  const cancelled = consumption.adjust(paused).then(() => steps.push("done"));
  consumed("tag");
  await cancelled;
  expect(steps).toEqual(["consume", "cancel tag", "done"]);
  expect(consumption.consumerTag).toBeUndefined();
});
