import { BrokerError } from "@warren/message";
import { WireChannel } from "../channel/wire-channel.ts";
import { modelOf } from "../socket/socket-state.ts";
import type { SupervisedSocket } from "../socket/supervised-socket.ts";

/** Looks for an exchange on a channel of its own, which the broker closes when there is none. */
export async function checkExchange(
  socket: SupervisedSocket,
  rpcTimeoutMs: number,
  exchange: string,
): Promise<BrokerError | "unknown" | undefined> {
  const model = modelOf(socket.state);
  if (model === undefined) return "unknown";
  try {
    const channel = await WireChannel.open(
      model,
      { confirm: false, rpcTimeoutMs },
      { closed: () => undefined },
    );
    await channel.checkExchange(exchange);
    void channel.close();
    return undefined;
  } catch (error) {
    return error instanceof BrokerError ? error : "unknown";
  }
}
