import { isUtf8 } from "node:buffer";
import { AmqpError } from "../amqp-error.ts";
import { jsonOf, tableOf } from "../codec/json-table.ts";
import type { Properties } from "../codec/properties.ts";
import type { Message } from "../model/message.ts";
import type { QueueDelivery, Settlement } from "../model/queue/queue.ts";
import { json } from "./answer.ts";
import { ApiError, badRequest } from "./api-error.ts";
import { type ApiRequest, demand, isObject, type Json, textIn } from "./api-request.ts";
import { apiOwner } from "./broker-view.ts";
import type { Route } from "./route.ts";

export const messageRoutes: readonly Route[] = [
  {
    path: "exchanges/{vhost}/{name}/publish",
    methods: {
      POST: (request) => {
        const asked = request.json;
        demand(asked, "properties", "routing_key", "payload", "payload_encoding");
        const exchange = request.param("name") === "amq.default" ? "" : request.param("name");
        const message: Message = {
          exchange,
          routingKey: textIn(asked, "routing_key"),
          properties: propertiesIn(asked["properties"]),
          body: bodyIn(asked),
        };
        request.permissions.check("write", "exchange", exchange);
        return json({ routed: publish(request, message) });
      },
    },
  },
  {
    path: "queues/{vhost}/{name}/get",
    methods: {
      POST: (request) => {
        const asked = request.json;
        demand(asked, "count", "ackmode", "encoding");
        request.permissions.check("read", "queue", request.param("name"));
        return json(take(request, asked));
      },
    },
  },
];

/** Who wants its messages back, and how; the third kind keeps nothing. */
const endings: Readonly<Record<string, Settlement | undefined>> = {
  ack_requeue_true: "reject-requeue",
  reject_requeue_true: "reject-requeue",
  reject_requeue_false: "discard",
  ack_requeue_false: undefined,
};

function publish({ vhost }: ApiRequest, message: Message): boolean {
  try {
    return vhost.publish(message).routed;
  } catch (error) {
    if (!(error instanceof AmqpError)) throw error;
    throw badRequest(`${error.replyCode} ${error.replyText}`);
  }
}

function take(request: ApiRequest, asked: Json): readonly Json[] {
  const { vhost } = request;
  const mode = textIn(asked, "ackmode");
  if (!(mode in endings)) throw badRequest(["unsupported_ackmode", mode]);
  const how = endings[mode];
  let queue;
  try {
    queue = vhost.queue(request.param("name"), apiOwner);
  } catch (error) {
    if (!(error instanceof AmqpError) || error.replyCode !== 404) throw error;
    throw new ApiError(404, "not_found", error.replyText);
  }
  const taken: QueueDelivery[] = [];
  const shown: Json[] = [];
  while (taken.length < Number(asked["count"])) {
    const delivery = queue.get(how === undefined);
    if (delivery === undefined) break;
    taken.push(delivery);
    shown.push(deliveryView(delivery, queue.readyCount, asked));
  }
  if (how !== undefined) queue.settle(taken, how);
  return shown;
}

function deliveryView(
  { message, redelivered, extraHeaders }: QueueDelivery,
  left: number,
  asked: Json,
): Json {
  const { exchange, routingKey, body } = message;
  const isText = textIn(asked, "encoding") === "auto" && isUtf8(body);
  const truncate = Number(asked["truncate"] ?? body.length);
  const payload = body.subarray(0, truncate);
  const headers = extraHeaders && new Map([...extraHeaders, ...(message.properties.headers ?? [])]);
  const properties = propertiesView(headers ? { ...message.properties, headers } : message.properties);
  return {
    payload_bytes: body.length,
    redelivered,
    exchange,
    routing_key: routingKey,
    message_count: left,
    properties,
    payload: payload.toString(isText ? "utf8" : "base64"),
    payload_encoding: isText ? "string" : "base64",
  };
}

function bodyIn(asked: Json): Buffer {
  const encoding = asked["payload_encoding"];
  if (encoding !== "string" && encoding !== "base64") throw badRequest(["unsupported_encoding", encoding]);
  return Buffer.from(textIn(asked, "payload"), encoding === "string" ? "utf8" : "base64");
}

const texts = {
  content_type: "contentType",
  content_encoding: "contentEncoding",
  correlation_id: "correlationId",
  reply_to: "replyTo",
  expiration: "expiration",
  message_id: "messageId",
  type: "type",
  user_id: "userId",
  app_id: "appId",
  cluster_id: "clusterId",
} as const;

const numbers = { delivery_mode: "deliveryMode", priority: "priority" } as const;

/** @throws ApiError 400 for one that there is not */
function propertiesIn(asked: unknown): Properties {
  if (Array.isArray(asked) && asked.length === 0) return {};
  if (!isObject(asked)) throw badRequest(["not_a_table", asked]);
  const properties: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(asked)) {
    if (name in texts) properties[texts[name as keyof typeof texts]] = String(value);
    else if (name in numbers) properties[numbers[name as keyof typeof numbers]] = Number(value);
    else if (name === "timestamp") properties["timestamp"] = BigInt(Math.trunc(Number(value)));
    else if (name === "headers" && isObject(value)) properties["headers"] = tableOf(value);
    else throw badRequest(["unknown_property", name]);
  }
  return properties;
}

/** RabbitMQ shows no properties at all as an empty list. */
function propertiesView(properties: Properties): unknown {
  const shown: [string, unknown][] = [];
  for (const [name, property] of [...Object.entries(texts), ...Object.entries(numbers)])
    if (properties[property] !== undefined) shown.push([name, properties[property]]);
  if (properties.timestamp !== undefined) shown.push(["timestamp", Number(properties.timestamp)]);
  if (properties.headers !== undefined) shown.push(["headers", jsonOf(properties.headers)]);
  return shown.length === 0 ? [] : Object.fromEntries(shown);
}
