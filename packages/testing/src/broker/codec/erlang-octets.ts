/** Octets as Erlang's `~w` shows them in RabbitMQ's texts, not more of them than a reply text has room for. */
export function erlangOctets(bytes: Buffer): string {
  return `<<${bytes.subarray(0, 128).join(",")}>>`;
}
