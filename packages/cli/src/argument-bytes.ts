import { Failure } from "./failure.ts";

/**
 * Node gives arguments as text, with U+FFFD in place of every byte that is no UTF-8: the bytes themselves are gone.
 *
 * @throws Failure 64 for an argument that may have lost bytes, instead of publishing other ones
 */
export function refuseLostBytes(argv: readonly string[]): void {
  const at = argv.findIndex((argument) => argument.includes("\ufffd"));
  if (at < 0) return;
  throw new Failure(64, `argument ${at + 1} holds bytes that are no UTF-8, or U+FFFD`, {
    hint: "A body of any bytes goes through stdin or --file, and everything else of a message through --input envelope.",
  });
}
