import { connect } from "node:net";

/** Whether something on this port answers the AMQP protocol header as a broker does, with `connection.start`. */
export function answersAmqp(port: number, host = "127.0.0.1", timeoutMs = 5_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutMs, () => settle(false));
    socket.once("connect", () => socket.write(Buffer.from("AMQP\0\0\x09\x01", "latin1")));
    socket.once("data", (bytes) => settle(bytes[0] === 1));
    socket.once("error", () => settle(false));
    socket.once("close", () => resolve(false));
  });
}
