import { LaunchError } from "./launch-error.ts";

/** Tries one launcher after another; what cannot be had here is left out, and told when nothing can. */
export async function firstThatStarts<Server>(
  what: string,
  unset: string,
  launchers: readonly (() => Promise<Server>)[],
): Promise<Server> {
  const refusals = [`${unset} is not set.`];
  for (const start of launchers) {
    try {
      return await start();
    } catch (error) {
      if (!(error instanceof LaunchError)) throw error;
      refusals.push(error.message);
    }
  }
  throw new LaunchError(
    `There is no ${what} to test against:${refusals.map((line) => `\n  - ${line}`).join("")}`,
  );
}
