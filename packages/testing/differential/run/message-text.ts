import type { FieldTable, FieldValue } from "../../src/broker/codec/field-table.ts";
import type { Content } from "../client/client-channel.ts";

/** All that a client sees of a message, but for times: body, route, properties, and headers with their types. */
export function messageText(
  { properties, body }: Content,
  {
    exchange,
    routingKey,
    redelivered,
  }: { readonly exchange: string; readonly routingKey: string; readonly redelivered?: boolean },
): string {
  const { headers, ...others } = properties;
  const parts = Object.entries(others).map(([name, value]) => `${name}=${value}`);
  if (headers !== undefined) parts.push(tableText(headers));
  const star = redelivered === true ? "*" : "";
  return [`${body.toString()}${star}`, `from "${exchange}" by "${routingKey}"`, ...parts].join(" ");
}

function tableText(table: FieldTable): string {
  const entries = Array.from(table, ([key, value]) => [key, value] as const)
    .filter(([, { type }]) => type !== "timestamp")
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return `{${entries.map(([key, value]) => `${key}: ${valueText(value)}`).join(", ")}}`;
}

function valueText(value: FieldValue): string {
  switch (value.type) {
    case "longstr":
      return value.value.toString();
    case "array":
      return `[${value.value.map(valueText).join(", ")}]`;
    case "table":
      return tableText(value.value);
    case "void":
      return "void";
    default:
      return `${value.type} ${String(value.value)}`;
  }
}
