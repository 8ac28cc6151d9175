import {
  aFunction,
  anInteger,
  aShortString,
  milliseconds,
  oneOf,
  resolveOptions,
  type Rules,
} from "@warren/message/authoring";
import type { DiagnosticsEvents, WarrenError } from "@warren/message";
import type { WireChannel } from "../channel/wire-channel.ts";

export interface ConfirmChannelOptions {
  /** For diagnostics. @default "publish" */
  readonly name?: string;
  /** What the diagnostics of its publishes say they are for. @default "publish" */
  readonly purpose?: DiagnosticsEvents["publish"]["purpose"];
  /** Publishes written and not yet answered, at most. @default 1_024 */
  readonly maxInFlight?: number;
  /** Publishes that wait for their turn to be written, at most; ineffective with `whenFull: "refuse"`. @default 10_000 */
  readonly maxWaiting?: number;
  /** Bytes of everything unsettled, in flight or waiting, and 4 KiB for each. One message is taken whatever its size. @default 67_108_864 (64 MiB) */
  readonly maxBufferBytes?: number;
  /**
   * What happens to a publish for which there is no room in flight: `wait` for its turn, within `maxWaiting` and
   * `maxBufferBytes`, beyond which it is refused too; or `refuse` it at once (PUBLISH_BUFFER_FULL).
   * @default "wait"
   */
  readonly whenFull?: "wait" | "refuse";
  /**
   * From each write to the broker's confirm, in milliseconds. The clock stands still while the connection is down or
   * blocked. @default 30_000
   */
  readonly confirmTimeoutMs?: number;
  /** From the call to the outcome, waiting and replays included, in milliseconds. @default 120_000 */
  readonly deliveryTimeoutMs?: number;
  /** Larger bodies are refused before anything is written; RabbitMQ 4 takes 16 MiB. @default 16_777_216 */
  readonly maxBodyBytes?: number;
  /** Runs on every new channel before anything is published on it. */
  readonly setup?: (channel: WireChannel) => Promise<void>;
  /** The channel is gone, and what can be replayed will be; or it is about to be closed, and has settled everything. */
  readonly down?: (error: WarrenError) => void;
}

export type ResolvedConfirmChannelOptions = Readonly<
  Required<Omit<ConfirmChannelOptions, "setup" | "down">> & Pick<ConfirmChannelOptions, "setup" | "down">
>;

export const confirmChannelDefaults: Readonly<Required<Omit<ConfirmChannelOptions, "setup" | "down">>> =
  Object.freeze({
    name: "publish",
    purpose: "publish",
    maxInFlight: 1_024,
    maxWaiting: 10_000,
    maxBufferBytes: 64 * 1024 * 1024,
    whenFull: "wait",
    confirmTimeoutMs: 30_000,
    deliveryTimeoutMs: 120_000,
    maxBodyBytes: 16 * 1024 * 1024,
  });

export const confirmChannelRules: Rules<ConfirmChannelOptions> = {
  name: aShortString,
  purpose: oneOf("publish", "request", "reply", "move"),
  maxInFlight: anInteger(1, 65_535),
  maxWaiting: anInteger(0),
  maxBufferBytes: anInteger(1),
  whenFull: oneOf("wait", "refuse"),
  confirmTimeoutMs: milliseconds(1),
  deliveryTimeoutMs: milliseconds(1),
  maxBodyBytes: anInteger(0, 512 * 1024 * 1024),
  setup: aFunction,
  down: aFunction,
};

/** @throws ConfigError INVALID_OPTION */
export function resolveConfirmChannelOptions(
  input: ConfirmChannelOptions = {},
): ResolvedConfirmChannelOptions {
  return resolveOptions("confirmChannel", input, confirmChannelDefaults, confirmChannelRules);
}
