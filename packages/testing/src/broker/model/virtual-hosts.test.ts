import { expect, test } from "vitest";
import { ManualClock } from "../manual-clock.ts";
import { versionRules } from "../version.ts";
import { VirtualHosts } from "./virtual-hosts.ts";

const owner = { name: "a connection" };
const declaration = { name: "q", durable: false, exclusive: false, autoDelete: false, arguments: new Map() };

const openVirtualHosts = (): VirtualHosts =>
  new VirtualHosts({ rules: versionRules["3.10"], clock: new ManualClock() });

test("a virtual host that was not added is refused by its name", () => {
  expect(() => openVirtualHosts().get("it's")).toThrow("NOT_ALLOWED - vhost it's not found");
});

test("adding one twice keeps what it holds", () => {
  const vhosts = openVirtualHosts();
  vhosts.add("orders").declareQueue(declaration, owner);
  expect(vhosts.add("orders").hasQueue("q")).toBe(true);
  expect([...vhosts].map(({ name }) => name)).toEqual(["orders"]);
});

test("virtual hosts know nothing of one another's queues", () => {
  const vhosts = openVirtualHosts();
  vhosts.add("one").declareQueue(declaration, owner);
  expect(() => vhosts.add("two").queue("q", owner)).toThrow("NOT_FOUND - no queue 'q' in vhost 'two'");
});

test("deleting one ends its queues", () => {
  const vhosts = openVirtualHosts();
  const queue = vhosts.add("orders").declareQueue(declaration, owner);
  queue.publish({ exchange: "", routingKey: "q", properties: {}, body: Buffer.from("body") });
  expect(vhosts.delete("orders")).toBe(true);
  expect(queue.readyCount).toBe(0);
  expect(() => vhosts.get("orders")).toThrow("NOT_ALLOWED - vhost orders not found");
  expect(vhosts.delete("orders")).toBe(false);
});
