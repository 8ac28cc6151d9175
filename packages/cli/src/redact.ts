/** Text in which the password of every URL, and every secret that is known, is replaced by "***" (S5). */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let masked = text.replaceAll(/([a-z][a-z0-9+.-]*:\/\/[^\s:@/?#]*):[^\s@/?#]*(?=@)/giu, "$1:***");
  for (const secret of secrets) if (secret.length >= 3) masked = masked.replaceAll(secret, "***");
  return masked;
}
