/** What a request is answered with. */
export interface Answer {
  readonly status: number;
  /** Sent as JSON; nothing at all without it. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export const noContent: Answer = Object.freeze({ status: 204 });

export const created: Answer = Object.freeze({ status: 201 });

export function json(body: unknown): Answer {
  return { status: 200, body };
}
