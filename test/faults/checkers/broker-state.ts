import type { BrokerControl } from "@warren/testing";
import { expect } from "vitest";

/** What is left in a virtual host. */
export interface BrokerState {
  readonly connections: number;
  readonly channels: number;
  /** By name. */
  readonly queues: Readonly<Record<string, QueueState>>;
}

export interface QueueState {
  readonly ready: number;
  readonly unacked: number;
  readonly consumers: number;
}

/** K8: what the broker itself says is there. A quorum queue's counts may be some seconds old: poll. */
export async function brokerState(control: BrokerControl, vhost: string): Promise<BrokerState> {
  const text = await control.evalErlang(`begin
    VHost = <<"${vhost}">>,
    In = fun(Infos) -> length([I || I <- Infos, proplists:get_value(vhost, I) =:= VHost]) end,
    Queues = [[element(4, Name) | Values] || [{name, Name} | Items] <-
      rabbit_amqqueue:info_all(VHost, [name, messages_ready, messages_unacknowledged, consumers]),
      Values <- [[Value || {_, Value} <- Items]]],
    Connections = rabbit_networking:connection_info_all([vhost]),
    Channels = rabbit_channel:info_all([vhost]),
    binary_to_list(iolist_to_binary([
      io_lib:format("~b ~b~n", [In(Connections), In(Channels)]),
      [io_lib:format("~p ~p ~p ~s~n", [R, U, C, N]) || [N, R, U, C] <- Queues]])) end`);
  return parseState(JSON.parse(text) as string);
}

/** Connections and channels on the first line; then ready, un-acked, consumers and name of each queue. */
export function parseState(text: string): BrokerState {
  const [first = "", ...lines] = text.trimEnd().split("\n");
  const [connections, channels] = first.split(" ").map(Number);
  const queues = lines.map((line) => {
    const [ready, unacked, consumers, ...name] = line.split(" ");
    const state: QueueState = {
      ready: Number(ready),
      unacked: Number(unacked),
      consumers: Number(consumers),
    };
    return [name.join(" "), state] as const;
  });
  return { connections: connections!, channels: channels!, queues: Object.fromEntries(queues) };
}

/** Polls until the broker is as expected; fails with the difference otherwise. What is not named is not compared. */
export async function expectBrokerState(
  control: BrokerControl,
  vhost: string,
  expected: Partial<BrokerState>,
  timeoutMs = 15_000,
): Promise<void> {
  await expect
    .poll(() => brokerState(control, vhost), { timeout: timeoutMs, interval: 100 })
    .toMatchObject(expected);
}
