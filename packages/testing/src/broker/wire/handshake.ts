import { AmqpError } from "../amqp-error.ts";
import type { FieldTable } from "../codec/field-table.ts";
import type { Method, MethodArguments, MethodName } from "../codec/method-table.ts";
import { minFrameBytes } from "../codec/frames.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { BrokerContext } from "./broker-context.ts";
import { unexpectedFrame } from "./unexpected-frame.ts";
import { logIn, mechanisms } from "./login.ts";

/** What client and broker have agreed on. */
export interface Agreement {
  readonly user: string;
  /** Of its login: `PLAIN`. */
  readonly mechanism: string;
  readonly vhost: VirtualHost;
  readonly clientProperties: FieldTable;
  readonly clientCapabilities: ReadonlySet<string>;
  readonly channelMax: number;
  readonly frameMaxBytes: number;
  readonly heartbeatSeconds: number;
}

export interface HandshakeOptions {
  readonly broker: BrokerContext;
  /** Undefined where the socket asks for no certificates, empty where this one has no name. */
  readonly certificateName: string | undefined;
  readonly send: <N extends MethodName>(name: N, args: MethodArguments<N>) => void;
}

/** The client did what RabbitMQ answers by closing the socket without a word. */
export class SilentRefusal extends Error {
  override readonly name = "SilentRefusal";
}

type Greeted = Pick<Agreement, "user" | "mechanism" | "clientProperties" | "clientCapabilities">;
type Tuned = Greeted & Pick<Agreement, "channelMax" | "frameMaxBytes" | "heartbeatSeconds">;

type State =
  | { readonly at: "start" }
  | { readonly at: "tune"; readonly greeted: Greeted }
  | { readonly at: "open"; readonly tuned: Tuned };

/** From `connection.start` to `connection.open-ok`. */
export class Handshake {
  readonly #options: HandshakeOptions;
  #state: State = { at: "start" };

  constructor(options: HandshakeOptions) {
    this.#options = options;
    options.send("connection.start", {
      versionMajor: 0,
      versionMinor: 9,
      serverProperties: options.broker.serverProperties,
      mechanisms: Buffer.from(mechanisms(options.certificateName !== undefined)),
      locales: Buffer.from("en_US"),
    });
  }

  /**
   * The agreement once it is complete.
   *
   * @throws AmqpError 403 for a login, 530 for a virtual host; {@link SilentRefusal} for everything else.
   */
  receive(method: Method): Agreement | undefined {
    const state = this.#state;
    if (state.at === "start" && method.name === "connection.start-ok") this.#start(method.arguments);
    else if (state.at === "tune" && method.name === "connection.tune-ok")
      this.#tune(state.greeted, method.arguments);
    else if (state.at === "open" && method.name === "connection.open")
      return this.#open(state.tuned, method.arguments.virtualHost);
    else throw new SilentRefusal();
    return undefined;
  }

  /** For a frame that is no method of channel 0: said only to a client that is about to open its virtual host. */
  refusalOf(type: number, payload: Buffer): Error {
    return this.#state.at === "open" ? unexpectedFrame(type, payload) : new SilentRefusal();
  }

  #start({ clientProperties, mechanism, response }: MethodArguments<"connection.start-ok">): void {
    const { broker, certificateName, send } = this.#options;
    const clientCapabilities = capabilitiesIn(clientProperties);
    const result = logIn({ mechanism, response, certificateName }, broker.accounts);
    if (result.outcome === "malformed") throw new SilentRefusal();
    if (result.outcome === "refused" || broker.interference.loggingIn?.(result.user) === "refuse") {
      if (!clientCapabilities.has("authentication_failure_close")) throw new SilentRefusal();
      throw new AmqpError(
        403,
        `Login was refused using authentication mechanism ${mechanism}. For details see the broker logfile.`,
        "connection",
      );
    }
    this.#state = {
      at: "tune",
      greeted: { user: result.user, mechanism, clientProperties, clientCapabilities },
    };
    const { channelMax, frameMaxBytes, heartbeatSeconds } = broker;
    send("connection.tune", { channelMax, frameMax: frameMaxBytes, heartbeat: heartbeatSeconds });
  }

  #tune(greeted: Greeted, { channelMax, frameMax, heartbeat }: MethodArguments<"connection.tune-ok">): void {
    const { broker } = this.#options;
    if (exceeds(channelMax, broker.channelMax) || exceeds(frameMax, broker.frameMaxBytes))
      throw new SilentRefusal();
    if (frameMax !== 0 && frameMax < minFrameBytes) throw new SilentRefusal();
    const tuned = { ...greeted, channelMax, frameMaxBytes: frameMax, heartbeatSeconds: heartbeat };
    this.#state = { at: "open", tuned };
  }

  #open(tuned: Tuned, name: string): Agreement {
    const vhost = this.#options.broker.vhosts.get(name);
    if (vhost === undefined) throw new AmqpError(530, `vhost ${name} not found`);
    if (!this.#options.broker.accounts.mayEnter(tuned.user, name))
      throw new AmqpError(530, `access to vhost '${name}' refused for user '${tuned.user}'`);
    this.#options.send("connection.open-ok", {});
    return { ...tuned, vhost };
  }
}

/** 0 means no limit: more than any. */
function exceeds(wanted: number, limit: number): boolean {
  return limit !== 0 && (wanted === 0 || wanted > limit);
}

function capabilitiesIn(clientProperties: FieldTable): ReadonlySet<string> {
  const capabilities = clientProperties.get("capabilities");
  if (capabilities?.type !== "table") return new Set();
  const granted = [...capabilities.value].filter(([, value]) => value.type === "boolean" && value.value);
  return new Set(granted.map(([name]) => name));
}
