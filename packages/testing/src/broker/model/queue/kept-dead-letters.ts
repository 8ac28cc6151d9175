import type { Alarm, Clock } from "../../clock.ts";
import type { Message } from "../message.ts";
import type { DeadLetters } from "./dead-letters.ts";
import type { DeadLetter } from "./queue.ts";
import { Ring } from "./ring.ts";
import type { DeathReason } from "./x-death.ts";

/** How many are on their way at a time: one that does not arrive holds up those behind it. */
const WINDOW_COUNT = 32;

/** After which one that did not arrive is sent again. RabbitMQ waits that long for a confirm. */
const RETRY_MS = 180_000;

/**
 * `x-dead-letter-strategy: at-least-once`: a letter counts as the queue's own until each of its targets has it, and is
 * sent again where one is missing or refuses it.
 */
export class KeptDeadLetters implements DeadLetters {
  readonly #clock: Clock;
  readonly #write: (message: Message, reason: DeathReason) => DeadLetter;
  readonly #publish: (letter: DeadLetter) => void;
  readonly #waiting = new Ring<DeadLetter>();
  /** On their way, or come back. */
  readonly #sent = new Set<DeadLetter>();
  #heldBytes = 0;
  #alarm: Alarm | undefined;

  constructor(parts: {
    readonly clock: Clock;
    readonly write: (message: Message, reason: DeathReason) => DeadLetter;
    readonly publish: (letter: DeadLetter) => void;
  }) {
    this.#clock = parts.clock;
    this.#write = parts.write;
    this.#publish = parts.publish;
  }

  get heldCount(): number {
    return this.#waiting.length + this.#sent.size;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  send(message: Message, reason: DeathReason): void {
    this.#waiting.push(this.#write(message, reason));
    this.#heldBytes += message.body.length;
    this.#fillWindow();
  }

  close(): void {
    this.#alarm?.cancel();
    this.#waiting.clear();
    this.#sent.clear();
    this.#heldBytes = 0;
  }

  #fillWindow(): void {
    while (this.#sent.size < WINDOW_COUNT) {
      const letter = this.#waiting.shift();
      if (letter === undefined) return;
      this.#sent.add(letter);
      this.#attempt(letter);
    }
  }

  #attempt(letter: DeadLetter): void {
    this.#publish({
      ...letter,
      settled: (outcome) => {
        if (outcome === "stored") this.#arrived(letter);
        else if (this.#sent.has(letter)) this.#retryLater();
      },
    });
  }

  #arrived(letter: DeadLetter): void {
    if (!this.#sent.delete(letter)) return;
    this.#heldBytes -= letter.message.body.length;
    this.#fillWindow();
  }

  #retryLater(): void {
    this.#alarm ??= this.#clock.schedule(RETRY_MS, () => {
      this.#alarm = undefined;
      const again = Array.from(this.#sent);
      for (const letter of again) this.#attempt(letter);
    });
  }
}
