import { isUtf8 } from "node:buffer";

const lowSurrogate = 0xdc00;

/**
 * The text of bytes that RabbitMQ does not hold to UTF-8: routing keys, properties, keys of tables. A byte that is none
 * becomes the lone surrogate U+DC80 to U+DCFF, so that {@link bytesOfText} gives the same bytes again.
 */
export function textOfBytes(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString("utf8", start, end);
  // Only where a U+FFFD stands can something have been replaced.
  if (!text.includes("\uFFFD")) return text;
  const octets = bytes.subarray(start, end);
  return isUtf8(octets) ? text : escapedText(octets);
}

export function bytesOfText(text: string): Buffer {
  if (!hasLoneSurrogates(text)) return Buffer.from(text);
  return Buffer.concat(
    Array.from(text, (character) => {
      const octet = character.charCodeAt(0) - lowSurrogate;
      return octet >= 0x80 && octet <= 0xff ? Buffer.of(octet) : Buffer.from(character);
    }),
  );
}

/** Whether some of it was no UTF-8. */
export function hasLoneSurrogates(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

function escapedText(octets: Buffer): string {
  let text = "";
  for (let at = 0; at < octets.length;) {
    const character = octets.subarray(at, at + sequenceLength(octets[at]!));
    const isOne = isUtf8(character);
    text += isOne ? character.toString() : String.fromCharCode(lowSurrogate + octets[at]!);
    at += isOne ? character.length : 1;
  }
  return text;
}

/** How many octets a character takes that begins with this one. */
function sequenceLength(lead: number): number {
  if (lead < 0xc0) return 1;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}
