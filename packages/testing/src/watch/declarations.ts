import type { FieldTable } from "../broker/codec/field-table.ts";
import type { MethodName } from "../broker/codec/method-table.ts";
import type { MethodFields } from "../proxy/method-fields.ts";
import type { Ledger } from "./ledger.ts";

const noArguments: FieldTable = new Map();

type Declare = (ledger: Ledger, asked: MethodFields, answer: MethodFields) => void;

/** What the answers to these change in a virtual host. */
const declarations: Readonly<Partial<Record<MethodName, Declare>>> = {
  "exchange.declare": ({ topology }, asked) => {
    const { exchange = "", type = "", durable = false, autoDelete = false, internal = false } = asked;
    // A passive one says nothing of the exchange but its name.
    if (asked.passive === true) return;
    topology.declareExchange({
      name: exchange,
      type,
      durable,
      autoDelete,
      internal,
      arguments: asked.arguments ?? noArguments,
    });
  },
  "exchange.delete": ({ topology }, { exchange = "" }) => topology.deleteExchange(exchange),
  "exchange.bind": ({ topology }, asked) => topology.bind(bindingOf(asked, "exchange")),
  "exchange.unbind": ({ topology }, asked) => topology.unbind(bindingOf(asked, "exchange")),
  "queue.declare": ({ topology }, asked, answer) => {
    const name = answer.queue ?? asked.queue ?? "";
    if (asked.passive === true) return void topology.queue(name);
    const { durable = false, exclusive = false, autoDelete = false } = asked;
    topology.declareQueue({
      name,
      durable,
      exclusive,
      autoDelete,
      arguments: asked.arguments ?? noArguments,
    });
  },
  "queue.bind": ({ topology }, asked) => topology.bind(bindingOf(asked, "queue")),
  "queue.unbind": ({ topology }, asked) => topology.unbind(bindingOf(asked, "queue")),
  "queue.purge": (ledger, { queue = "" }) => ledger.emptyQueue(queue),
  "queue.delete": (ledger, { queue = "" }) => ledger.deleteQueue(queue),
};

/** Whatever method it is: most change nothing there. */
export function declarationSeen(
  ledger: Ledger,
  method: MethodName,
  asked: MethodFields,
  answer: MethodFields,
): void {
  declarations[method]?.(ledger, asked, answer);
}

function bindingOf(
  asked: MethodFields,
  destinationKind: "queue" | "exchange",
): Parameters<Ledger["topology"]["bind"]>[0] {
  const { source, exchange, destination, queue, routingKey = "" } = asked;
  return {
    source: source ?? exchange ?? "",
    destination: destination ?? queue ?? "",
    destinationKind,
    routingKey,
    arguments: asked.arguments ?? noArguments,
  };
}
