/** The reply codes of AMQP 0-9-1 with the names that RabbitMQ puts before its texts. */
export const replyNames = {
  311: "CONTENT_TOO_LARGE",
  312: "NO_ROUTE",
  313: "NO_CONSUMERS",
  320: "CONNECTION_FORCED",
  402: "INVALID_PATH",
  403: "ACCESS_REFUSED",
  404: "NOT_FOUND",
  405: "RESOURCE_LOCKED",
  406: "PRECONDITION_FAILED",
  501: "FRAME_ERROR",
  502: "SYNTAX_ERROR",
  503: "COMMAND_INVALID",
  504: "CHANNEL_ERROR",
  505: "UNEXPECTED_FRAME",
  506: "RESOURCE_ERROR",
  530: "NOT_ALLOWED",
  540: "NOT_IMPLEMENTED",
  541: "INTERNAL_ERROR",
} as const;

export type ReplyCode = keyof typeof replyNames;

/** What a client did wrong. The wire layer closes the channel or the connection with it. */
export class AmqpError extends Error {
  /** Codes from 500 on, 320, 402 close the connection; the others the channel. */
  readonly scope: "channel" | "connection";
  readonly replyCode: ReplyCode;
  /** As RabbitMQ words it: `NOT_FOUND - no queue 'q' in vhost '/'`. */
  readonly replyText: string;

  /** Without a text the name stands alone, as in RabbitMQ's `INTERNAL_ERROR`. */
  constructor(replyCode: ReplyCode, text: string, scope?: "channel" | "connection") {
    const name = replyNames[replyCode];
    const replyText = text === "" ? name : `${name} - ${text}`;
    super(replyText);
    this.name = "AmqpError";
    this.replyCode = replyCode;
    this.replyText = replyText;
    this.scope =
      scope ?? (replyCode >= 500 || replyCode === 320 || replyCode === 402 ? "connection" : "channel");
  }
}
