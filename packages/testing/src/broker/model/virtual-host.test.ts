import { describe, expect, test } from "vitest";
import { ManualClock } from "../manual-clock.ts";
import { versionRules } from "../version.ts";
import { VirtualHost } from "./virtual-host.ts";

const owner = { name: "a connection" };
const message = (exchange: string, routingKey: string) => ({
  exchange,
  routingKey,
  properties: {},
  body: Buffer.from("body"),
});
const queueNamed = (name: string) => ({
  name,
  durable: false,
  exclusive: false,
  autoDelete: false,
  arguments: new Map(),
});

function openVirtualHost(): VirtualHost {
  return new VirtualHost("/", { rules: versionRules["3.10"], clock: new ManualClock() });
}

describe("VirtualHost", () => {
  test("the default exchange leads to the queue of that name", () => {
    const vhost = openVirtualHost();
    const queue = vhost.declareQueue(queueNamed("q"), owner);
    expect(vhost.publish(message("", "q"))).toEqual({ routed: true, accepted: true });
    expect(queue.readyCount).toBe(1);
    expect(vhost.publish(message("", "other"))).toEqual({ routed: false, accepted: true });
  });
});
