/**
 * What codecs, middleware, publishers and consumers are written with, Warren's own among them. An application needs none
 * of it: what it uses is in `@warren/message`.
 *
 * - **Options**: {@link resolveOptions} lays what a caller gives over defaults and checks it by **rules**
 *   ({@link anInteger}, {@link milliseconds}, {@link oneOf}, {@link aShape}, {@link aListOf} …); {@link unknownName} and
 *   {@link shownValue} word the problems.
 * - **Payloads**: {@link validate} runs a message's schema, {@link schemaError} tells what is wrong;
 *   {@link compress} and {@link decompress} stand between codec and wire.
 * - **Headers**: {@link copyHeaders} makes them safe in both directions; the reserved ones are told by
 *   {@link isReservedHeader}.
 * - **Flow**: {@link compose} nests middleware, {@link backoffMs} spreads retries, {@link InFlight} counts what
 *   `flush` and `idle` wait for.
 *
 * ```ts
 * const rules: Rules<PollOptions> = { everyMs: milliseconds(1), name: aShortString };
 * const options = resolveOptions("poll", given, { everyMs: 1_000 }, rules);
 * ```
 */

// For library authors
export { backoffMs } from "./backoff.ts";
export { bodyProblem } from "./body-problem.ts";
export { didYouMean, unknownName } from "./closest-name.ts";
export { shownValue } from "./shown-value.ts";
export {
  aBoolean,
  aFunction,
  anArray,
  anInteger,
  anObject,
  anything,
  aShortString,
  either,
  literally,
  milliseconds,
  objectProblems,
  oneOf,
  resolveOptions,
  type Rule,
  type Rules,
  valueProblems,
} from "./options.ts";
export { aListOf, aShape } from "./part-rules.ts";
export { schemaError, validate, type Validation } from "./validate.ts";
export { compress, decompress, type DecompressionLimits, decompressionLimits } from "./content-encoding.ts";
export { headerLimits, isDecimalHeader, isTypedHeader } from "./headers.ts";
export { copyHeaders, type HeaderConversion, type HeaderCopy, headerProblem } from "./copy-headers.ts";
export {
  isBrokerHeader,
  isReservedHeader,
  reservedHeaderProblem,
  warrenHeaderPrefix,
} from "./reserved-headers.ts";
export { isAcknowledgement, isPermanent } from "./acknowledgement.ts";
export { compose } from "./middleware.ts";
export { InFlight } from "./in-flight.ts";
export { type BrokerErrorDetails, type ErrorContext, type ErrorDetails, problemList } from "./errors.ts";
