import type { Command } from "./command.ts";

/** One line a command, to be read by people: `a: publish exchange="" key="q0" expirationMs=1`. */
export function commandText(command: Command): string {
  const { do: what, on, ...others } = command;
  const parts = Object.entries(others).map(([key, value]) =>
    value === true ? key : `${key}=${JSON.stringify(value)}`,
  );
  return [`${on}: ${what}`, ...parts].join(" ");
}
