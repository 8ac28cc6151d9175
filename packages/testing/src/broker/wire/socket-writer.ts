import type { Socket } from "node:net";
import { Ring } from "../model/queue/ring.ts";
import type { Reading } from "./reading.ts";

/** Above this much that the socket has not taken, consumers get nothing more. */
const fullBytes = 262_144;
/** Above this much, nothing more is read: whoever asks and does not listen cannot fill the memory with answers. */
const backlogBytes = 4 * fullBytes;

/** Something that has to be written before a turn's bytes leave, such as the confirms of all its publishes. */
export interface LateWrite {
  writeLate(): void;
}

export interface SocketWriterOptions {
  readonly socket: Socket;
  readonly reading: Reading;
  /** The socket has taken so much that consumers can have more. Called only after {@link SocketWriter.hasRoom} said no. */
  readonly onRoom: () => void;
  /** Cuts what is to be written into pieces; undefined to leave it whole. */
  readonly cut: (bytes: Buffer) => readonly Buffer[] | undefined;
}

/** Gathers what is written to one socket in a turn of the event loop, and hands it over in one piece. */
export class SocketWriter {
  readonly #socket: Socket;
  readonly #reading: Reading;
  readonly #onRoom: () => void;
  readonly #cut: SocketWriterOptions["cut"];
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  #late: LateWrite[] = [];
  #scheduled = false;
  #wanted = false;
  /** Pieces of a cut write that wait for the one before. */
  readonly #cutPieces = new Ring<Buffer>();
  #cutBytes = 0;
  #cutting = false;
  #held = false;
  /** Whether anything was written since this was last set to false: no heartbeat is needed. */
  written = false;

  constructor({ socket, reading, onRoom, cut }: SocketWriterOptions) {
    this.#socket = socket;
    this.#reading = reading;
    this.#onRoom = onRoom;
    this.#cut = cut;
    socket.on("drain", () => {
      reading.resume("backlog");
      this.#reportRoom();
    });
  }

  write(bytes: Buffer): void {
    this.#pieces.push(bytes);
    this.#pieceBytes += bytes.length;
    this.written = true;
    if (!this.#scheduled) this.#schedule();
  }

  writeAll(pieces: readonly Buffer[]): void {
    for (const piece of pieces) this.write(piece);
  }

  /** Has it write once more before this turn's bytes leave. */
  beforeLeaving(late: LateWrite): void {
    this.#late.push(late);
    if (!this.#scheduled) this.#schedule();
  }

  hasRoom(): boolean {
    if (this.#waitingBytes < fullBytes) return true;
    this.#wanted = true;
    return false;
  }

  /** Whether all is kept back: what is written meanwhile leaves when that ends. */
  hold(held: boolean): void {
    this.#held = held;
    if (!held && !this.#scheduled) this.#schedule();
  }

  /** Hands over what was gathered so far. */
  flush(): void {
    this.#scheduled = false;
    if (this.#held) return;
    if (this.#late.length > 0) this.#writeLate();
    if (this.#pieces.length === 0) return;
    const bytes =
      this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#pieceBytes);
    this.#pieces = [];
    this.#pieceBytes = 0;
    if (this.#socket.destroyed || this.#socket.writableEnded) return;
    const cut = this.#cut(bytes);
    if (cut !== undefined || this.#cutting) this.#writeCut(cut ?? [bytes]);
    else this.#socket.write(bytes);
    if (this.#socket.writableLength > backlogBytes) this.#reading.stop("backlog");
    this.#reportRoom();
  }

  /** Hands over what was gathered, and then ends the socket. */
  end(): void {
    this.flush();
    if (this.#cutting) this.#cutPieces.push(Buffer.alloc(0));
    else this.#socket.end();
  }

  #writeLate(): void {
    const late = this.#late;
    this.#late = [];
    for (const each of late) each.writeLate();
    this.#scheduled = false;
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => this.flush());
  }

  #reportRoom(): void {
    if (!this.#wanted || this.#waitingBytes >= fullBytes) return;
    this.#wanted = false;
    this.#onRoom();
  }

  /** All that the socket has not taken. */
  get #waitingBytes(): number {
    return this.#pieceBytes + this.#cutBytes + this.#socket.writableLength;
  }

  #writeCut(pieces: readonly Buffer[]): void {
    for (const piece of pieces) {
      this.#cutPieces.push(piece);
      this.#cutBytes += piece.length;
    }
    if (!this.#cutting) this.#writeNextPiece();
  }

  #writeNextPiece(): void {
    const next = this.#cutPieces.shift();
    this.#cutting = next !== undefined;
    if (next === undefined || this.#socket.destroyed) return;
    this.#cutBytes -= next.length;
    this.#reportRoom();
    if (next.length === 0) this.#socket.end();
    // In a later turn, or the operating system would put them together again.
    else this.#socket.write(next, () => setImmediate(() => this.#writeNextPiece()));
  }
}
