import { type Binding, bindingIdentity } from "../model/exchange/binding.ts";

/**
 * What tells the bindings between the same two apart in a path: the routing key, quoted as in a form, and with arguments a
 * `~` and their hash. RabbitMQ makes its hash another way; clients take the key from a list and hand it back.
 */
export function propertiesKey(binding: Binding): string {
  const quoted = quotePlus(binding.routingKey);
  if (binding.arguments.size > 0) return `${quoted}~${hashOf(bindingIdentity(binding))}`;
  return quoted === "" ? "~" : quoted;
}

/** Whether a part of a path means this binding; decoded once, its routing key may be quoted or not. */
export function meansBinding(part: string, binding: Binding): boolean {
  const key = propertiesKey(binding);
  return part === key || (binding.arguments.size === 0 && part === binding.routingKey);
}

export function quotePlus(text: string): string {
  return encodeURIComponent(text)
    .replaceAll("%20", "+")
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(hash);
  return bytes.toString("base64url");
}
