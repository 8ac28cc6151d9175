import type { MethodArguments, MethodName } from "../broker/codec/method-table.ts";

type AnyArguments = { [N in MethodName]: MethodArguments<N> }[MethodName];
type ArgumentName = AnyArguments extends infer A ? (A extends unknown ? keyof A : never) : never;

/** The arguments of whatever method it is. Those that it does not carry are absent. */
export type MethodFields = {
  readonly [A in ArgumentName]?: Extract<AnyArguments, Readonly<Record<A, unknown>>>[A];
};
