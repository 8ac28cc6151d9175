/** How RabbitMQ names an exchange in its texts. */
export function exchangeIn(vhost: string, name: string): string {
  return `exchange '${name}' in vhost '${vhost}'`;
}

/** How RabbitMQ names a queue in its texts. */
export function queueIn(vhost: string, name: string): string {
  return `queue '${name}' in vhost '${vhost}'`;
}

/** Names lose their line breaks wherever something is declared, bound or deleted. */
export function withoutLineBreaks(name: string): string {
  return name.replace(/[\r\n]/g, "");
}
