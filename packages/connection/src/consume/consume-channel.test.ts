import { DeliveryError } from "@warren/message";
import { expect, test } from "vitest";
import type { ResolvedConnectOptions } from "../connect-options.ts";
import type { SocketUser, SupervisedSocket } from "../socket/supervised-socket.ts";
import { ConsumeChannel } from "./consume-channel.ts";

test("closing a channel takes its complaint back, and nothing is complained of afterwards", async () => {
  const users = new Set<SocketUser>();
  const socket = {
    kind: "consume",
    state: { kind: "connecting" },
    onState: () => () => undefined,
    join(user: SocketUser) {
      users.add(user);
      return () => users.delete(user);
    },
  } as unknown as SupervisedSocket;
  const options = { queue: "billing", prefetch: 1, delivered: () => undefined };
  const channel = new ConsumeChannel(socket, {} as ResolvedConnectOptions, options);
  const stalled = new DeliveryError("HANDLERS_STALLED", "it has begun nothing");
  channel.complain(stalled);
  expect([...users].map(({ failure }) => failure)).toContain(stalled);
  await channel.close();
  channel.complain(stalled);
  expect(users).toEqual(new Set());
});
