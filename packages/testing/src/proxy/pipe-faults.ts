/** Which half of a connection: from the client to the server behind the proxy, or back. */
export type Direction = "toServer" | "toClient";

/** How a cut looks to both ends: a TCP reset, or an orderly end of stream. */
export type CutKind = "reset" | "fin";

/** What is wrong with one half of a connection. Plain data: the verbs in `link-faults.ts` write it, `Pipe` obeys it. */
export interface PipeFaults {
  /** Bytes, and the end of the stream, are kept back until this is false again. */
  readonly held: boolean;
  /** The largest piece that is written at once. */
  readonly segmentBytes: number;
  readonly bytesPerSecond: number;
  readonly delayMs: number;
  readonly jitterMs: number;
  /** How many more bytes may pass before the whole connection is cut. */
  readonly cutAfterBytes: number;
  readonly cutKind: CutKind;
}

export const noFaults: PipeFaults = Object.freeze({
  held: false,
  segmentBytes: Infinity,
  bytesPerSecond: Infinity,
  delayMs: 0,
  jitterMs: 0,
  cutAfterBytes: Infinity,
  cutKind: "reset",
});
