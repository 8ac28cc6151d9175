import type { FieldTable } from "../../codec/field-table.ts";
import { tableIdentity } from "../routing/comparable-value.ts";

/** From an exchange to a queue, or to another exchange. */
export interface Binding {
  readonly source: string;
  readonly destination: string;
  readonly destinationKind: "queue" | "exchange";
  readonly routingKey: string;
  readonly arguments: FieldTable;
}

/** A text that only the same binding has: binding twice is binding once. */
export function bindingIdentity(binding: Binding): string {
  const { source, destination, destinationKind, routingKey } = binding;
  return JSON.stringify([source, destinationKind, destination, routingKey, tableIdentity(binding.arguments)]);
}
