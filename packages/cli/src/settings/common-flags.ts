import {
  choice,
  count,
  duration,
  type FlagsFor,
  flagOfEnvironment,
  level,
  list,
  text,
  toggle,
} from "./flag.ts";

/** How to reach the broker: the same for every command. */
export type ConnectionSettings = {
  readonly url: readonly string[];
  readonly profile: string | undefined;
  readonly vhost: string | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly "password-file": string | undefined;
  readonly "password-stdin": boolean;
  readonly auth: "plain" | "external" | "oauth";
  readonly token: string | undefined;
  readonly "token-file": string | undefined;
  readonly "tls-ca": string | undefined;
  readonly "tls-cert": string | undefined;
  readonly "tls-key": string | undefined;
  readonly "tls-servername": string | undefined;
  readonly insecure: boolean;
  readonly heartbeat: number;
  readonly "connect-timeout": number;
  readonly wait: number | undefined;
  readonly "max-reconnect-time": number | undefined;
  readonly "connection-name": string | undefined;
};

/** How a command talks: the same for every command. */
export type GeneralSettings = {
  readonly quiet: boolean;
  readonly verbose: number;
  readonly debug: boolean;
  readonly "log-format": "text" | "json";
  readonly "json-errors": boolean;
  readonly color: "auto" | "always" | "never";
  readonly "pipefail-strict": boolean;
  readonly "explain-config": boolean;
};

const group = "Connection:";

export const connectionFlags: FlagsFor<ConnectionSettings> = {
  url: list("Where the broker is; several, also separated by commas, are tried in turn", {
    group,
    placeholder: "URL",
    default: ["amqp://localhost"],
    defaultText: "amqp://localhost",
    lastEnv: ["AMQP_URL", "RABBITMQ_URL"],
  }),
  profile: text("Profile whose options count where nothing else is said, see the README", {
    group,
    placeholder: "NAME",
  }),
  vhost: text("Virtual host, instead of the one in the URL", { group, placeholder: "NAME" }),
  user: text("User, instead of the one in the URL", { group, placeholder: "NAME" }),
  password: flagOfEnvironment(
    "Password of --user; only as a variable, since arguments can be seen by others",
  ),
  "password-file": text("File whose first line is the password", { group, placeholder: "FILE" }),
  "password-stdin": toggle("The first line of stdin is the password", { group }),
  auth: choice(
    "How to log in; plain: by user and password, external: by the client certificate, oauth: by a token",
    ["plain", "external", "oauth"],
    {
      group,
      default: "plain",
    },
  ),
  token: flagOfEnvironment("OAuth 2 token; only as a variable"),
  "token-file": text("File with an OAuth 2 token, read again for each connection", {
    group,
    placeholder: "FILE",
  }),
  "tls-ca": text("Certificates to trust, PEM", { group, placeholder: "FILE" }),
  "tls-cert": text("Client certificate, PEM", { group, placeholder: "FILE" }),
  "tls-key": text("Its private key, PEM, mode 0600", { group, placeholder: "FILE" }),
  "tls-servername": text("Name in the broker's certificate", { group, placeholder: "NAME" }),
  insecure: toggle("Allow a password in clear text over the network", { group }),
  heartbeat: count("Seconds between heartbeats, 0 for none", { group, min: 0, max: 65_535, default: 5 }),
  "connect-timeout": duration("Limit of one attempt to connect", { group, minMs: 1, default: 10_000 }),
  wait: duration("How long to wait for a broker that is not there yet", {
    group,
    defaultText: "not at all: one attempt for each broker",
  }),
  "max-reconnect-time": duration("How long to try after a loss, 0 for ever", {
    group,
    defaultText: "30s, for ever when following a queue",
  }),
  "connection-name": text("Shown in the broker's list of connections", { group, placeholder: "NAME" }),
};

export const generalFlags: FlagsFor<GeneralSettings> = {
  quiet: toggle("Say nothing but errors", { alias: "q" }),
  verbose: level("Say what happens; twice (-vv): with stack traces", { alias: "v" }),
  debug: toggle("Show the stack trace of an error"),
  "log-format": choice("How stderr is written: text or json", ["text", "json"], { default: "text" }),
  "json-errors": toggle("An error is one JSON object on stderr"),
  color: choice("Colour: auto, always or never", ["auto", "always", "never"], { default: "auto" }),
  "pipefail-strict": toggle("Exit with 141 when the reader of stdout goes away"),
  "explain-config": toggle("Print every setting with its source, and end"),
};
