import type { Io } from "../io.ts";

/** Whether stdout gets colour: as asked, else FORCE_COLOR, NO_COLOR, and then only on a terminal. */
export function useColour(asked: "auto" | "always" | "never", io: Pick<Io, "stdout" | "env">): boolean {
  if (asked !== "auto") return asked === "always";
  if (io.env["FORCE_COLOR"]) return io.env["FORCE_COLOR"] !== "0";
  if (io.env["NO_COLOR"]) return false;
  return io.stdout.isTTY === true && io.env["TERM"] !== "dumb";
}
