import { didYouMean, type Rule } from "@warren/message/authoring";

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
        this.add(path, `unknown option "${name}".${didYouMean(name, Object.keys(rules))}`);
      } else if (value !== undefined) {
        const complaint = rule(value);
        if (complaint !== undefined) this.add(`${path}.${name}`, `${complaint}, not ${show(value)}`);
      }
    }
  }
}

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (Array.isArray(value) && value.every((each) => typeof each === "number")) return `[${value.join(", ")}]`;
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return String(value);
}
