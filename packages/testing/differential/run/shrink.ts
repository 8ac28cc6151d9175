import type { Command } from "../sequence/command.ts";

/** Makes a sequence that fails as short and as plain as it can be and still fail. */
export async function shrink(
  sequence: readonly Command[],
  fails: (shorter: readonly Command[]) => Promise<boolean>,
): Promise<readonly Command[]> {
  let best = sequence;
  const better = async (candidate: readonly Command[]): Promise<boolean> => {
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  for (let size = Math.ceil(best.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2))
    for (let end = best.length; end > 0; end -= size)
      await better([...best.slice(0, Math.max(0, end - size)), ...best.slice(end)]);
  for (let index = 0; index < best.length; index += 1)
    for (const plainer of plainerCommands(best[index]!)) await better(best.with(index, plainer));
  for (let index = best.length - 1; index >= 0; index -= 1) await better(best.toSpliced(index, 1));
  return best;
}

const needed: ReadonlySet<string> = new Set([
  "do",
  "on",
  "queue",
  "exchange",
  "key",
  "type",
  "target",
  "place",
  "consumer",
  "prefetch",
]);

/** The command without one thing that it may also not say. */
function plainerCommands(command: Command): Command[] {
  return Object.keys(command)
    .filter((key) => !needed.has(key))
    .map((key) => Object.fromEntries(Object.entries(command).filter(([name]) => name !== key)) as Command);
}
