import { createSocket, type Socket } from "node:dgram";
import { createServer } from "node:net";
import { LaunchError } from "./launch-error.ts";

/** Below the range from which systems take the ports of outgoing connections, so that none of those gets in between. */
const firstPort = 20_000;
const lastPort = 31_999;

export interface PortClaim {
  readonly port: number;
  release(): void;
}

/**
 * A free TCP port on the loopback interface that nobody else who asks this way gets until it is released.
 *
 * The claim is a bound UDP socket of the same number: exclusive among all processes of the machine, and the system
 * gives it back when this process dies.
 */
export async function claimPort(): Promise<PortClaim> {
  const count = lastPort - firstPort + 1;
  const start = Math.floor(Math.random() * count);
  for (let step = 0; step < count; step += 1) {
    const port = firstPort + ((start + step) % count);
    const claim = await bind(port);
    if (claim === undefined) continue;
    if (await isFree(port)) return { port, release: () => claim.close() };
    claim.close();
  }
  throw new LaunchError(`no free TCP port between ${firstPort} and ${lastPort}`);
}

function bind(port: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    socket.once("error", () => {
      socket.close();
      resolve(undefined);
    });
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => {
      socket.unref();
      resolve(socket);
    });
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
