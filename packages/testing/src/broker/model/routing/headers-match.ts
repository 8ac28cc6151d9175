import { AmqpError } from "../../amqp-error.ts";
import { erlangTerm, erlangType } from "../erlang-term.ts";
import type { FieldTable, FieldValue } from "../../codec/field-table.ts";
import { comparable, type Comparison } from "./comparable-value.ts";

/** Whether a message's headers, none of which is BCC any more, pass a binding. */
export type HeadersMatch = (headers: FieldTable | undefined) => boolean;

/** How a version compares, and what it makes of a message's timestamps first. */
export interface HeadersComparison extends Comparison {
  /** A header of type timestamp is compared as so many to the second. */
  readonly timestampsPerSecond: 1n | 1000n;
}

const modes: ReadonlySet<string> = new Set(["all", "any", "all-with-x", "any-with-x"]);

/** @throws AmqpError 406 for an `x-match` that is none. */
export function checkHeadersMatch(bindingArguments: FieldTable): void {
  const mode = bindingArguments.get("x-match");
  if (mode === undefined) return;
  if (mode.type !== "longstr") {
    const found = `${erlangType(mode.type)} (value ${erlangTerm(mode)})`;
    throw new AmqpError(406, `Invalid x-match field type ${found}; expected longstr`);
  }
  if (!modes.has(mode.value.toString())) {
    const found = erlangTerm(mode);
    throw new AmqpError(
      406,
      `Invalid x-match field value ${found}; expected all, any, all-with-x, or any-with-x`,
    );
  }
}

/**
 * Every argument of the binding, or any of them, is among the headers with an equal value; a void asks for the key alone.
 * Keys that begin with `x-` count only in the two modes that say so, `x-match` never.
 */
export function headersMatch(bindingArguments: FieldTable, comparison: HeadersComparison): HeadersMatch {
  const mode = bindingArguments.get("x-match");
  const [quantity, withX] = mode?.type === "longstr" ? modeOf(mode.value.toString()) : modeOf("all");
  const wanted = Array.from(bindingArguments)
    .filter(([key]) => key !== "x-match" && (withX || !key.startsWith("x-")))
    .map(([key, value]) => ({
      key,
      value: value.type === "void" ? undefined : comparable(value, comparison),
    }));

  const found =
    (headers: FieldTable | undefined) =>
    ({ key, value }: (typeof wanted)[number]): boolean => {
      const header = headers?.get(key);
      if (header === undefined) return false;
      return value === undefined || comparable(asCompared(header, comparison), comparison) === value;
    };
  return quantity === "all"
    ? (headers) => wanted.every(found(headers))
    : (headers) => wanted.some(found(headers));
}

function modeOf(mode: string): readonly ["all" | "any", withX: boolean] {
  return [mode.startsWith("any") ? "any" : "all", mode.endsWith("-with-x")];
}

function asCompared(header: FieldValue, { timestampsPerSecond }: HeadersComparison): FieldValue {
  return header.type === "timestamp"
    ? { type: "timestamp", value: header.value * timestampsPerSecond }
    : header;
}
