import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, test } from "vitest";
import { diagnostics } from "./diagnostics.ts";

test("every channel has a name of its own, written scope:area:thing", () => {
  const names = Object.values(diagnostics).map((channel) => String(channel.name));
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^warren:[a-z]+:[a-z]+(-[a-z]+)*$/);
});

test("who subscribes by name gets what is published, and nobody else makes a channel busy", () => {
  const seen: unknown[] = [];
  const listen = (event: unknown) => seen.push(event);
  expect(diagnostics.stall.hasSubscribers).toBe(false);
  subscribe("warren:process:stall", listen);
  diagnostics.stall.publish({ connection: "c", stalledMs: 3_000 });
  unsubscribe("warren:process:stall", listen);
  expect(seen).toEqual([{ connection: "c", stalledMs: 3_000 }]);
});
