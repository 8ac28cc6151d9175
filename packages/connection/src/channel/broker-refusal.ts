import { BrokerError, ConnectionError, type ErrorCode, WarrenError } from "@warren/message";
import { parseAccessRefusal } from "../topology/broker-reply.ts";

const codeOf: Readonly<Record<number, ErrorCode>> = {
  403: "BROKER_ACCESS_REFUSED",
  404: "BROKER_NOT_FOUND",
  405: "BROKER_RESOURCE_LOCKED",
  406: "BROKER_PRECONDITION_FAILED",
  541: "BROKER_INTERNAL_ERROR",
};

const methods: Readonly<Record<string, string>> = {
  "20.10": "channel.open",
  "40.10": "exchange.declare",
  "40.20": "exchange.delete",
  "40.30": "exchange.bind",
  "40.40": "exchange.unbind",
  "50.10": "queue.declare",
  "50.20": "queue.bind",
  "50.30": "queue.purge",
  "50.40": "queue.delete",
  "50.50": "queue.unbind",
  "60.10": "basic.qos",
  "60.20": "basic.consume",
  "60.30": "basic.cancel",
  "60.40": "basic.publish",
  "60.70": "basic.get",
  "60.80": "basic.ack",
  "60.90": "basic.reject",
  "60.120": "basic.nack",
};

/** RabbitMQ 3.x names the resource but not the permission; of these methods it follows. Declarations need several. */
const permissions: Readonly<Record<string, string>> = {
  "basic.publish": "write",
  "basic.consume": "read",
  "basic.get": "read",
  "queue.purge": "read",
};

interface AmqplibError {
  readonly message: string;
  readonly code?: number;
  readonly classId?: number;
  readonly methodId?: number;
}

/** The broker's own words in one of amqplib's messages, `… 403 (ACCESS-REFUSED) with message "…"`; nothing if there are none. */
export function replyIn(
  thrown: unknown,
): { readonly replyCode: number; readonly replyText: string } | undefined {
  const match = /(\d{3}) \([^)]*\) with message "(.*)"/s.exec((thrown as Error).message);
  return match === null ? undefined : { replyCode: Number(match[1]), replyText: match[2]! };
}

/** Whether amqplib has counted missing heartbeats itself. */
export function isHeartbeatTimeout(thrown: unknown): boolean {
  return (thrown as Error | undefined)?.message === "Heartbeat timeout";
}

/** Whether amqplib has refused to write, because it is done with the channel or its connection. */
export function saysClosed(thrown: unknown): boolean {
  return (thrown as Error | undefined)?.name === "IllegalOperationError";
}

/** What amqplib threw, in Warren's words. */
export function toWarrenError(thrown: unknown, scope: "channel" | "connection" = "channel"): WarrenError {
  if (thrown instanceof WarrenError) return thrown;
  const { message, code, classId, methodId } = thrown as AmqplibError;
  if (typeof code !== "number") {
    return new ConnectionError("CHANNEL_LOST", `the channel is gone: ${message}`, { cause: thrown });
  }
  const replyText = replyIn(thrown)?.replyText ?? message;
  const method = methods[`${classId}.${methodId}`];
  return new BrokerError(
    codeOf[code] ?? "BROKER_REFUSED",
    missingPermission(replyText, method) ?? (code === 404 ? withWayOut(replyText) : replyText),
    {
      cause: thrown,
      replyCode: code,
      replyText,
      ...(method === undefined ? {} : { method }),
      scope,
    },
  );
}

/** For queues and exchanges: nothing else is looked up by a name that somebody has to declare. */
function withWayOut(replyText: string): string {
  return /\bno (queue|exchange) /.test(replyText)
    ? `${replyText}: declare it in the topology, or check the name and the vhost`
    : replyText;
}

/** What to grant, in words; nothing when the refusal is about something else. */
function missingPermission(replyText: string, method: string | undefined): string | undefined {
  const access = parseAccessRefusal(replyText);
  const permission = method === undefined ? undefined : permissions[method];
  if (access === undefined || permission === undefined) return undefined;
  const { resource, name, vhost, user } = access;
  return `user "${user}" needs ${permission} permission on ${resource} "${name}" in vhost "${vhost}" for ${method}`;
}
