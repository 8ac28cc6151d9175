import type { FieldTable } from "../../codec/field-table.ts";

/** What a binding says about the messages that may pass. */
export interface RoutingRule {
  readonly routingKey: string;
  readonly arguments: FieldTable;
}

/** How exchanges of one type choose among their bindings. */
export interface Router<Destination> {
  add(rule: RoutingRule, destination: Destination): void;
  /** The rule is the very object that was added. */
  remove(rule: RoutingRule, destination: Destination): void;
  /** Each destination once. The caller must not change the list. */
  route(routingKey: string, headers: FieldTable | undefined): readonly Destination[];
}
