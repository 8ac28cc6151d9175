import { ConnectionError, type ErrorCode, WarrenError } from "@warren/message";
import { replyIn } from "../channel/broker-refusal.ts";
import { describeAddress } from "../uri.ts";
import {
  isCertificateError,
  type ProbeOptions,
  probeHandshake,
  type ProbeResult,
  speaksTls,
} from "./handshake-probe.ts";

/**
 * Trying again does not help with these: someone has to change a setting. `connect` rejects with them at once; a
 * connection that was open before keeps trying, since passwords, vhosts and certificates do change.
 */
const hopeless: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ACCESS_REFUSED",
  "VHOST_NOT_FOUND",
  "VHOST_ACCESS_REFUSED",
  "MECHANISM_NOT_OFFERED",
  "FRAME_SIZE_REFUSED",
  "TLS_FAILED",
  "TLS_REQUIRED",
  "TLS_NOT_OFFERED",
  "TLS_NAME_MISMATCH",
  "TLS_UNTRUSTED",
  "TLS_EXPIRED",
  "TLS_CLIENT_CERTIFICATE",
  "INSECURE_KEY_FILE",
  "INVALID_OPTION",
]);

export function isHopeless(error: unknown): boolean {
  return error instanceof WarrenError && hopeless.has(error.code);
}

/** Why an attempt to connect failed, with the way out. Asks the broker once more where amqplib does not say. */
export async function diagnose(thrown: unknown, attempt: ProbeOptions): Promise<ConnectionError> {
  const where = describeAddress(attempt.address);
  const [code, sentence] =
    ofNetwork(thrown as NodeJS.ErrnoException, where) ??
    ofReply(replyIn(thrown), where) ??
    ofMechanism(thrown as Error, where) ??
    (await ofProbe(await probeHandshake(attempt), attempt, thrown as Error));
  return new ConnectionError(code, sentence, { cause: thrown, context: { address: where } });
}

type Diagnosis = readonly [code: ErrorCode, sentence: string];

function ofNetwork(error: NodeJS.ErrnoException, where: string): Diagnosis | undefined {
  switch (error.code) {
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return [
        "HOST_NOT_FOUND",
        `the name of the host ${where} cannot be resolved; check its spelling and the DNS`,
      ];
    case "ECONNREFUSED":
      return [
        "CONNECTION_REFUSED",
        `nothing listens on ${where}; is the broker running, and is this its port?`,
      ];
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ETIMEDOUT":
      return ["CONNECT_FAILED", `no way to ${where} (${error.code}); check routes and firewalls`];
    default:
      return ofTls(error, where);
  }
}

function ofTls(error: NodeJS.ErrnoException, where: string): Diagnosis | undefined {
  const { code = "", message } = error;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return [
      "TLS_NAME_MISMATCH",
      `the certificate of ${where} is for another host; connect by a name that stands in it, or give that name as tls.servername`,
    ];
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID")
    return [
      "TLS_EXPIRED",
      `the certificate of ${where} is not valid now (${code}); renew it, and check both clocks`,
    ];
  if (/^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code))
    return [
      "TLS_UNTRUSTED",
      `the certificate of ${where} comes from an authority that is not trusted (${code}); give its certificate as tls.ca or tls.caFile`,
    ];
  if (isCertificateError(error)) return ["TLS_FAILED", `the certificate of ${where} is refused (${code})`];
  const text = `${code} ${message}`;
  if (/wrong.version.number|packet.length.too.long|http.request/i.test(text))
    return [
      "TLS_NOT_OFFERED",
      `${where} does not speak TLS; use the broker's TLS port (usually 5671), or amqp:// if it has none`,
    ];
  if (/alert.*(certificate|unknown.ca|handshake.failure)/i.test(text))
    return [
      "TLS_CLIENT_CERTIFICATE",
      `${where} refuses this client's certificate, or wants one; give tls.cert and tls.key signed by an authority that the broker trusts`,
    ];
  // Faults of our own certificate, key or passphrase come before a byte is sent.
  if (code.startsWith("ERR_SSL_") || code.startsWith("ERR_OSSL_") || code === "EPROTO")
    return [
      "TLS_FAILED",
      `TLS with ${where} fails (${code}); check tls.cert, tls.key, the passphrase and minVersion`,
    ];
  return undefined;
}

