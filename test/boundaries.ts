import {
  createSourceFile,
  forEachChild,
  type Identifier,
  isIdentifier,
  type ImportDeclaration,
  isImportDeclaration,
  isNamedImports,
  isPropertyAccessExpression,
  isTypeNode,
  type Node,
  preProcessFile,
  ScriptTarget,
} from "typescript";

/** The dependency rules of ARCHITECTURE.md, as checks of one source file; each returns what is wrong with it. */

/** For applications, and for what libraries on top of it need. */
const vocabulary = ["message", "message/authoring"];

/** Which packages of this repository each may import. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  message: [],
  connection: vocabulary,
  publisher: [...vocabulary, "connection"],
  consumer: [...vocabulary, "connection"],
  postgres: [...vocabulary, "connection", "publisher", "consumer"],
  testing: vocabulary,
  cli: [...vocabulary, "connection", "publisher", "consumer", "postgres", "testing/broker"],
  bench: [...vocabulary, "connection", "publisher", "consumer", "testing"],
};

/** Bench's contenders are the clients that Warren is compared with. */
const mayUseAmqpLibraries = new Set(["connection", "bench"]);

const brokerFolder = "packages/testing/src/broker/";

/** The only parts of Node that the vocabulary uses; it does no I/O. */
const builtinsOfMessage = new Set(["node:buffer", "node:diagnostics_channel", "node:util", "node:zlib"]);

interface ProcessRule {
  readonly what: string;
  /** Members of `process`, or global names. */
  readonly names: ReadonlySet<string>;
  readonly allowedIn: RegExp;
}

const processRules: readonly ProcessRule[] = [
  { what: "console", names: new Set(["console"]), allowedIn: /^packages\/(cli|bench)\// },
  {
    what: "process.env",
    names: new Set(["process.env"]),
    allowedIn: /^packages\/(cli|bench)\/|^packages\/testing\/src\/environment\.ts$/,
  },
  {
    what: "process.exit",
    names: new Set(["process.exit", "process.exitCode", "process.abort", "process.reallyExit"]),
    allowedIn: /^packages\/(cli|bench)\/|^packages\/connection\/src\/close-on-signals\.ts$/,
  },
  {
    what: "process events",
    names: new Set(["on", "once", "addListener", "prependListener"].map((name) => `process.${name}`)),
    allowedIn: /^packages\/(cli|bench)\/|^packages\/connection\/src\/close-on-signals\.ts$/,
  },
  { what: "process as a whole", names: new Set(["process"]), allowedIn: /^packages\/(cli|bench)\// },
  { what: "code from text", names: new Set(["eval", "Function"]), allowedIn: /^$/ },
];

export function importProblems(path: string, text: string): readonly string[] {
  const here = packageOf(path);
  const problems = /^\s*export\s*\*/m.test(text) ? [`exports *`] : [];
  for (const { fileName } of preProcessFile(text, true, true).importedFiles) {
    const problem = specifierProblem(here, path, fileName);
    if (problem !== undefined) problems.push(problem);
  }
  return problems.map((problem) => `${path}: ${problem}`);
}

export function processProblems(path: string, text: string): readonly string[] {
  const used = globalsOf(text);
  return processRules
    .filter(({ names, allowedIn }) => !allowedIn.test(path) && [...used].some((name) => names.has(name)))
    .map(({ what }) => `${path}: ${what}`);
}

/** Global names that a file uses; of `process` the members, unless it is handed on as a whole. */
function globalsOf(text: string): ReadonlySet<string> {
  const used = new Set<string>();
  const visit = (node: Node): void => {
    if (isTypeNode(node)) return;
    if (isImportDeclaration(node)) {
      for (const name of importedFromProcess(node)) used.add(name);
    } else if (isPropertyAccessExpression(node) && isIdentifier(node.expression)) {
      const global = node.expression.text;
      used.add(global === "process" ? `process.${node.name.text}` : global);
    } else if (isIdentifier(node) && isValue(node)) used.add(node.text);
    else forEachChild(node, visit);
  };
  visit(createSourceFile("file.ts", text, ScriptTarget.ES2023, true));
  return used;
}

/** `import { env } from "node:process"` uses `process.env`; a default or namespace import hands on the whole. */
function importedFromProcess(node: ImportDeclaration): readonly string[] {
  if (!/^["'](node:)?process["']$/.test(node.moduleSpecifier.getText())) return [];
  const bindings = node.importClause?.namedBindings;
  if (bindings === undefined || !isNamedImports(bindings)) return ["process"];
  return bindings.elements.map((each) => `process.${(each.propertyName ?? each.name).text}`);
}

/** Not merely the name of a property or a declaration. */
function isValue(node: Identifier): boolean {
  const { parent } = node;
  if (isPropertyAccessExpression(parent)) return parent.expression === node;
  return !("name" in parent && parent.name === node);
}

/** Written so that this file does not find itself. */
const tlsOff =
  /["']?reject(?:)Unauthorized["']?\s*:\s*(?:false|!1)|NODE_TLS_(?:)REJECT_UNAUTHORIZED["'\]]*\s*=/;

export function tlsProblems(path: string, text: string): readonly string[] {
  return tlsOff.test(text) ? [`${path}: certificates are not verified`] : [];
}

function specifierProblem(here: string, path: string, specifier: string): string | undefined {
  const broker = brokerProblem(path, specifier);
  if (broker !== undefined) return broker;
  if (/^amqplib(\/|$)|^amqp-connection-manager(\/|$)/.test(specifier))
    return mayUseAmqpLibraries.has(here) ? undefined : `imports ${specifier}, only connection may`;
  const own = /^@warren\/(.+)$/.exec(specifier)?.[1];
  if (own !== undefined)
    return (mayImport[here] ?? []).includes(own) ? undefined : `${here} imports @warren/${own}`;
  if (specifier.startsWith(".")) return relativeProblem(path, specifier);
  if (here === "message" && specifier.startsWith("node:") && !builtinsOfMessage.has(specifier))
    return `message imports ${specifier}, and does no I/O`;
  return undefined;
}

/** The embedded broker stands alone: `@warren/testing/broker` loads nothing of Warren, and no package. */
function brokerProblem(path: string, specifier: string): string | undefined {
  if (!path.startsWith(brokerFolder)) return undefined;
  const inside = new URL(specifier, `file:///${path}`).pathname.startsWith(`/${brokerFolder}`);
  if (specifier.startsWith("node:") || (specifier.startsWith(".") && inside)) return undefined;
  return `the embedded broker imports ${specifier}`;
}

function relativeProblem(path: string, specifier: string): string | undefined {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  const source = /^packages\/[^/]+\/src\//.exec(path)![0];
  if (!target.startsWith(source) && target !== source.replace(/src\/$/, "package.json"))
    return `reaches out of its package to ${specifier}`;
  return target === `${source}index.ts` ? "imports its own index.ts" : undefined;
}

function packageOf(path: string): string {
  return /^packages\/([^/]+)\//.exec(path)?.[1] ?? "";
}
