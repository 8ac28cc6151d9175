/**
 * The password goes up to the last "@" before a space or the next URL of a list, so that it is masked whole also where
 * it holds what a URL should not: "@", "/" or ",".
 */
const userInfo = /([a-z][a-z0-9+.-]*:\/\/[^\s:@/]*):(?:(?!,[a-z][a-z0-9+.-]*:\/\/)\S)*@/giu;

/** Text in which the password of every URL, and every secret that is known, is replaced by "***". */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let masked = text.replaceAll(userInfo, "$1:***@");
  for (const secret of secrets) if (secret.length >= 3) masked = masked.replaceAll(secret, "***");
  return masked;
}
