/** The management HTTP API of a broker that was started with it. */
export interface Management {
  /** With the first user's name and password: `http://guest:guest@127.0.0.1:41874`. The API is at `/api`. */
  readonly url: string;
  readonly port: number;
}
