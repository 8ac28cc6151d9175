import { readFile } from "node:fs/promises";
import type { ConnectOptions } from "@warren/connection";
import { Failure, systemFailure } from "../failure.ts";
import type { Io } from "../io.ts";
import type { Log } from "../log.ts";
import type { ConnectionSettings } from "../settings/common-flags.ts";

/**
 * Who to log in as, from a variable, a file or stdin, never from an argument. Nothing where the URL says it all.
 *
 * @throws Failure 64 when a part is missing, 66 or 74 when a file cannot be read
 */
export async function credentialsOf(
  settings: ConnectionSettings,
  urls: readonly string[],
  io: Pick<Io, "stdin">,
  log: Pick<Log, "hide">,
): Promise<ConnectOptions["credentials"]> {
  if (settings.auth === "external") return "external";
  if (settings.auth === "oauth") return oauth(settings, log);
  const password = await passwordOf(settings, io);
  const username = settings.user ?? userOf(urls);
  if (password === undefined && settings.user === undefined) return undefined;
  if (password === undefined)
    throw new Failure(64, "--user needs a password", {
      hint: "Give it as WARREN_PASSWORD, --password-file or --password-stdin.",
    });
  if (username === undefined) throw new Failure(64, "a password needs --user, or a user in the URL");
  log.hide(password);
  return { username, password };
}

async function oauth(
  { token, "token-file": file }: ConnectionSettings,
  log: Pick<Log, "hide">,
): Promise<ConnectOptions["credentials"]> {
  if (token === undefined && file === undefined)
    throw new Failure(64, "--auth oauth needs --token-file or WARREN_TOKEN");
  const read = async (): Promise<{ token: string }> => {
    const fresh = token ?? (await firstLineOf(file!));
    log.hide(fresh);
    return { token: fresh };
  };
  // The file is there or it is not: that is told now, and not as a login that fails.
  await read();
  return read;
}

async function passwordOf(settings: ConnectionSettings, io: Pick<Io, "stdin">): Promise<string | undefined> {
  const { password, "password-file": file, "password-stdin": fromStdin } = settings;
  if (file !== undefined) return firstLineOf(file);
  return fromStdin ? firstLine(await textOf(io.stdin)) : password;
}

async function firstLineOf(file: string): Promise<string> {
  try {
    return firstLine(await readFile(file, "utf8"));
  } catch (error) {
    throw systemFailure(error, "cannot read") ?? error;
  }
}

async function textOf(stream: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function firstLine(text: string): string {
  return text.split(/\r?\n/, 1)[0]!;
}

function userOf(urls: readonly string[]): string | undefined {
  const user = urls
    .map((url) => (URL.canParse(url) ? new URL(url).username : ""))
    .find((name) => name !== "");
  return user === undefined ? undefined : decodeURIComponent(user);
}
