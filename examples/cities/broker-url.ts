import { connect as dial } from "node:net";

const local = "amqp://guest:guest@localhost:5672";

/** `AMQP_URL`, else the RabbitMQ on this machine, else nothing. */
export async function brokerUrl(): Promise<string | undefined> {
  const given = process.env["AMQP_URL"];
  if (given !== undefined && given !== "") return given;
  return (await answers("localhost", 5672)) ? local : undefined;
}

export const howToGetABroker = `There is no RabbitMQ to run on: AMQP_URL is not set, and nothing listens on localhost:5672. Either
  - start one with Docker:         docker compose up -d rabbitmq
  - or install one (Debian):       apt-get install rabbitmq-server
  - or name one that you have:     AMQP_URL=amqp://user:password@host:5672/vhost npm start
`;

function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = dial({ host, port });
    const finish = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", finish(true));
    socket.once("error", finish(false));
    socket.setTimeout(2_000, finish(false));
  });
}
