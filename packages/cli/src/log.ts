import type { Writable } from "node:stream";
import { redact } from "./redact.ts";
import { escapeText } from "./terminal.ts";

export interface LogOptions {
  /** 0 says what goes wrong and the summary, 1 also what happens, -1 only errors. */
  readonly level: number;
  readonly format: "text" | "json";
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly now?: () => Date;
}

/** Longest interval at which a progress line changes, in milliseconds. */
const progressEveryMs = 200;

/** Everything that a command says beside its data; all of it goes to stderr, without secrets or escapes. */
export class Log {
  readonly #options: LogOptions;
  readonly #secrets = new Set<string>();
  #progressAt = 0;
  #progressShown = false;

  constructor(options: LogOptions) {
    this.#options = options;
    // Nobody can be told that stderr is gone.
    options.stderr.on("error", () => undefined);
  }

  /** From now on this text is never shown. */
  hide(secret: string): void {
    this.#secrets.add(secret);
  }

  error(text: string): void {
    this.#line("error", text);
  }

  warn(text: string): void {
    if (this.#options.level >= 0) this.#line("warn", text);
  }

  /** The result of the work: shown unless -q. */
  summary(text: string): void {
    if (this.#options.level >= 0) this.#line("summary", text);
  }

  /** What happens on the way: shown with -v. */
  info(text: string): void {
    if (this.#options.level >= 1) this.#line("info", text);
  }

  /** One line that is written over: on a terminal only, five times a second at most. */
  progress(text: () => string): void {
    const { stderr, level, format } = this.#options;
    if (stderr.isTTY !== true || level < 0 || format === "json") return;
    const at = performance.now();
    if (at - this.#progressAt < progressEveryMs) return;
    this.#progressAt = at;
    this.#progressShown = true;
    stderr.write(`\r${this.#safe(text())}\u001b[K`);
  }

  /** A text as it is, but for secrets: the object of --json-errors. */
  raw(text: string): void {
    this.#clearProgress();
    this.#options.stderr.write(redact(text, this.#secrets));
  }

  #line(level: string, text: string): void {
    this.#clearProgress();
    const { stderr, format, now = () => new Date() } = this.#options;
    const safe = this.#safe(text);
    const line =
      format === "json"
        ? JSON.stringify({ time: now().toISOString(), level, text: safe })
        : prefixed(level, safe);
    stderr.write(`${line}\n`);
  }

  #safe(text: string): string {
    return escapeText(redact(text, this.#secrets));
  }

  #clearProgress(): void {
    if (this.#progressShown) this.#options.stderr.write("\r\u001b[K");
    this.#progressShown = false;
  }
}

function prefixed(level: string, text: string): string {
  return level === "error" || level === "warn" ? `warren: ${text}` : text;
}
