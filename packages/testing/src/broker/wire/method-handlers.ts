import type { MethodArguments, MethodName } from "../codec/method-table.ts";
import type { Channel } from "./channel.ts";

/** What a channel does with the methods of one class. Those that are no client's to send are missing. */
export type MethodHandlers = {
  readonly [N in MethodName]?: (channel: Channel, args: MethodArguments<N>) => void;
};
