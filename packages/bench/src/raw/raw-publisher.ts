import { randomUUID } from "node:crypto";
import { type Order, orderContentType, orderType } from "../order.ts";
import type { PublishingContender, Target } from "../contender.ts";
import { frame, frameType, method, methodFrame, shortString, uint16, uint64 } from "./frames.ts";
import { channelNumber, RawChannel } from "./raw-channel.ts";
import { TagTable } from "./tag-table.ts";

const uuidBytes = 36;
const slabBytes = 65_536;

/**
 * The limit: frames encoded once, into which each message's UUID and JSON are written. All messages of one turn of the
 * event loop leave in one write.
 */
export async function openRawPublisher(target: Target): Promise<PublishingContender> {
  const channel = await RawChannel.open(target.url);
  await channel.call(methodFrame(channelNumber, method.confirmSelect, Buffer.of(0)), method.confirmSelectOk);
  const waiting = new TagTable(target.window);
  channel.onMethod = (id, bytes, offset) => {
    if (id === method.basicAck) {
      waiting.settle(Number(bytes.readBigUInt64BE(offset)), (bytes[offset + 8] ?? 0) === 1);
    } else if (id === method.basicReturn || id === method.basicNack) {
      channel.socket.destroy(new Error("a publish was refused"));
    }
  };

  let template: Template | undefined;
  let slab: Buffer = Buffer.allocUnsafeSlow(slabBytes);
  let used = 0;
  let sent = 0;
  let scheduled = false;
  const flush = (): void => {
    scheduled = false;
    channel.socket.write(slab.subarray(sent, used));
    sent = used;
  };

  return {
    publish(order: Order): Promise<void> {
      const json = JSON.stringify(order);
      if (template?.bodyBytes !== json.length) template = encodeTemplate(target.queue, json.length);
      const { bytes, messageIdAt, bodyAt } = template;
      if (used + bytes.length > slab.length) {
        if (used > sent) flush();
        slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, bytes.length));
        used = 0;
        sent = 0;
      }
      slab.set(bytes, used);
      slab.write(randomUUID(), used + messageIdAt, uuidBytes, "latin1");
      slab.write(json, used + bodyAt, json.length, "latin1");
      used += bytes.length;
      if (!scheduled) {
        scheduled = true;
        process.nextTick(flush);
      }
      return waiting.add();
    },
    close: () => channel.close(),
  };
}

interface Template {
  readonly bytes: Buffer;
  readonly bodyBytes: number;
  readonly messageIdAt: number;
  readonly bodyAt: number;
}

/** The three frames of one publish, with holes where the message id and the body go. */
function encodeTemplate(queue: string, bodyBytes: number): Template {
  const mandatory = Buffer.of(1);
  const publish = methodFrame(
    channelNumber,
    method.basicPublish,
    uint16(0),
    shortString(""),
    shortString(queue),
    mandatory,
  );
  const hasContentType = 0x80_00;
  const hasDeliveryMode = 0x10_00;
  const hasMessageId = 0x00_80;
  const hasTimestamp = 0x00_40;
  const hasType = 0x00_20;
  const flags = hasContentType | hasDeliveryMode | hasMessageId | hasTimestamp | hasType;
  const persistent = Buffer.of(2);
  const hole = "-".repeat(uuidBytes);
  const header = frame(
    frameType.header,
    channelNumber,
    Buffer.concat([
      uint16(60),
      uint16(0),
      uint64(bodyBytes),
      uint16(flags),
      shortString(orderContentType),
      persistent,
      shortString(hole),
      uint64(Math.floor(Date.now() / 1000)),
      shortString(orderType),
    ]),
  );
  const body = frame(frameType.body, channelNumber, Buffer.alloc(bodyBytes));
  const bytes = Buffer.concat([publish, header, body]);
  return {
    bytes,
    bodyBytes,
    messageIdAt: publish.length + header.indexOf(hole),
    bodyAt: publish.length + header.length + 7,
  };
}
