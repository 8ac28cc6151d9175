import { inspect } from "node:util";

/** K10: where a secret shows: as it is, in a URL, in base64 or as bytes; in a text, or anywhere inside of a value. */
export function secretsIn(secrets: readonly string[], ...values: readonly unknown[]): readonly string[] {
  const texts = values.map(textOf);
  return secrets.flatMap((secret) =>
    disguises(secret).flatMap(([disguise, text]) =>
      texts.flatMap((each, index) =>
        each.includes(text) ? [`${secret}, ${disguise}, in value ${index}`] : [],
      ),
    ),
  );
}

function disguises(secret: string): readonly (readonly [disguise: string, text: string])[] {
  const bytes = Buffer.from(secret);
  const url = encodeURIComponent(secret);
  return [
    ["as it is", secret],
    ...(url === secret ? [] : [["in a URL", url] as const]),
    ["in base64", bytes.toString("base64").replace(/=+$/, "")],
    ["as bytes", inspect(bytes).slice("<Buffer ".length, -1)],
  ];
}

/** Everything that a log could print of a value: nested, hidden and inherited properties, too. */
function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  const stack = value instanceof Error ? (value.stack ?? "") : "";
  return `${inspect(value, { depth: Infinity, showHidden: true, maxArrayLength: Infinity, maxStringLength: Infinity, breakLength: Infinity })}\n${stack}`;
}
