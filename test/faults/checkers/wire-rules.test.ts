import { expect, test } from "vitest";
import { seenFrame } from "./seen-frame.ts";
import { WireRules } from "./wire-rules.ts";

/** tune-ok with channel_max 0, this frame_max and heartbeat 0. */
function tuneOk(frameMax: number): Buffer {
  const payload = Buffer.alloc(12);
  payload.writeUInt16BE(10, 0);
  payload.writeUInt16BE(31, 2);
  payload.writeUInt32BE(frameMax, 6);
  return payload;
}

function working(): WireRules {
  const rules = new WireRules();
  rules.frame(seenFrame("connection.tune-ok", "toServer", {}, tuneOk(4_096)));
  rules.frame(seenFrame("channel.open", "toServer"));
  for (const deliveryTag of [1, 2, 3]) rules.frame(seenFrame("basic.deliver", "toClient", { deliveryTag }));
  rules.frame(seenFrame("basic.ack", "toServer", { deliveryTag: 2, multiple: true }));
  rules.frame(seenFrame("connection.blocked", "toClient"));
  rules.frame(seenFrame("basic.ack", "toServer", { deliveryTag: 3 }));
  rules.frame(seenFrame("connection.unblocked", "toClient"));
  rules.frame(seenFrame("basic.publish", "toServer", {}, Buffer.alloc(4_088)));
  return rules;
}

test("K7 finds nothing on a wire that keeps the rules", () => {
  expect(working().problems()).toEqual([]);
});

test.each([
  ["twice", { deliveryTag: 3 }],
  ["for a tag that never was", { deliveryTag: 9 }],
  ["for a top that is settled", { deliveryTag: 3, multiple: true }],
])("K7 finds an ack %s", (_how, fields) => {
  const rules = working();
  rules.frame(seenFrame("basic.ack", "toServer", fields));
  expect(rules.problems()).toEqual([
    `connection 1, channel 1: basic.ack of tag ${fields.deliveryTag}, which is not outstanding`,
  ]);
});

test("K7 finds an ack for a delivery of the channel's former life", () => {
  const rules = working();
  rules.frame(seenFrame("basic.deliver", "toClient", { deliveryTag: 4 }));
  rules.frame(seenFrame("channel.open", "toServer"));
  rules.frame(seenFrame("basic.ack", "toServer", { deliveryTag: 4 }));
  expect(rules.problems()).toEqual([expect.stringContaining("basic.ack of tag 4")]);
});

test("K7 finds a publish while blocked", () => {
  const rules = working();
  rules.frame(seenFrame("connection.blocked", "toClient"));
  rules.frame(seenFrame("basic.publish", "toServer"));
  expect(rules.problems()).toEqual(["connection 1, channel 1: a publish while blocked"]);
});

test("K7 finds a frame that is one byte too large", () => {
  const rules = working();
  rules.frame(seenFrame("basic.publish", "toServer", {}, Buffer.alloc(4_089)));
  expect(rules.problems()).toEqual(["connection 1, channel 1: a frame of 4097 bytes, over 4096"]);
});
