import { type Rule, shownValue, unknownName } from "@warren/message/authoring";

/** Every problem of one topology, each with the path of its entry. */
export class Problems {
  readonly list: string[] = [];

  add(path: string, sentence: string): void {
    this.list.push(`${path}: ${sentence}`);
  }

  /** Unknown names and values that break their rule. An explicit `undefined` is an option that is not there. */
  check(path: string, entry: object, rules: Readonly<Record<string, Rule>>): void {
    for (const [name, value] of Object.entries(entry)) {
      const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
      if (rule === undefined) {
        this.add(path, unknownName("option", name, Object.keys(rules)));
      } else if (value !== undefined) {
        const ofParts = rule.parts?.(value, `${path}.${name}`) ?? [];
        const complaint = ofParts.length > 0 ? undefined : rule(value);
        this.list.push(...ofParts);
        if (complaint !== undefined) this.add(`${path}.${name}`, `${complaint}, not ${show(value)}`);
      }
    }
  }
}

function show(value: unknown): string {
  const isShort = Array.isArray(value) && value.length <= 10;
  return isShort && value.every((each) => typeof each === "number")
    ? `[${value.join(", ")}]`
    : shownValue(value);
}
