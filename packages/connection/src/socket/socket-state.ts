import type { ChannelModel } from "amqplib";

/**
 * The life of one supervised socket.
 *
 * | state        | entered when                                     | holds                 | left when                          |
 * | ------------ | ------------------------------------------------ | --------------------- | ---------------------------------- |
 * | connecting   | it is first asked for                            | attempts so far       | the handshake is done, or close    |
 * | open         | the handshake is done, or `connection.unblocked` | the model, its epoch  | blocked, the link is lost, close   |
 * | blocked      | `connection.blocked` (memory or disk alarm)      | the broker's reason   | unblocked, the link is lost, close |
 * | reconnecting | the link is lost                                 | attempts, the reason  | the handshake is done, or close    |
 * | closing      | `close()`                                        |                       | the socket is gone                 |
 * | closed       | the socket is gone, or reconnecting was given up | why, if not by close  | never                              |
 */
export type SocketState =
  | { readonly kind: "connecting"; readonly attempt: number; readonly error?: unknown }
  | { readonly kind: "open"; readonly model: ChannelModel; readonly epoch: number }
  | {
      readonly kind: "blocked";
      readonly model: ChannelModel;
      readonly epoch: number;
      readonly reason: string;
    }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly error?: unknown }
  | { readonly kind: "closing" }
  | { readonly kind: "closed"; readonly error?: unknown };

/** The live model, or nothing when there is none. */
export function modelOf(state: SocketState): ChannelModel | undefined {
  return state.kind === "open" || state.kind === "blocked" ? state.model : undefined;
}
