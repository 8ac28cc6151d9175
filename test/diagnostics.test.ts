import { diagnostics } from "@warren/message";
import { expect, test } from "vitest";
import { read, sources } from "./repository.ts";

interface Row {
  readonly name: string;
  readonly key: string;
  readonly fields: readonly string[];
}

const backticked = (cell: string): string[] => [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1]!);

/** The rows of the table in the page. */
const documented: readonly Row[] = read("docs/diagnostics.md")
  .split("\n")
  .filter((line) => line.startsWith("| `warren:"))
  .map((line) => {
    const [, name, key, fields] = line.split("|");
    return { name: backticked(name!)[0]!, key: backticked(key!)[0]!, fields: backticked(fields!) };
  });

/** The same rows, read from the source: the fields of an event exist only as types. */
function declared(): readonly Row[] {
  const source = read("packages/message/src/diagnostics.ts");
  const fieldsOf = new Map(
    [...source.matchAll(/^export interface (\w+) \{\n(.*?)^\}/gms)].map(([, event, body]) => [
      event!,
      [...body!.matchAll(/^ {2}readonly (\w+\??):/gm)].map((match) => match[1]!),
    ]),
  );
  return [...source.matchAll(/^ {2}(\w+): named<(\w+)>\("([^"]+)"\)/gm)].map(([, key, event, name]) => ({
    name: name!,
    key: `diagnostics.${key!}`,
    fields: fieldsOf.get(event!) ?? [],
  }));
}

test("the table in docs/diagnostics.md has every channel with every field of its payload, and nothing else", () => {
  expect(documented).toEqual(declared());
});

test("the source that is compared with is the one that runs", () => {
  const running = Object.entries(diagnostics).map(([key, channel]) => [`diagnostics.${key}`, channel.name]);
  expect(declared().map(({ key, name }) => [key, name])).toEqual(running);
  expect(declared().every(({ fields }) => fields.length > 0)).toBe(true);
});

test("docs/diagnostics.md has every process warning that a library gives, and no other", () => {
  const given = sources().flatMap((path) =>
    [...read(path).matchAll(/type: "WarrenWarning", code: "(\w+)"/g)].map((match) => match[1]!),
  );
  const told = [...read("docs/diagnostics.md").matchAll(/^\| `(WARREN_\w+)`/gm)].map((match) => match[1]!);
  expect(told).toEqual([...new Set(given)].toSorted());
  const calls = sources().flatMap((path) => [...read(path).matchAll(/process\.emitWarning\(/g)]);
  expect(calls).toHaveLength(given.length);
});
