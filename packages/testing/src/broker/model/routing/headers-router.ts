import type { FieldTable } from "../../codec/field-table.ts";
import { headersMatch, type HeadersComparison, type HeadersMatch } from "./headers-match.ts";
import type { Router, RoutingRule } from "./router.ts";

/** The headers fit the binding's arguments. */
export class HeadersRouter<Destination> implements Router<Destination> {
  readonly #comparison: HeadersComparison;
  readonly #bindings = new Map<
    RoutingRule,
    { readonly fits: HeadersMatch; readonly destination: Destination }
  >();

  constructor(comparison: HeadersComparison) {
    this.#comparison = comparison;
  }

  add(rule: RoutingRule, destination: Destination): void {
    this.#bindings.set(rule, { fits: headersMatch(rule.arguments, this.#comparison), destination });
  }

  remove(rule: RoutingRule): void {
    this.#bindings.delete(rule);
  }

  route(_routingKey: string, headers: FieldTable | undefined): readonly Destination[] {
    const found = new Set<Destination>();
    for (const { fits, destination } of this.#bindings.values()) {
      if (!found.has(destination) && fits(headers)) found.add(destination);
    }
    return [...found];
  }
}
