import { expect, test } from "vitest";
import { describeBrokers } from "../harness/describe-brokers.ts";
import {
  bits,
  contentHeader,
  frame,
  long,
  longlong,
  longstr,
  method,
  octet,
  short,
  shortstr,
  table,
} from "../harness/frames.ts";
import type { RawClient } from "../harness/raw-client.ts";
import type { RawFrame } from "../harness/raw-frame.ts";
import { kinds, ofKind } from "../harness/queue-kinds.ts";
import { refused } from "../harness/refused.ts";

const nothing = Buffer.alloc(2);
const frameMaxBytes = 131_072;
/** A frame has seven octets before its payload and one behind it. */
const largestPayload = frameMaxBytes - 8;

const typed = (type: string, value: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([Buffer.from(type), value]);

function double(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatBE(value);
  return bytes;
}

/** One header value of each type of the wire that RabbitMQ reads. Unsigned ones come back as they were. */
const headerTypes: Readonly<Record<string, Buffer>> = {
  "a boolean": typed("t", octet(1)),
  "a signed octet": typed("b", octet(0x80)),
  "an unsigned octet": typed("B", octet(200)),
  "a signed short": typed("s", short(0x8000)),
  "an unsigned short": typed("u", short(65_535)),
  "a signed long": typed("I", long(0x80000000)),
  "an unsigned long": typed("i", long(4_000_000_000)),
  "a signed longlong": typed("l", longlong(2n ** 63n)),
  "a float": typed("f", float(1.5)),
  "a double": typed("d", double(Math.PI)),
  "a decimal": typed("D", Buffer.concat([octet(2), long(314)])),
  "a long string": typed("S", longstr("ä")),
  bytes: typed("x", longstr(Buffer.from([0, 255]))),
  "a timestamp": typed("T", longlong(1_700_000_000n)),
  "a void": typed("V"),
  "a table": typed("F", table({ inner: typed("t", octet(0)) })),
  "an empty table": typed("F", table({})),
  "an array": typed("A", longstr(Buffer.concat([typed("t", octet(1)), typed("S", longstr("x"))]))),
  "an empty array": typed("A", longstr("")),
};

describeBrokers("What a message is made of", (broker) => {
  async function opened(): Promise<RawClient> {
    const client = await broker.raw();
    await client.openChannel(1);
    return client;
  }

  function publish(client: RawClient, queue: string, header: Buffer, ...bodies: readonly Buffer[]): void {
    client.write(
      frame(1, 1, method("basic.publish", nothing, shortstr(""), shortstr(queue), bits(false, false))),
      frame(2, 1, header),
      ...bodies.map((body) => frame(3, 1, body)),
    );
  }

  /** Gets the next message with noAck, frame by frame. */
  async function fetched(client: RawClient, queue: string): Promise<{ header: RawFrame; bodies: Buffer[] }> {
    const found = await client.call(1, "basic.get", nothing, shortstr(queue), bits(true));
    expect(found.name).toBe("basic.get-ok");
    const header = await client.next();
    const bodies: Buffer[] = [];
    for (let left = Number(header.payload.readBigUInt64BE(4)); left > 0;) {
      const { payload } = await client.next();
      bodies.push(payload);
      left -= payload.length;
    }
    return { header, bodies };
  }

  const withHeaders = (headers: Readonly<Record<string, Buffer>>): Buffer =>
    contentHeader(1, { flags: 1 << 13, properties: table(headers) });

  test("every property comes back as it was sent, octet by octet", async () => {
    const queue = await broker.queue();
    const client = await opened();
    const properties = Buffer.concat([
      shortstr("text/plain"),
      shortstr("gzip"),
      table({ mine: typed("S", longstr("kept")) }),
      octet(2),
      octet(9),
      shortstr("correlation"),
      shortstr("reply"),
      shortstr("3600000"),
      shortstr("message"),
      longlong(1_700_000_000n),
      shortstr("type"),
      shortstr("guest"),
      shortstr("app"),
      shortstr("cluster"),
    ]);
    const header = contentHeader(1, { flags: 0xfffc, properties });
    publish(client, queue, header, Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload.toString("latin1")).toBe(header.toString("latin1"));
  });

  test("properties that are absent stay absent, and an empty table of headers stays", async () => {
    const queue = await broker.queue();
    const client = await opened();
    for (const header of [contentHeader(1), withHeaders({})]) {
      publish(client, queue, header, Buffer.from("1"));
      expect((await fetched(client, queue)).header.payload).toEqual(header);
    }
  });

  test("properties may be empty texts, and a priority 255", async () => {
    const queue = await broker.queue();
    const client = await opened();
    const properties = Buffer.concat([shortstr(""), octet(1), octet(255), shortstr("")]);
    const header = contentHeader(1, { flags: 0x8000 | 0x1000 | 0x0800 | 0x0400, properties });
    publish(client, queue, header, Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload).toEqual(header);
  });

  test.each(Object.entries(headerTypes))("a header that is %s comes back in its type", async (_, value) => {
    const queue = await broker.queue();
    const client = await opened();
    const header = withHeaders({ key: value });
    publish(client, queue, header, Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload.toString("hex")).toBe(header.toString("hex"));
  });

  test("headers keep their order in 3.10, and are sorted by their names in 4.0", async () => {
    const queue = await broker.queue();
    const client = await opened();
    const value = typed("t", octet(1));
    const [a, m, z] = [{ a: value }, { m: value }, { z: value }];
    publish(client, queue, withHeaders({ ...z, ...a, ...m }), Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload).toEqual(
      withHeaders(broker.byVersion({ "3.10": { ...z, ...a, ...m }, "4.0": { ...a, ...m, ...z } })),
    );
  });

  test("headers may have names of 255 octets", async () => {
    const queue = await broker.queue();
    const client = await opened();
    const header = withHeaders({ ["k".repeat(255)]: typed("t", octet(1)) });
    publish(client, queue, header, Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload).toEqual(header);
  });

  test("headers may nest deeply", async () => {
    const queue = await broker.queue();
    const client = await opened();
    let nested = typed("t", octet(1));
    for (let depth = 0; depth < 30; depth++) nested = typed("F", table({ deeper: nested }));
    const header = withHeaders({ nested });
    publish(client, queue, header, Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload).toEqual(header);
  });

  test("headers may fill a frame", async () => {
    const queue = await broker.queue();
    const client = await opened();
    const around = withHeaders({ key: typed("S", longstr("")) }).length;
    const header = withHeaders({ key: typed("S", longstr("x".repeat(largestPayload - around))) });
    expect(header).toHaveLength(largestPayload);
    publish(client, queue, header, Buffer.from("1"));
    expect((await fetched(client, queue)).header.payload.equals(header)).toBe(true);
  });

  test.each([0, 1, largestPayload - 1, largestPayload, largestPayload + 1, 3 * largestPayload + 5])(
    "a body of %i octets comes back whole, in frames as large as may be",
    async (bytes) => {
      for (const kind of kinds) {
        const queue = await broker.queue(ofKind(kind));
        const body = Buffer.from(Array.from({ length: bytes }, (_, place) => place % 251));
        await broker.publish("", queue, body);
        const client = await opened();
        const { bodies } = await fetched(client, queue);
        expect(Buffer.concat(bodies).equals(body)).toBe(true);
        const whole = Math.floor(bytes / largestPayload);
        const rest = bytes % largestPayload;
        expect(bodies.map(({ length }) => length)).toEqual([
          ...Array.from({ length: whole }, () => largestPayload),
          ...(rest > 0 ? [rest] : []),
        ]);
      }
    },
  );

  test("a body may come in frames of any size", async () => {
    const queue = await broker.queue();
    const client = await opened();
    publish(client, queue, contentHeader(6), Buffer.from("a"), Buffer.from("bcd"), Buffer.from("ef"));
    expect((await fetched(client, queue)).bodies.map(String)).toEqual(["abcdef"]);
  });

  test("a body is cut to the frames that the reader has asked for", async () => {
    const queue = await broker.queue();
    await broker.publish("", queue, Buffer.alloc(5_000, "x"));
    const client = await broker.rawSocket();
    await client.login();
    client.tune({ frameMaxBytes: 4_096 });
    const open = await client.call(0, "connection.open", shortstr(broker.vhost), shortstr(""), bits(false));
    expect(open.name).toBe("connection.open-ok");
    await client.openChannel(1);
    expect((await fetched(client, queue)).bodies.map(({ length }) => length)).toEqual([4_088, 912]);
  });

  test("4.0 takes bodies of 16 MiB, and closes the channel with 406 for larger ones; 3.10 takes more", async () => {
    const queue = await broker.queue();
    const channel = await broker.channel();
    const limitBytes = 16_777_216;
    channel.sendToQueue(queue, Buffer.alloc(limitBytes));
    await broker.barrier(channel);
    const sending = (): unknown => channel.sendToQueue(queue, Buffer.alloc(limitBytes + 1));
    if (broker.byVersion({ "3.10": true, "4.0": false })) {
      sending();
      await broker.barrier(channel);
    } else {
      expect(await refused(channel, sending)).toEqual({
        code: 406,
        text: `PRECONDITION_FAILED - message size ${limitBytes + 1} is larger than configured max size ${limitBytes}`,
      });
    }
    expect(await broker.depth(queue)).toBe(broker.byVersion({ "3.10": 2, "4.0": 1 }));
  });

  test.each([0, 3, 7])(
    "a delivery mode of %i closes the channel in 3.10, and is kept in 4.0",
    async (deliveryMode) => {
      const queue = await broker.queue();
      const channel = await broker.channel();
      const sending = (): unknown => channel.sendToQueue(queue, Buffer.from("1"), { deliveryMode });
      if (broker.byVersion({ "3.10": true, "4.0": false })) {
        expect(await refused(channel, sending)).toEqual({
          code: 406,
          text: `PRECONDITION_FAILED - invalid message: {delivery_mode_unknown,${deliveryMode}}`,
        });
      } else {
        sending();
        await broker.barrier(channel);
        expect((await broker.messages(queue))[0]?.properties.deliveryMode).toBe(deliveryMode);
      }
    },
  );
});
