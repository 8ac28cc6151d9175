import { jsonOf } from "../codec/json-table.ts";
import type { Queue } from "../model/queue/queue.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { Json } from "./api-request.ts";
import { node } from "./broker-view.ts";

const still = { rate: 0 };

/** A queue as the API shows it, without what only Erlang knows. */
export function queueView(vhost: VirtualHost, queue: Queue): Json {
  const { name, durable, exclusive, autoDelete } = queue.declaration;
  return {
    arguments: jsonOf(queue.declaration.arguments),
    auto_delete: autoDelete,
    ...ofKind(queue.kind),
    consumers: queue.consumerCount,
    durable,
    effective_policy_definition: {},
    exclusive,
    ...messageCounts([queue]),
    name,
    node,
    operator_policy: null,
    policy: null,
    state: "running",
    type: queue.kind,
    vhost: vhost.name,
  };
}

/** What stands in several queues together. */
export function messageCounts(queues: Iterable<Queue>): Json {
  let [ready, unacked] = [0, 0];
  for (const { readyCount, unackedCount } of queues) {
    ready += readyCount;
    unacked += unackedCount;
  }
  return {
    messages: ready + unacked,
    messages_details: still,
    messages_ready: ready,
    messages_ready_details: still,
    messages_unacknowledged: unacked,
    messages_unacknowledged_details: still,
  };
}

function ofKind(kind: Queue["kind"]): Json {
  switch (kind) {
    case "classic":
      return {
        consumer_capacity: 0,
        consumer_utilisation: 0,
        exclusive_consumer_tag: null,
        single_active_consumer_tag: null,
      };
    case "quorum":
      return { leader: node, members: [node], online: [node] };
    case "stream":
      return { members: [node], online: [node], readers: {} };
  }
}
