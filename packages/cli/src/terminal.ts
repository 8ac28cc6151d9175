/**
 * What a terminal would act on or what would make text read as something else: control characters (C0, DEL, C1),
 * line separators and the marks that change the direction of writing.
 */
const dangerous =
  // oxlint-disable-next-line no-control-regex -- finding control characters is the point
  /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu;

const short: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\0": "\\0",
  "\u001b": "\\e",
};

/** A name or a header as it may stand within one line of a terminal: what could move the cursor is spelt out. */
export function escapeLine(text: string): string {
  return text.replaceAll(dangerous, (character) => short[character] ?? spelt(character));
}

/** As {@link escapeLine}, but line breaks and tabs keep their meaning: for the body of a message. */
export function escapeText(text: string): string {
  return text.replaceAll(dangerous, (character) =>
    character === "\n" || character === "\t" ? character : (short[character] ?? spelt(character)),
  );
}

/** JSON whose strings hold no dangerous character; it parses to the same value. */
export function escapeJson(json: string): string {
  return json.replaceAll(dangerous, unicodeEscape);
}

function spelt(character: string): string {
  const code = character.codePointAt(0)!;
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : unicodeEscape(character);
}

function unicodeEscape(character: string): string {
  return `\\u${character.codePointAt(0)!.toString(16).padStart(4, "0")}`;
}
