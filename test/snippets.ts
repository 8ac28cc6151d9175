import { join } from "node:path";
import ts from "typescript";
import { files, read, root } from "./repository.ts";

/** A ```ts block of a Markdown page: a program of its own, as a reader would paste it into a file. */
export interface Snippet {
  readonly page: string;
  /** Of the fence, counted from 1. */
  readonly line: number;
  /** What stands behind ```ts on the fence, e.g. `run`. */
  readonly tags: readonly string[];
  readonly code: string;
}

/** The pages whose samples must compile. */
export function pages(): readonly string[] {
  return [
    ...files(".", /\.md$/).filter((path) => !path.includes("/")),
    ...files("docs", /\.md$/),
    ...files("packages", /^README\.md$/).filter((path) => path.split("/").length === 3),
  ];
}

/** Every ```ts block of a page. */
export function snippetsOf(page: string, text: string = read(page)): readonly Snippet[] {
  const snippets: Snippet[] = [];
  let open: { line: number; tags: readonly string[]; code: string[] } | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (open !== undefined && line.trim() === "```") {
      snippets.push({ page, line: open.line, tags: open.tags, code: `${open.code.join("\n")}\n` });
      open = undefined;
    } else if (open !== undefined) open.code.push(line);
    else {
      const fence = /^\s*```ts(?:\s+(.*))?$/.exec(line);
      if (fence) open = { line: index + 1, tags: fence[1]?.trim().split(/\s+/) ?? [], code: [] };
    }
  }
  if (open !== undefined) throw new Error(`${page}:${open.line}: the block has no end`);
  return snippets;
}

/**
 * What the compiler says about each snippet, as `page:line: message`, with the workspace's own options except that a
 * sample may leave names unused. All are checked as one program, so that the packages are read once.
 */
export function typeProblems(snippets: readonly Snippet[]): readonly string[] {
  const byFile = new Map(
    snippets.map((snippet, index) => [
      join(root, "test", `snippet-${index}.ts`).replaceAll("\\", "/"),
      snippet,
    ]),
  );
  const options: ts.CompilerOptions = {
    ...workspaceOptions(),
    noUnusedLocals: false,
    noUnusedParameters: false,
  };
  const disk = ts.createCompilerHost(options);
  const host = ts.createCompilerHost(options);
  host.fileExists = (path) => byFile.has(path) || disk.fileExists(path);
  host.readFile = (path) => {
    const snippet = byFile.get(path);
    return snippet === undefined ? disk.readFile(path) : `${snippet.code}export {};\n`;
  };
  const program = ts.createProgram([...byFile.keys()], options, host);
  return [...byFile].flatMap(([path, snippet]) => {
    const source = program.getSourceFile(path)!;
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map((each) => describe(snippet, source, each));
  });
}

function workspaceOptions(): ts.CompilerOptions {
  const config = ts.parseConfigFileTextToJson("tsconfig.base.json", read("tsconfig.base.json"));
  return ts.convertCompilerOptionsFromJson(
    (config.config as { compilerOptions: object }).compilerOptions,
    root,
  ).options;
}

function describe(snippet: Snippet, source: ts.SourceFile, diagnostic: ts.Diagnostic): string {
  const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
  const message = ts.flattenDiagnosticMessageText(diagnostic.messageText, " ");
  return `${snippet.page}:${snippet.line + line + 1}: ${message}`;
}
