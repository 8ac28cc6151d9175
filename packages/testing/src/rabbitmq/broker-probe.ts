import { connect } from "node:net";

/** What a broker says of itself before anyone logs in. */
export interface BrokerGreeting {
  /** For example 3.10.8; empty for a broker that does not tell. */
  readonly version: string;
}

/** Sends the AMQP protocol header and waits for `connection.start`; undefined when nobody answers as a broker does. */
export function greet(
  port: number,
  host = "127.0.0.1",
  timeoutMs = 5_000,
): Promise<BrokerGreeting | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const settle = (greeting?: BrokerGreeting): void => {
      socket.destroy();
      resolve(greeting);
    };
    socket.setTimeout(timeoutMs, () => settle());
    socket.once("connect", () => socket.write(Buffer.from("AMQP\0\0\x09\x01", "latin1")));
    socket.once("data", (bytes) => settle(bytes[0] === 1 ? { version: versionIn(bytes) } : undefined));
    socket.once("error", () => settle());
    socket.once("close", () => settle());
  });
}

/** The long string after the key `version` among the server properties. */
function versionIn(start: Buffer): string {
  const key = Buffer.from("\x07versionS", "latin1");
  const at = start.indexOf(key);
  if (at < 0 || at + key.length + 4 > start.length) return "";
  const begin = at + key.length + 4;
  return start.toString("utf8", begin, begin + start.readUInt32BE(begin - 4));
}
