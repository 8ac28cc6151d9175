const mostOctets = 128;
const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\t": "\\t",
  "\n": "\\n",
  "\v": "\\v",
  "\f": "\\f",
  "\r": "\\r",
  "\u001b": "\\e",
};

/** Octets as Erlang's `~w` writes them, not more of them than a reply text has room for. */
export function octetList(bytes: Buffer): string {
  return `<<${bytes.subarray(0, mostOctets).join(",")}>>`;
}

/**
 * Octets as Erlang's `~p` writes them: as text where all of them are printable. Only ASCII counts as that here; Erlang
 * takes Latin-1 too, and breaks lines of more than 80 columns.
 */
export function octetsOrText(bytes: Buffer): string {
  const text = bytes.toString("latin1");
  if (text === "" || !/^[\b-\r\u001b\u0020-\u007e]+$/u.test(text)) return octetList(bytes);
  return `<<"${text.replaceAll(/["\\\b-\r\u001b]/gu, (character) => escapes[character]!)}">>`;
}
