import type { MethodArguments } from "../codec/method-table.ts";
import type { Binding } from "../model/virtual-host.ts";
import type { MethodHandlers } from "./method-handlers.ts";

export const exchangeMethods: MethodHandlers = {
  "exchange.declare": (channel, args) => {
    const { vhost, permissions } = channel.session;
    if (args.passive) vhost.checkExchange(args.exchange);
    else {
      const { exchange: name, type, durable, autoDelete, internal } = args;
      const declaration = { name, type, durable, autoDelete, internal, arguments: args.arguments };
      permissions.toDeclareExchange(declaration, { isNew: !vhost.hasExchange(name) });
      vhost.declareExchange(declaration);
    }
    if (!args.noWait) channel.send("exchange.declare-ok", {});
  },

  "exchange.delete": (channel, { exchange, ifUnused, noWait }) => {
    channel.session.permissions.toDeleteExchange(exchange);
    channel.session.vhost.deleteExchange(exchange, { ifUnused });
    if (!noWait) channel.send("exchange.delete-ok", {});
  },

  "exchange.bind": (channel, args) => {
    const { vhost, owner, permissions } = channel.session;
    const binding = bindingOf(args);
    permissions.toBind(binding);
    vhost.bind(binding, owner);
    if (!args.noWait) channel.send("exchange.bind-ok", {});
  },

  "exchange.unbind": (channel, args) => {
    const { vhost, owner, permissions } = channel.session;
    const binding = bindingOf(args);
    permissions.toBind(binding);
    vhost.unbind(binding, owner);
    if (!args.noWait) channel.send("exchange.unbind-ok", {});
  },
};

function bindingOf(args: MethodArguments<"exchange.bind" | "exchange.unbind">): Binding {
  const { source, destination, routingKey } = args;
  return { source, destination, destinationKind: "exchange", routingKey, arguments: args.arguments };
}
