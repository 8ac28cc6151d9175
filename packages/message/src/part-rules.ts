import { anArray, anObject, objectProblems, type Rule, type Rules, valueProblems } from "./options.ts";

/**
 * An object with these members. What is wrong with them is told of each by its name, so that their values are shown: not
 * for secrets.
 *
 * @param required the members that must be there.
 * @param also what is wrong with members that are fine by themselves, or nothing.
 */
export function aShape<Shape extends object>(
  rules: Rules<Shape>,
  required: readonly (keyof Shape & string)[] = [],
  also: (shape: Shape) => string | undefined = () => undefined,
): Rule {
  const complaint = `must be { ${Object.keys(rules).join(", ")} }`;
  const parts = (value: unknown, path: string): readonly string[] => {
    if (anObject(value) !== undefined) return [];
    const shape = value as Shape;
    const missing = required.filter((name) => shape[name] === undefined);
    const problems = [
      ...objectProblems(shape, rules, path),
      ...missing.map((name) => `${path}.${name} is missing`),
    ];
    const together = problems.length === 0 ? also(shape) : undefined;
    return together === undefined ? problems : [`${path} ${together}`];
  };
  return Object.assign(
    (value: unknown) =>
      anObject(value) === undefined && parts(value, "").length === 0 ? undefined : complaint,
    { parts },
  );
}

/** A list whose elements each keep the rule. What is wrong with them is told of each by its place. */
export function aListOf(
  rule: Rule,
  also: (list: readonly unknown[]) => string | undefined = () => undefined,
): Rule {
  const parts = (value: unknown, path: string): readonly string[] => {
    if (!Array.isArray(value)) return [];
    const list: readonly unknown[] = value;
    const problems = list.flatMap((each, index) =>
      each === undefined ? [`${path}[${index}] is missing`] : valueProblems(each, rule, `${path}[${index}]`),
    );
    const together = problems.length === 0 ? also(list) : undefined;
    return together === undefined ? problems : [`${path} ${together}`];
  };
  return Object.assign(
    (value: unknown) => anArray(value) ?? (parts(value, "").length === 0 ? undefined : "must be a list"),
    { parts },
  );
}
