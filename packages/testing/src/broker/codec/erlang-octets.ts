const mostOctets = 128;

/** As Erlang escapes them between quotes. */
const escapes: ReadonlyMap<number, string> = new Map([
  [0x08, "\\b"],
  [0x09, "\\t"],
  [0x0a, "\\n"],
  [0x0b, "\\v"],
  [0x0c, "\\f"],
  [0x0d, "\\r"],
  [0x1b, "\\e"],
  [0x22, '\\"'],
  [0x5c, "\\\\"],
]);

/** Octets as Erlang's `~w` writes them, not more of them than a reply text has room for. */
export function octetList(bytes: Buffer): string {
  return `<<${bytes.subarray(0, mostOctets).join(",")}>>`;
}

/**
 * Octets as Erlang's `~p` writes them: as text where all of them are printable. Only ASCII counts as that here; Erlang
 * takes Latin-1 too, and breaks lines of more than 80 columns.
 */
export function octetsOrText(bytes: Buffer): string {
  if (bytes.length === 0) return octetList(bytes);
  let text = "";
  for (const octet of bytes) {
    const escaped = escapes.get(octet);
    if (escaped === undefined && (octet < 0x20 || octet > 0x7e)) return octetList(bytes);
    text += escaped ?? String.fromCharCode(octet);
  }
  return `<<"${text}">>`;
}
