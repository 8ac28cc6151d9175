import type { WarrenError } from "@warren/message";
import type { WireChannel } from "../channel/wire-channel.ts";
import type { ConsumeArguments, WireDelivery } from "../channel/wire-message.ts";

export interface ConsumeChannelOptions extends Omit<ConsumeArguments, "arguments"> {
  readonly queue: string;
  readonly prefetch: number;
  /** The arguments of `basic.consume`; asked for every time, since a stream is taken up again where it was left. */
  readonly arguments?: () => Readonly<Record<string, unknown>>;
  /** Runs on a new channel before it consumes; `again` after the first time: what was declared may be gone. */
  readonly prepare?: (channel: WireChannel, again: boolean) => Promise<void>;
  /** One message; must not throw. `generation` belongs to the delivery tag. */
  readonly delivered: (delivery: WireDelivery, generation: number) => void;
  /** Consuming, for the first time or again. Without a tag: it would, were it not cancelled. */
  readonly up?: (consumerTag: string, generation: number) => void;
  /** The queue could not be prepared or consumed. It will be tried again, unless `failed` follows. */
  readonly setupFailed?: (error: WarrenError) => void;
  /** Not consuming any more; whatever was un-acked goes back to the queue. It will be tried again. */
  readonly down?: (error: WarrenError) => void;
  /** Not consuming, and it will not be tried again; what was un-acked is back in the queue. */
  readonly failed?: (error: WarrenError) => void;
  /** The connection is about to be closed: stop, finish what is at work, settle it. Rejecting is ignored. */
  readonly closing?: (timeoutMs: number) => Promise<void>;
}
