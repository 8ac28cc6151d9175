/** How a payload becomes bytes and back, chosen by content type. */
export interface Codec {
  /** Without parameters, in lower case: `application/json`. */
  readonly contentType: string;
  /** What it cannot encode it throws for; nothing has been sent then. */
  encode(payload: unknown): Uint8Array;
  /** What it cannot decode it throws for: the message is dead-lettered with that reason. Never guesses. */
  decode(body: Uint8Array): unknown;
}
