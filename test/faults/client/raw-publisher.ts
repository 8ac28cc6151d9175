import { once } from "node:events";
import { connect } from "node:net";
import { FrameReader, type MethodName } from "@warren/testing";

const frameEnd = Buffer.of(0xce);

function frame(type: 1 | 2 | 3, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head.writeUInt8(type, 0);
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, frameEnd]);
}

function method(channel: number, classId: number, methodId: number, ...rest: readonly Buffer[]): Buffer {
  const ids = Buffer.alloc(4);
  ids.writeUInt16BE(classId, 0);
  ids.writeUInt16BE(methodId, 2);
  return frame(1, channel, Buffer.concat([ids, ...rest]));
}

function shortString(text: string): Buffer {
  return Buffer.concat([Buffer.of(Buffer.byteLength(text)), Buffer.from(text)]);
}

function longString(text: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
}

/** A header table that holds a table that holds a table: 7 bytes a level, deeper than a recursive encoder could write. */
export function nestedTable(levels: number): Buffer {
  const bytes = Buffer.alloc(4 + levels * 7);
  for (let level = 0; level < levels; level++) {
    const at = level * 7;
    bytes.writeUInt32BE((levels - level) * 7, at);
    bytes.write("\u0001aF", at + 4, "latin1");
  }
  return bytes;
}

/** Publishes one message to a queue with header bytes that no client library would write; resolves with its confirm. */
export async function publishRaw(url: string, queue: string, headers: Buffer, body: Buffer): Promise<void> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const vhost = decodeURIComponent(pathname.slice(1)) || "/";
  const socket = connect(Number(port || 5672), hostname);
  const reader = new FrameReader();
  const seen: (MethodName | undefined)[] = [];
  socket.on("data", (bytes) => seen.push(...reader.push(bytes).map(({ method }) => method)));
  const answer = async (wanted: MethodName): Promise<void> => {
    while (!seen.includes(wanted)) await once(socket, "data");
  };
  socket.write(Buffer.from("AMQP\0\0\u0009\u0001", "latin1"));
  await answer("connection.start");
  const login = `\0${decodeURIComponent(username || "guest")}\0${decodeURIComponent(password || "guest")}`;
  socket.write(
    method(0, 10, 11, Buffer.alloc(4), shortString("PLAIN"), longString(login), shortString("en_US")),
  );
  await answer("connection.tune");
  const [channelMax, frameMax, heartbeat] = [Buffer.of(0, 8), Buffer.of(0, 2, 0, 0), Buffer.alloc(2)];
  socket.write(method(0, 10, 31, channelMax, frameMax, heartbeat));
  socket.write(method(0, 10, 40, shortString(vhost), Buffer.alloc(2)));
  await answer("connection.open-ok");
  socket.write(method(1, 20, 10, shortString("")));
  await answer("channel.open-ok");
  socket.write(method(1, 85, 10, Buffer.of(0)));
  await answer("confirm.select-ok");
  const properties = Buffer.alloc(14);
  properties.writeUInt16BE(60, 0);
  properties.writeBigUInt64BE(BigInt(body.length), 4);
  properties.writeUInt16BE(0x2000, 12);
  socket.write(
    Buffer.concat([
      method(1, 60, 40, Buffer.alloc(2), shortString(""), shortString(queue), Buffer.of(1)),
      frame(2, 1, Buffer.concat([properties, headers])),
      frame(3, 1, body),
    ]),
  );
  await answer("basic.ack");
  socket.destroy();
}
