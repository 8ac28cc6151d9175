import type { FieldTable } from "../../codec/field-table.ts";

/** What `exchange.declare` asks for. */
export interface ExchangeDeclaration {
  readonly name: string;
  readonly type: string;
  readonly durable: boolean;
  readonly autoDelete: boolean;
  readonly internal: boolean;
  readonly arguments: FieldTable;
}
