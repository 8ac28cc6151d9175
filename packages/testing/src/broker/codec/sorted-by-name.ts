import type { FieldTable } from "./field-table.ts";

/** As RabbitMQ leaves a table that it has changed; the same table where it is so already. Nested ones stay as they are. */
export function sortedByName(table: FieldTable): FieldTable {
  let before = "";
  for (const name of table.keys()) {
    if (name < before) return new Map([...table].sort(byName));
    before = name;
  }
  return table;
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
