import { didYouMean } from "@warren/message/authoring";
import { formatDurationMs, parseDurationMs } from "../units/duration.ts";
import { parseRatePerSecond } from "../units/rate.ts";

/**
 * One setting of a command: how it is called, described and read. The command line and the environment give the same
 * texts, so one `parse` serves both.
 */
export interface Flag<Value> {
  readonly kind: "text" | "toggle" | "list" | "level" | "environment";
  readonly describe: string;
  readonly alias?: string;
  /** What the value is called in `--help`. */
  readonly placeholder?: string;
  /** Where it stands in `--help`. */
  readonly group?: string;
  readonly choices?: readonly string[];
  readonly default: Value;
  readonly defaultText?: string;
  /** Never printed, also not by `--explain-config`. */
  readonly secret?: boolean;
  /** Variables that are read after `WARREN_<FLAG>`, the first one that is set. */
  readonly lastEnv?: readonly string[];
  /** The value of what was written, or a complaint ("must be …"). */
  readonly parse: (texts: readonly string[]) => { readonly value: Value } | { readonly complaint: string };
}

// oxlint-disable-next-line typescript/no-explicit-any -- a Flag is invariant in its value; this is "of whatever value"
export type Flags = Readonly<Record<string, Flag<any>>>;

/** The other way round: flags whose values have these types. */
export type FlagsFor<Settings> = { readonly [Name in keyof Settings]: Flag<Settings[Name]> };

export type SettingsOf<F extends Flags> = {
  readonly [Name in keyof F]: F[Name] extends Flag<infer Value> ? Value : never;
};

type Common<Default> = Partial<
  Pick<Flag<unknown>, "alias" | "placeholder" | "group" | "secret" | "lastEnv" | "defaultText">
> & { readonly default?: Default };

export function text<const D extends string | undefined = undefined>(
  describe: string,
  options: Common<D> = {},
): Flag<string | D> {
  return flag(describe, "TEXT", options, (value) => ({ value }));
}

export function choice<const C extends string, const D extends C | undefined = undefined>(
  describe: string,
  choices: readonly C[],
  options: Common<D> = {},
): Flag<C | D> {
  const parse = (value: string) =>
    (choices as readonly string[]).includes(value)
      ? { value: value as C }
      : { complaint: `must be one of ${choices.join(", ")}, not "${value}".${didYouMean(value, choices)}` };
  return { ...flag(describe, choices.join("|"), options, parse), choices };
}

export function count<const D extends number | undefined = undefined>(
  describe: string,
  options: Common<D> & { readonly min?: number; readonly max?: number } = {},
): Flag<number | D> {
  const { min = 1, max = Number.MAX_SAFE_INTEGER, ...common } = options;
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`;
  return flag<number, D>(describe, "N", common, (value) => {
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max
      ? { value: number }
      : { complaint: `must be a whole number ${range}, not "${value}"` };
  });
}

export function duration<const D extends number | undefined = undefined>(
  describe: string,
  options: Common<D> & { readonly minMs?: number } = {},
): Flag<number | D> {
  const { minMs = 0, ...common } = options;
  const defaultText = options.default === undefined ? {} : { defaultText: formatDurationMs(options.default) };
  return flag<number, D>(describe, "TIME", { ...defaultText, ...common }, (value) => {
    const ms = parseDurationMs(value);
    return ms === undefined || ms < minMs
      ? { complaint: `must be a time such as 500ms, 10s or 1m, not "${value}"` }
      : { value: ms };
  });
}

/** Messages a second. */
export function rate(describe: string, options: Common<undefined> = {}): Flag<number | undefined> {
  return flag<number, undefined>(describe, "RATE", options, (value) => {
    const perSecond = parseRatePerSecond(value);
    return perSecond === undefined
      ? { complaint: `must be a rate such as 500/s or 30/m, not "${value}"` }
      : { value: perSecond };
  });
}

const switches: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  on: true,
  1: true,
  false: false,
  no: false,
  off: false,
  0: false,
};

/** On or off: `--name`, `--no-name`; in the environment true, yes, on or 1, and their opposites. */
export function toggle(describe: string, options: Common<boolean> = {}): Flag<boolean> {
  const parse = (value: string) => {
    const on = switches[value.toLowerCase()];
    return on === undefined ? { complaint: `must be true or false, not "${value}"` } : { value: on };
  };
  const base = flag<boolean, boolean>(describe, "", { default: false, ...options }, parse);
  return { ...base, kind: "toggle" };
}

/** Stronger each time that it is written: `-vv` is 2. */
export function level(describe: string, options: Common<number> = {}): Flag<number> {
  const { kind: _text, ...base } = count(describe, { default: 0, min: 0, max: 9, ...options });
  return { ...base, kind: "level" };
}

/** A secret: a variable only, never an argument, which every user of the machine can see. */
export function flagOfEnvironment(describe: string): Flag<string | undefined> {
  return { ...text(describe), kind: "environment", secret: true };
}

/** May be given several times; in the environment one value a line. */
export function list(describe: string, options: Common<readonly string[]> = {}): Flag<readonly string[]> {
  return {
    placeholder: "TEXT",
    default: [],
    ...options,
    kind: "list",
    describe,
    parse: (texts) => ({ value: texts }),
  };
}

function flag<Value, Default>(
  describe: string,
  placeholder: string,
  options: Common<Default>,
  parse: (value: string) => { value: Value } | { complaint: string },
): Flag<Value | Default> {
  return {
    placeholder,
    ...options,
    kind: "text",
    describe,
    default: options.default as Default,
    // A setting that is given twice is overridden, as shells' aliases expect.
    parse: (texts) => parse(texts.at(-1) ?? ""),
  };
}
