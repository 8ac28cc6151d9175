import { deduplicate } from "./deduplicate.ts";
import { timeout } from "./timeout.ts";
import { traceContext } from "./trace-context.ts";

/** Those that make a middleware are functions, too, and would fail at every delivery or lose it. */
const makers: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [deduplicate, "deduplicate"],
  [timeout, "timeout"],
  [traceContext, "traceContext"],
]);

/** What is wrong with the option `middleware`. */
export function middlewareProblems(middleware: readonly unknown[]): string[] {
  return middleware.flatMap((each, index) => {
    const name = makers.get(each);
    if (name !== undefined) return [`middleware[${index}] must be what ${name}(…) gives, not ${name} itself`];
    return typeof each === "function" ? [] : [`middleware[${index}] must be a function`];
  });
}
