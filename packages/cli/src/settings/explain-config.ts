import { redact } from "../redact.ts";
import { escapeLine } from "../terminal.ts";
import type { Flags } from "./flag.ts";
import type { ResolvedSettings } from "./resolve-settings.ts";

/** What `--explain-config` prints: every setting with its value and where it came from, secrets masked. */
export function explainConfig<F extends Flags>(flags: F, resolved: ResolvedSettings<F>): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const value: unknown = resolved.settings[name];
    return [
      name,
      flag.secret === true && value !== undefined ? "***" : shown(value, flag.defaultText),
      resolved.sources[name]!,
    ];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(([name, value, source]) => `${name!.padEnd(widths[0]!)}  ${value!.padEnd(widths[1]!)}  ${source!}\n`)
    .join("");
}

function shown(value: unknown, defaultText: string | undefined): string {
  if (value === undefined) return "-";
  if (Array.isArray(value))
    return value.length === 0 ? "-" : value.map((item) => shown(item, undefined)).join(" ");
  return (
    escapeLine(redact(typeof value === "string" ? value : JSON.stringify(value))) || (defaultText ?? '""')
  );
}
