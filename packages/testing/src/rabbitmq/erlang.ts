/** An Erlang binary with these UTF-8 bytes: nothing in it can end the literal. */
export function binary(text: string): string {
  return `<<${[...Buffer.from(text)].join(",")}>>`;
}

const marker = "warren-value:";

/**
 * An expression that evaluates another one and prints on one line what became of it, so that both can be told apart.
 * It ends in a newline: erl_call ignores input without one.
 */
export function printed(expression: string): string {
  return `try (fun() -> ${expression} end)() of
    WarrenValue -> io:format("${marker}~0tp~n", [WarrenValue])
  catch
    WarrenClass:WarrenReason -> io:format("warren-~tp:~0tp~n", [WarrenClass, WarrenReason])
  end.\n`;
}

/** The value, as Erlang prints it, from the output of {@link printed}. */
export function valueOf(expression: string, output: string): string {
  const [line = ""] = output.split("\n", 1);
  if (line.startsWith(marker)) return line.slice(marker.length);
  const reason = line.replace(/^warren-/, "").trim() || "syntax error";
  throw new Error(`Erlang did not evaluate ${expression}: ${reason}`);
}
