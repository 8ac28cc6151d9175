/** How the bytes of an input become messages: all of them, or up to a byte that separates them. */
export type Framing = "whole" | "lines" | "null";

const separators = { lines: 0x0a, null: 0x00 } as const;

/**
 * Cuts a stream of bytes into messages as they come in. The separator itself belongs to no message, and everything
 * else is kept byte for byte: a CR before the LF, empty lines, invalid UTF-8. What follows the last separator is a
 * message unless it is empty. There is no limit on the length of a line, and nothing is read ahead of the consumer.
 */
export async function* splitFrames(
  chunks: AsyncIterable<Uint8Array>,
  framing: Framing,
): AsyncGenerator<Buffer, void, undefined> {
  const separator = framing === "whole" ? undefined : separators[framing];
  // Parts of one unfinished message: joined once, so a long line costs its own length and not its square.
  let parts: Buffer[] = [];
  for await (const chunk of chunks) {
    let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (separator !== undefined) {
      for (let end = rest.indexOf(separator); end >= 0; end = rest.indexOf(separator)) {
        const last = rest.subarray(0, end);
        rest = rest.subarray(end + 1);
        const frame = parts.length === 0 ? last : Buffer.concat([...parts, last]);
        parts = [];
        yield frame;
      }
    }
    if (rest.length > 0) parts.push(rest);
  }
  if (parts.length > 0 || framing === "whole") yield parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
