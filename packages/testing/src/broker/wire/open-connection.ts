import { AmqpError } from "../amqp-error.ts";
import { frameTypes, methodFrame } from "../codec/frames.ts";
import { methodTable, type MethodName } from "../codec/method-table.ts";
import { decodeMethod, methodName } from "../codec/methods.ts";
import type { Owner } from "../model/queue/queue.ts";
import type { VirtualHost } from "../model/virtual-host.ts";
import type { BrokerContext } from "./broker-context.ts";
import { ChannelFrames } from "./channel-frames.ts";
import type { Channel } from "./channel.ts";
import type { Agreement } from "./handshake.ts";
import { Heartbeats } from "./heartbeats.ts";
import type { ConnectionControl } from "./interference.ts";
import type { Reading } from "./reading.ts";
import type { Session } from "./session.ts";
import type { SocketWriter } from "./socket-writer.ts";
import { unexpectedFrame } from "./unexpected-frame.ts";

export interface OpenConnectionOptions {
  readonly agreement: Agreement;
  readonly control: ConnectionControl;
  readonly broker: BrokerContext;
  readonly reading: Reading;
  readonly writer: SocketWriter;
  /** The client has sent `connection.close`. */
  readonly onClose: () => void;
  /** `method` is the one to blame, if any. */
  readonly onError: (error: unknown, method: MethodName | undefined) => void;
  readonly onSilence: () => void;
}

type HeldFrame = readonly [type: number, channel: number, payload: Buffer];

/** A connection between `connection.open-ok` and its close: the frames of channel 0 and of all others. */
export class OpenConnection {
  readonly user: string;
  readonly vhost: VirtualHost;
  readonly #options: OpenConnectionOptions;
  readonly #owner: Owner;
  readonly #session: Session;
  readonly #channels = new Map<number, ChannelFrames>();
  readonly #heartbeats: Heartbeats | undefined;
  #blockReason: string | undefined;
  /** Once it is blocked: what had been read before reading stopped. */
  #heldFrames: HeldFrame[] | undefined;
  #frozen = false;
  #released = false;

  constructor(options: OpenConnectionOptions) {
    const { agreement, control, broker, writer, onSilence } = options;
    this.#options = options;
    this.user = agreement.user;
    this.vhost = agreement.vhost;
    this.#owner = { name: control.name };
    this.#session = {
      broker,
      control,
      owner: this.#owner,
      user: agreement.user,
      vhost: agreement.vhost,
      permissions: broker.accounts.permissions(agreement.user, agreement.vhost.name),
      clientCapabilities: agreement.clientCapabilities,
      frameMaxBytes: agreement.frameMaxBytes,
      writer,
      closeChannel: (number, replyCode, replyText) =>
        this.#channels.get(number)?.close(replyCode, replyText, 0, 0),
      published: () => {
        if (this.#blockReason === undefined || this.#heldFrames !== undefined) return;
        this.#stopReading();
        broker.interference.blocked?.(control);
      },
    };
    const seconds = agreement.heartbeatSeconds;
    if (seconds > 0) this.#heartbeats = new Heartbeats({ seconds, writer, onSilence });
  }

  get agreement(): Agreement {
    return this.#options.agreement;
  }

  /** Told that it is blocked, and not read any more. */
  get isBlocked(): boolean {
    return this.#heldFrames !== undefined;
  }

