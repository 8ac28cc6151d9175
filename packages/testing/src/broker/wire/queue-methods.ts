import type { MethodArguments } from "../codec/method-table.ts";
import type { QueueDeclaration } from "../model/queue/queue.ts";
import type { Binding } from "../model/virtual-host.ts";
import type { Channel } from "./channel.ts";
import type { MethodHandlers } from "./method-handlers.ts";
import { queueName } from "./queue-names.ts";
import { replyQueueName } from "./reply-addresses.ts";

export const queueMethods: MethodHandlers = {
  "queue.declare": (channel, args) => {
    const { queue, messageCount, consumerCount } = declare(channel, args);
    channel.lastQueueName = queue;
    if (!args.noWait) channel.send("queue.declare-ok", { queue, messageCount, consumerCount });
  },

  "queue.bind": (channel, args) => {
    channel.session.vhost.bind(bindingOf(channel, args), channel.session.owner);
    if (!args.noWait) channel.send("queue.bind-ok", {});
  },

  "queue.unbind": (channel, args) => {
    channel.session.vhost.unbind(bindingOf(channel, args), channel.session.owner);
    channel.send("queue.unbind-ok", {});
  },

  "queue.purge": (channel, { queue, noWait }) => {
    const { vhost, owner, permissions } = channel.session;
    const name = queueName(channel, queue);
    permissions.check("read", "queue", name);
    const messageCount = vhost.queue(name, owner).purge();
    if (!noWait) channel.send("queue.purge-ok", { messageCount });
  },

  "queue.delete": (channel, { queue, ifUnused, ifEmpty, noWait }) => {
    const { vhost, owner, permissions } = channel.session;
    const name = queueName(channel, queue);
    permissions.check("configure", "queue", name);
    const messageCount = vhost.deleteQueue(name, owner, { ifUnused, ifEmpty });
    if (!noWait) channel.send("queue.delete-ok", { messageCount });
  },
};

type Declaration = MethodArguments<"queue.declare">;

function declare(channel: Channel, args: Declaration): MethodArguments<"queue.declare-ok"> {
  const { vhost, owner, broker } = channel.session;
  if (args.queue === replyQueueName || broker.replyAddresses.has(args.queue))
    return { queue: args.queue, messageCount: 0, consumerCount: 1 };
  const queue = args.passive
    ? vhost.checkQueue(args.queue, owner)
    : vhost.declareQueue(allowed(channel, args), owner);
  const { readyCount: messageCount, consumerCount } = queue;
  return { queue: queue.declaration.name, messageCount, consumerCount };
}

function allowed(channel: Channel, args: Declaration): QueueDeclaration {
  const { vhost, permissions } = channel.session;
  const { queue: name, durable, exclusive, autoDelete } = args;
  const declaration = { name, durable, exclusive, autoDelete, arguments: args.arguments };
  permissions.toDeclareQueue(declaration, { isNew: !vhost.hasQueue(name) });
  return declaration;
}

/** With both names empty the routing key, too, means the queue that was last declared. */
function bindingOf(channel: Channel, args: Omit<MethodArguments<"queue.bind">, "noWait">): Binding {
  const destination = queueName(channel, args.queue);
  const routingKey = args.queue === "" && args.routingKey === "" ? destination : args.routingKey;
  const { exchange: source } = args;
  const binding: Binding = {
    source,
    destination,
    destinationKind: "queue",
    routingKey,
    arguments: args.arguments,
  };
  channel.session.permissions.toBind(binding);
  return binding;
}
