import { expect, test, vi } from "vitest";
import { StatusFeed } from "./status-feed.ts";

const change = { from: "open", to: "reconnecting" } as const;

test("changes are read in order, and the loop ends with the feed", async () => {
  const feed = new StatusFeed(() => undefined);
  feed.push(change);
  feed.push({ from: "reconnecting", to: "open" });
  feed.end();
  const seen: string[] = [];
  for await (const { to } of feed) seen.push(to);
  expect(seen).toEqual(["reconnecting", "open"]);
});

test("a reader that waits gets the next change", async () => {
  const feed = new StatusFeed(() => undefined);
  const next = feed.next();
  feed.push(change);
  await expect(next).resolves.toEqual({ done: false, value: change });
});

test("breaking out of the loop gives the feed up", async () => {
  const left = vi.fn<() => void>();
  const feed = new StatusFeed(left);
  feed.push(change);
  for await (const _ of feed) break;
  expect(left).toHaveBeenCalledOnce();
});

test("a reader that never reads costs bounded memory", async () => {
  const feed = new StatusFeed(() => undefined);
  for (let count = 0; count < 5_000; count++) feed.push(change);
  feed.end();
  let read = 0;
  for await (const _ of feed) read++;
  expect(read).toBe(1_000);
});

test("is left once, by its end or by its reader", async () => {
  const left = vi.fn<() => void>();
  const feed = new StatusFeed(left);
  feed.end();
  expect(left).toHaveBeenCalledOnce();
  await feed.return();
  expect(left).toHaveBeenCalledOnce();
});
