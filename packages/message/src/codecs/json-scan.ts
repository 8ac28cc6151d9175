const quote = 0x22;
const backslash = 0x5c;

/**
 * Whether brackets are nested deeper than `maxDepth`, before a parser builds anything from them. `text` is the same
 * JSON: counting its opening brackets is a native search, and most bodies have fewer than the limit.
 */
export function isDeeperThan(json: Uint8Array, text: string, maxDepth: number): boolean {
  if (json.length <= maxDepth) return false;
  const left = openings(text, "[", openings(text, "{", maxDepth));
  return left < 0 && nestsDeeperThan(json, maxDepth);
}

/** `left` less the number of openings; stops below zero. */
function openings(text: string, bracket: "{" | "[", left: number): number {
  if (left < 0) return left;
  for (let at = text.indexOf(bracket); at !== -1; at = text.indexOf(bracket, at + 1)) if (--left < 0) break;
  return left;
}

function nestsDeeperThan(json: Uint8Array, maxDepth: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]!;
    if (byte === quote) at = closingQuote(json, at);
    else if (byte === 0x7b || byte === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return false;
}

/** Where the text that opens at `from` ends; the end of the JSON when it does not. */
function closingQuote(json: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1;
  return at;
}

/** Every whole number of fewer digits is exact as a double. */
const longDigitCount = 16;

/** Whether valid JSON holds a whole number whose digits a double does not keep. */
export function lossyInteger(json: Buffer): boolean {
  if (!hasLongDigitRun(json)) return false;
  for (let at = 0; at < json.length; at++) {
    if (json[at] === quote) at = closingQuote(json, at);
    else if (isDigit(json[at])) {
      const start = at;
      while (at + 1 < json.length && isNumberPart(json[at + 1]!)) at++;
      if (at - start + 1 >= longDigitCount && isRounded(json.toString("latin1", start, at + 1))) return true;
    }
  }
  return false;
}

/** A run of 16 digits covers every 16th byte, so only those are looked at. */
function hasLongDigitRun(json: Uint8Array): boolean {
  for (let at = longDigitCount - 1; at < json.length; at += longDigitCount) {
    if (!isDigit(json[at])) continue;
    let start = at;
    let end = at + 1;
    while (isDigit(json[start - 1])) start--;
    while (end - start < longDigitCount && isDigit(json[end])) end++;
    if (end - start >= longDigitCount) return true;
  }
  return false;
}

/** The digits are kept when they are the double's own text, as in all JSON that JavaScript writes, or its exact value. */
function isRounded(digits: string): boolean {
  if (/[.eE]/.test(digits)) return false;
  const number = Number(digits);
  if (!Number.isFinite(number)) return true;
  return String(number) !== digits && BigInt(number) !== BigInt(digits);
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** Digits and what may stand between them: . e E + - */
function isNumberPart(byte: number): boolean {
  return isDigit(byte) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === 0x2d;
}
