import {
  type CallExpression,
  createSourceFile,
  type Expression,
  forEachChild,
  isCallExpression,
  isIdentifier,
  isNoSubstitutionTemplateLiteral,
  isPropertyAccessExpression,
  isStringLiteral,
  isTaggedTemplateExpression,
  isTemplateExpression,
  type Node,
  ScriptTarget,
} from "typescript";

export interface TestTitle {
  /** As written: with `%s` in a `test.each`, and `${…}` in a template. */
  readonly title: string;
  /** It, or a block around it, is marked `skip`, `todo` or `fails`. What is skipped by a condition is not. */
  readonly disabled: boolean;
}

const testFunctions = new Set(["test", "it"]);
const disabling = new Set(["skip", "todo", "fails"]);

/** The titles of the tests in a file, in its order. */
export function testTitles(source: string): readonly TestTitle[] {
  const titles: TestTitle[] = [];
  const visit = (node: Node, disabledAround: boolean): void => {
    let disabled = disabledAround;
    if (isCallExpression(node)) {
      const { base, modifiers } = calleeOf(node.expression);
      if (testFunctions.has(base) || base === "describe")
        disabled ||= modifiers.some((modifier) => disabling.has(modifier));
      const title = testFunctions.has(base) ? titleOf(node) : undefined;
      if (title !== undefined) titles.push({ title, disabled });
    }
    forEachChild(node, (child) => visit(child, disabled));
  };
  visit(createSourceFile("file.ts", source, ScriptTarget.ES2023, true), false);
  return titles;
}

/** `test.skipIf(…)` and `test.each(…)` are calls that give the function which takes the title. */
function calleeOf(expression: Expression): { readonly base: string; readonly modifiers: readonly string[] } {
  const modifiers: string[] = [];
  let callee = expression;
  for (;;) {
    if (isPropertyAccessExpression(callee)) {
      modifiers.push(callee.name.text);
      callee = callee.expression;
    } else if (isCallExpression(callee)) callee = callee.expression;
    else if (isTaggedTemplateExpression(callee)) callee = callee.tag;
    else return { base: isIdentifier(callee) ? callee.text : "", modifiers };
  }
}

function titleOf({ arguments: [first] }: CallExpression): string | undefined {
  if (first === undefined) return undefined;
  if (isStringLiteral(first) || isNoSubstitutionTemplateLiteral(first)) return first.text;
  return isTemplateExpression(first) ? first.getText().slice(1, -1) : undefined;
}
