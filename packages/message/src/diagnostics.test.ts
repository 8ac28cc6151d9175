import { channel, type Channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import { expect, expectTypeOf, test } from "vitest";
import { diagnostics, type DiagnosticsEvents } from "./diagnostics.ts";

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

test("each is Node's own channel, and goes wherever one is wanted", () => {
  for (const each of Object.values(diagnostics)) expect(each).toBe(channel(each.name));
  expectTypeOf(diagnostics.confirm).toExtend<Channel>();
});

test("a listener gets its event with its type", () => {
  const seen: number[] = [];
  const listen = ({ stalledMs }: DiagnosticsEvents["stall"]) => void seen.push(stalledMs);
  diagnostics.stall.subscribe(listen);
  diagnostics.stall.publish({ connection: "c", stalledMs: 3_000 });
  expect(diagnostics.stall.unsubscribe(listen)).toBe(true);
  expect(seen).toEqual([3_000]);
  expectTypeOf(() => {
    diagnostics.confirm.subscribe((event) => {
      expectTypeOf(event).toEqualTypeOf<DiagnosticsEvents["confirm"]>();
      expectTypeOf(event.purpose).toEqualTypeOf<"publish" | "request" | "reply" | "move">();
    });
    // @ts-expect-error an event of another channel
    diagnostics.stall.publish({ queue: "q", deliveryTag: 1 });
  }).toBeFunction();
});