interface Reply {
  readonly replyCode: number;
  readonly replyText: string;
}

/** RabbitMQ gives several reasons the same reply code, so its text has to be read. Texts of 3.10 to 4.3. */
function ofReply(reply: Reply | undefined, where: string): Diagnosis | undefined {
  if (reply === undefined) return undefined;
  const { replyCode, replyText } = reply;
  if (replyCode === 403)
    return [
      "ACCESS_REFUSED",
      `the broker at ${where} refuses the login; check user and password (guest may log in from the broker's own machine only)`,
    ];
  if (/vhost .* not found/.test(replyText))
    return [
      "VHOST_NOT_FOUND",
      `the broker has no such vhost: ${where}; check the path of the URL, or create the vhost`,
    ];
  if (/is down/.test(replyText)) return ["VHOST_DOWN", `the vhost at ${where} is down on the broker`];
  if (/limit .*is reached/.test(replyText))
    return [
      "CONNECTION_LIMIT",
      `the broker at ${where} takes no more connections for this user or vhost: ${replyText}`,
    ];
  if (/access to vhost .* refused/.test(replyText))
    return [
      "VHOST_ACCESS_REFUSED",
      `the user may not use the vhost at ${where}; give it permissions there (rabbitmqctl set_permissions)`,
    ];
  if (/frame_max|frame size/.test(replyText))
    return [
      "FRAME_SIZE_REFUSED",
      `the broker at ${where} refuses the frame size: ${replyText}; change frameMax`,
    ];
  return ["CONNECT_FAILED", `the broker at ${where} closed the handshake: ${replyCode} ${replyText}`];
}

function ofMechanism({ message }: Error, where: string): Diagnosis | undefined {
  const mechanism = /^SASL mechanism (\S+) is not provided/.exec(message)?.[1];
  return mechanism === undefined
    ? undefined
    : [
        "MECHANISM_NOT_OFFERED",
        `the broker at ${where} does not offer ${mechanism}; EXTERNAL needs the plugin rabbitmq_auth_mechanism_ssl and TLS`,
      ];
}

async function ofProbe(result: ProbeResult, attempt: ProbeOptions, thrown: Error): Promise<Diagnosis> {
  const where = describeAddress(attempt.address);
  switch (result.kind) {
    case "failed":
      return (
        ofNetwork(result.error, where) ?? [
          "CONNECT_FAILED",
          `cannot connect to ${where} (${result.error.code})`,
        ]
      );
    case "closed":
      return ofReply(result, where)!;
    case "garbage":
      return ofGarbage(result.bytes, where);
    case "silent":
      return result.awaited === "connect"
        ? ["CONNECT_FAILED", `no answer from ${where} at all; check routes and firewalls`]
        : [
            "HANDSHAKE_TIMEOUT",
            `${where} accepts connections and then says nothing; is there a broker behind it?`,
          ];
    case "ended":
      if (
        result.awaited === "start" &&
        !attempt.address.tls &&
        (await speaksTls(attempt.address, attempt.timeoutMs, attempt.signal))
      )
        return ofGarbage(tlsAlert, where);
      return ["CONNECT_FAILED", `${where} hangs up during the handshake; is there a broker behind it?`];
    case "opened":
      return ["CONNECT_FAILED", `cannot connect to ${where}: ${thrown.message}`];
  }
}

const tlsAlert = Buffer.of(0x15, 0x03);

function ofGarbage(bytes: Buffer, where: string): Diagnosis {
  if (bytes.subarray(0, 2).equals(tlsAlert))
    return ["TLS_REQUIRED", `${where} speaks TLS; use amqps://, or the broker's plain port (usually 5672)`];
  const who = bytes.toString("latin1").startsWith("HTTP/")
    ? "an HTTP server"
    : bytes.toString("latin1").startsWith("AMQP")
      ? "a broker with another version of AMQP"
      : "something that is no AMQP broker";
  return [
    "PROTOCOL_MISMATCH",
    `${who} answers at ${where}; check host and port (RabbitMQ's are 5672 and 5671)`,
  ];
}