  get openChannels(): readonly Channel[] {
    return Array.from(this.#channels.values(), ({ channel }) => channel).filter(({ isOpen }) => isOpen);
  }

  receive(type: number, number: number, payload: Buffer): void {
    if (this.#heldFrames !== undefined) this.#heldFrames.push([type, number, Buffer.from(payload)]);
    else if (number === 0) this.#receiveOwn(type, payload);
    else {
      const channel = this.#channels.get(number);
      if (channel !== undefined && type !== frameTypes.heartbeat) channel.receive(type, payload);
      else this.#receiveUnopened(type, number, payload);
    }
  }

  heard(): void {
    if (this.#heartbeats !== undefined) this.#heartbeats.heard = true;
  }

  wakeConsumers(): void {
    for (const { channel } of this.#channels.values()) channel.wakeConsumers();
  }

  block(reason: string | undefined): void {
    this.#blockReason = reason;
    const held = this.#heldFrames;
    if (reason !== undefined || held === undefined) return;
    this.#heldFrames = undefined;
    this.#listen();
    this.#tell("connection.unblocked");
    for (const [type, number, payload] of held) if (!this.#released) this.receive(type, number, payload);
    this.#options.reading.resume("blocked");
  }

  freeze(frozen: boolean): void {
    this.#frozen = frozen;
    this.#listen();
  }

  /** As {@link release}, on the client's wish: it still gets the confirms of what it has published. */
  finish(): void {
    for (const { channel } of this.#channels.values()) channel.confirms?.flush();
    this.release();
  }

  /** Gives back all that it holds. No channel is offered what another one of the same connection gave back. */
  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#heartbeats?.stop();
    for (const { channel } of this.#channels.values()) channel.stop();
    for (const { channel } of this.#channels.values()) channel.release();
    this.#channels.clear();
    this.vhost.ownerGone(this.#owner);
    this.#options.reading.resume("blocked");
  }

  #receiveOwn(type: number, payload: Buffer): void {
    if (type === frameTypes.heartbeat) return;
    const { onClose, onError } = this.#options;
    try {
      if (type !== frameTypes.method) throw unexpectedFrame(type, payload);
      const method = decodeMethod(payload);
      if (method.name === "connection.close") onClose();
      else if (method.name === "connection.update-secret")
        this.#options.writer.write(methodFrame(0, "connection.update-secret-ok", {}));
      else throw new AmqpError(504, "unexpected method in connection state running");
    } catch (error) {
      onError(error, type === frameTypes.method ? methodName(payload) : undefined);
    }
  }

  #receiveUnopened(type: number, number: number, payload: Buffer): void {
    const { onError } = this.#options;
    if (type === frameTypes.heartbeat) return onError(unexpectedFrame(type, payload), undefined);
    if (type !== frameTypes.method)
      return onError(new AmqpError(505, "expected method frame, got non method frame instead"), undefined);
    const method = methodName(payload);
    if (method !== "channel.open") return onError(new AmqpError(504, "expected 'channel.open'"), method);
    const { channelMax } = this.#options.agreement;
    if (channelMax !== 0 && this.#channels.size >= channelMax)
      return onError(tooManyChannels(this.#channels.size, channelMax), undefined);
    this.#openChannel(number);
  }

  #openChannel(number: number): void {
    const frames = new ChannelFrames({
      number,
      session: this.#session,
      onClosed: () => this.#channels.delete(number),
      onError: (error, method) => {
        if (!(error instanceof AmqpError) || error.scope === "connection")
          return this.#options.onError(error, method);
        const { classId, methodId } =
          method === undefined ? { classId: 0, methodId: 0 } : methodTable[method];
        frames.close(error.replyCode, error.replyText, classId, methodId);
      },
    });
    this.#channels.set(number, frames);
    frames.channel.send("channel.open-ok", {});
  }

  /** As RabbitMQ does in an alarm: the publish that was under way counts, and nothing more is read. */
  #stopReading(): void {
    this.#heldFrames = [];
    this.#options.reading.stop("blocked");
    this.#listen();
    this.#tell("connection.blocked");
  }

  #listen(): void {
    if (this.#heartbeats !== undefined)
      this.#heartbeats.listening = this.#heldFrames === undefined && !this.#frozen;
  }

  #tell(method: "connection.blocked" | "connection.unblocked"): void {
    const { agreement, writer } = this.#options;
    if (!agreement.clientCapabilities.has("connection.blocked")) return;
    writer.write(
      method === "connection.blocked"
        ? methodFrame(0, method, { reason: this.#blockReason ?? "" })
        : methodFrame(0, method, {}),
    );
  }
}

function tooManyChannels(count: number, channelMax: number): AmqpError {
  return new AmqpError(
    530,
    `number of channels opened (${count}) has reached the negotiated channel_max (${channelMax})`,
  );
}
