import { connect as dial } from "node:net";
import { startEmbeddedBroker } from "@warren/testing/broker";

/** The broker of one run. Disposing of it ends what was started for the run, and nothing else. */
export interface ChosenBroker extends AsyncDisposable {
  readonly url: string;
  /** For the first line of the run, without a password. */
  readonly description: string;
}

export interface Candidates {
  /** The value of `AMQP_URL`. */
  readonly amqpUrl: string | undefined;
  /** Where a RabbitMQ of this machine would listen. @default 5672 */
  readonly localPort?: number;
}

/** `AMQP_URL`, else the RabbitMQ on this machine, else one that lives in this process as long as the run. */
export async function chooseBroker({ amqpUrl, localPort = 5672 }: Candidates): Promise<ChosenBroker> {
  if (amqpUrl !== undefined && amqpUrl !== "")
    return notOurs(amqpUrl, `RabbitMQ at ${new URL(amqpUrl).host || "localhost"} (AMQP_URL)`);
  if (await speaksAmqp("localhost", localPort))
    return notOurs(`amqp://guest:guest@localhost:${localPort}`, `RabbitMQ at localhost:${localPort}`);
  return startEmbeddedBroker();
}

function notOurs(url: string, description: string): ChosenBroker {
  return { url, description, [Symbol.asyncDispose]: async () => undefined };
}

/** Docker's proxy takes connections for a container that is not ready: only a greeting counts. */
function speaksAmqp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host, port });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => settle(false));
    socket.once("connect", () => socket.write("AMQP\0\0\u0009\u0001"));
    // A method frame, which can only be connection.start.
    socket.once("data", (bytes) => settle(bytes[0] === 1));
    socket.once("error", () => settle(false));
    socket.once("close", () => settle(false));
  });
}
