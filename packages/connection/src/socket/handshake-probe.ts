import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { BrokerAddress } from "../uri.ts";
import {
  closeOk,
  connectionMethods,
  open,
  protocolHeader,
  readClose,
  readMethod,
  readTune,
  startOk,
  tuneOk,
} from "./handshake-frames.ts";
import type { SaslLogin } from "./login.ts";
import type { TlsMaterial } from "./tls-options.ts";

/** How far the peer came. */
export type HandshakeStep = "connect" | "start" | "tune" | "open";

/** What a broker says to a handshake, word for word. */
export type ProbeResult =
  | { readonly kind: "opened" }
  /** `connection.close` */
  | { readonly kind: "closed"; readonly replyCode: number; readonly replyText: string }
  /** The peer hung up without a word while this was awaited. */
  | { readonly kind: "ended"; readonly awaited: HandshakeStep }
  /** The first bytes of something that is not AMQP. */
  | { readonly kind: "garbage"; readonly bytes: Buffer }
  | { readonly kind: "silent"; readonly awaited: HandshakeStep }
  /** TCP or TLS failed. */
  | { readonly kind: "failed"; readonly error: NodeJS.ErrnoException };

export interface ProbeOptions {
  readonly address: BrokerAddress;
  readonly login: SaslLogin;
  readonly tls: TlsMaterial;
  readonly frameMax: number;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/**
 * Does one handshake with bare sockets to learn why the real one failed: amqplib keeps the broker's reason to itself
 * when `connection.open` is refused, and cannot tell a TLS port from a broken one. Never rejects.
 */
export function probeHandshake(options: ProbeOptions): Promise<ProbeResult> {
  const { address, timeoutMs, signal } = options;
  return new Promise((resolve) => {
    let awaited: HandshakeStep = "connect";
    let received = Buffer.alloc(0);
    const finish = (result: ProbeResult): void => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(result);
    };
    const giveUp = (): void => finish({ kind: "silent", awaited });
    const timer = setTimeout(giveUp, timeoutMs);
    signal?.addEventListener("abort", giveUp);
    const socket = dial(options, () => {
      awaited = "start";
      socket.write(protocolHeader);
    });
    socket.on("error", (error) =>
      finish(awaited === "connect" ? { kind: "failed", error } : { kind: "ended", awaited }),
    );
    socket.on("end", () => finish({ kind: "ended", awaited }));
    const hear = (): void => {
      const method = readMethod(received);
      if (method === "incomplete") return;
      if (method === "garbage") return finish({ kind: "garbage", bytes: received.subarray(0, 64) });
      received = received.subarray(method.bytes);
      switch (method.method) {
        case connectionMethods.start:
          awaited = "tune";
          socket.write(startOk(options.login.mechanism, options.login.response()));
          break;
        case connectionMethods.tune: {
          awaited = "open";
          const tune = readTune(method.fields);
          const frameMax = tune.frameMax === 0 ? options.frameMax : Math.min(tune.frameMax, options.frameMax);
          socket.write(Buffer.concat([tuneOk({ ...tune, frameMax }), open(address.vhost)]));
          break;
        }
        case connectionMethods.close:
          socket.write(closeOk());
          finish({ kind: "closed", ...readClose(method.fields) });
          break;
        case connectionMethods.openOk:
          finish({ kind: "opened" });
          break;
        default:
          finish({ kind: "garbage", bytes: received.subarray(0, 64) });
      }
    };
    socket.on("data", (chunk) => {
      received = Buffer.concat([received, chunk]);
      try {
        hear();
      } catch {
        // Fields that are shorter than their method.
        finish({ kind: "garbage", bytes: received.subarray(0, 64) });
      }
    });
  });
}

/** Whether a TLS server listens there; its certificate does not matter here, and nothing is sent to it. */
export function speaksTls(address: BrokerAddress, timeoutMs: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted === true) return Promise.resolve(false);
  return new Promise((resolve) => {
    const finish = (answer: boolean): void => {
      signal?.removeEventListener("abort", giveUp);
      socket.destroy();
      resolve(answer);
    };
    const giveUp = (): void => finish(false);
    // Not the socket's own option `signal`: Node keeps its listener, and with it the socket, until the signal aborts.
    signal?.addEventListener("abort", giveUp);
    const socket = connectTls({
      host: address.host,
      port: address.port,
      ...serverName(address.host),
      timeout: timeoutMs,
    });
    socket.on("secureConnect", () => finish(true));
    socket.on("timeout", () => finish(false));
    socket.on("end", () => finish(false));
    // A refused certificate is an answer too: it came by TLS.
    socket.on("error", (error: NodeJS.ErrnoException) => finish(isCertificateError(error)));
  });
}

/** OpenSSL's verdicts on a certificate, as Node names them; the rest of its errors begin with `ERR_SSL_`. */
export function isCertificateError({ code = "" }: NodeJS.ErrnoException): boolean {
  return (
    code === "ERR_TLS_CERT_ALTNAME_INVALID" ||
    /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH)/.test(
      code,
    )
  );
}

function dial({ address, tls }: ProbeOptions, connected: () => void): Socket {
  const to = { host: address.host, port: address.port };
  return address.tls
    ? connectTls({ ...to, ...serverName(address.host), ...tls }, connected)
    : connectTcp({ ...to, noDelay: true }, connected);
}

/** An IP address must not stand in the TLS server name. */
export function serverName(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}
