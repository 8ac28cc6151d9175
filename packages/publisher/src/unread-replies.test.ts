import { expect, test } from "vitest";
import type { Reply } from "./read-reply.ts";
import { UnreadReplies } from "./unread-replies.ts";

const reply = (text: string): Reply => ({ body: Buffer.from(text), properties: {} });
const textOf = (taken: Reply | undefined): string | undefined => taken && Buffer.from(taken.body).toString();

test("there is room for so many, and again when one was taken", () => {
  const unread = new UnreadReplies({ maxBufferedReplies: 2, maxBufferedBytes: 100 });
  expect(["a", "b", "c"].map((text) => unread.add(reply(text)))).toEqual([true, true, false]);
  expect(textOf(unread.take())).toBe("a");
  expect(unread.add(reply("d"))).toBe(true);
  expect([textOf(unread.take()), textOf(unread.take()), unread.take()]).toEqual(["b", "d", undefined]);
});

test("there is room for so many bytes, and again when some were taken", () => {
  const unread = new UnreadReplies({ maxBufferedReplies: 100, maxBufferedBytes: 5 });
  expect(["abc", "de", "f"].map((text) => unread.add(reply(text)))).toEqual([true, true, false]);
  expect(unread).toMatchObject({ count: 2, bytes: 5 });
  unread.take();
  expect(unread.add(reply("ghi"))).toBe(true);
  expect(unread.add(reply("j"))).toBe(false);
});

test("headers take room like bodies, and give it back", () => {
  const unread = new UnreadReplies({ maxBufferedReplies: 100, maxBufferedBytes: 1_000 });
  const large: Reply = { body: Buffer.alloc(0), properties: { headers: { reason: "a".repeat(600) } } };
  expect([unread.add(large), unread.add(large)]).toEqual([true, false]);
  expect(unread.bytes).toBeGreaterThan(600);
  unread.take();
  expect(unread.bytes).toBe(0);
  expect(unread.add(large)).toBe(true);
});
