/** What a request was answered with. */
export interface Answered {
  readonly status: number;
  /** Undefined for none. */
  readonly body: unknown;
  readonly headers: Headers;
}

export type Ask = (method: string, path: string, body?: unknown) => Promise<Answered>;

/** Asks an API whose URL has a user and a password; a text goes as it is, anything else as JSON. */
export function asking(apiUrl: string): Ask {
  const url = new URL(apiUrl);
  const login = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return async (method, path, body) => {
    const response = await fetch(`${url.origin}/api/${path}`, {
      method,
      headers: {
        ...(login === ":" ? {} : { authorization: `Basic ${Buffer.from(login).toString("base64")}` }),
        "content-type": "application/json",
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === "" ? undefined : JSON.parse(text),
      headers: response.headers,
    };
  };
}
