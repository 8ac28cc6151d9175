/** One way in which the network, the broker or the process of the application can fail. */
export interface Fault {
  /** `N` network, `B` broker, `C` client process; a test that provokes it has this in brackets before its title. */
  readonly id: string;
  readonly fault: string;
  /** What must hold while it lasts and after it. */
  readonly holds: string;
  /** Set where it cannot be provoked here: why. */
  readonly impossible?: string;
}

function fault(id: string, fault: string, holds: string, impossible?: string): Fault {
  return { id, fault, holds, ...(impossible !== undefined && { impossible }) };
}

const network: readonly Fault[] = [
  fault("N1", "a TCP reset", "everyone is back without an error; nothing confirmed is lost"),
  fault("N2", "a reset inside of a publish", "the message is stored whole or not at all, and sent again"),
  fault("N3", "a reset inside of a delivery", "no handler sees half a body; the message comes again, once"),
  fault("N4", "an end of stream, or half of one", "as after a reset"),
  fault("N5", "silence both ways", "found within three heartbeats; nothing confirmed is lost"),
  fault("N6", "confirms are lost", "the window fills and publishes wait; duplicates stay within the window"),
  fault("N7", "acks are lost", "what was handled comes again marked as redelivered, within the prefetch"),
  fault("N8", "a link of 10 KB/s", "heartbeats pass or the loss is clean; what waits is bounded"),
  fault("N9", "segments of one byte, and many frames at once", "the same results"),
  fault("N10", "300 ms of latency and jitter", "a window keeps its rate; nothing times out"),
  fault("N11", "refused, dropped or unresolvable", "growing, jittered pauses, the next host, no busy loop"),
  fault("N12", "a peer that accepts and is silent", "the attempt ends at its deadline"),
  fault("N13", "an answer that is not AMQP", "a typed error that says what answers"),
  fault("N14", "a certificate that is expired, foreign or for another host", "no connection, and the cause"),
  fault("N15", "certificates replaced while connected", "live links go on; new ones use the new files"),
  fault("N16", "a middlebox that drops idle connections", "heartbeats keep it, or it is made again"),
  fault("N17", "a link that flaps", "no more attempts than the pauses allow; nothing leaks at the broker"),
  fault("N18", "hostile frames", "the connection ends with a typed error and memory stays bounded"),
];

const broker: readonly Fault[] = [
  fault("B1", "an orderly restart", "a reconnect, and no error for anyone"),
  fault("B2", "kill -9 with persistent messages", "nothing confirmed is lost; each publish settles once"),
  fault("B3", "kill -9 with transient messages", "only the transient ones are gone"),
  fault("B4", "a frozen node", "its deadline fires; what waited is settled or goes on after the thaw"),
  fault("B5", "a memory alarm", "nothing is written while blocked; what waits is bounded; acks go on"),
  fault("B6", "a disk alarm", "publishes wait inside their bounds and are confirmed after it"),
  fault("B7", "an alarm during the shutdown", "the end within the deadline, and what became of each publish"),
  fault("B8", "404 on a publish", "that publish only is refused; no other channel notices"),
  fault("B9", "404 on a consume", "looked for with pauses on a connection that stays up"),
  fault("B10", "405: another connection has the queue", "a typed error, and pauses until it is free"),
  fault("B11", "406: other settings", "the start fails with the difference; nothing is deleted by itself"),
  fault(
    "B12",
    "406: an unknown delivery tag",
    "it is never sent; a channel lost to one is made again, and counted",
  ),
  fault("B13", "a permission withdrawn", "what it concerns is refused, without a storm of reconnects"),
  fault("B14", "a limit of connections or channels", "a typed error, and pauses"),
  fault(
    "B15",
    "the queue of a consumer deleted",
    "declared again if it is its own; consumed again in any case",
  ),
  fault("B16", "the node with a classic queue dies", "the failure is told; back with the node, nothing lost"),
  fault("B17", "the consumer timeout", "the handler is aborted, its late ack is dropped, consuming goes on"),
  fault("B18", "a full queue nacks", "the publish fails as nacked, and the next ones go on"),
  fault(
    "B19",
    "one of two bound queues is full",
    "the publish fails as maybe stored: the other queue has it",
  ),
  fault("B20", "a basic.return", "the publish fails as returned, before its confirm resolves it"),
  fault("B21", "an alternate exchange", "it counts as routed, and is found behind the alternate exchange"),
  fault("B22", "drop-head or a TTL without a dead-letter exchange", "a warning when it is declared"),
  fault(
    "B23",
    "the leader of a quorum queue dies",
    "clients elsewhere keep their connection; nothing is lost",
  ),
  fault("B24", "the leader moves", "neither publishes nor acks notice; nothing is lost"),
  fault("B25", "the node of the client dies", "the next host of the list; nothing confirmed is lost"),
  fault(
    "B26",
    "the majority of a quorum is gone",
    "publishes end as maybe stored at their deadline; nothing is lost",
  ),
  fault(
    "B27",
    "a partition that heals",
    "the majority serves; what was un-acked comes again; nothing is lost",
  ),
  fault("B28", "a virtual host that is down", "the connection is tried with pauses until it is up"),
  fault(
    "B29",
    "a message over the broker's limit",
    "refused before it is written, or alone refused by the broker",
  ),
  fault(
    "B30",
    "the delivery limit without a dead-letter exchange",
    "a ladder loses nothing; without one the warning names the limit",
  ),
  fault(
    "B31",
    "a dead-letter target that is gone or full",
    "the message is kept until it can be moved; never lost",
  ),
  fault("B32", "a policy edited under way", "the drift is found when the topology is checked"),
  fault(
    "B33",
    "a broker that lost its definitions",
    "the topology first, with its bindings, then the publishes",
  ),
  fault("B34", "a rotated password or an expired token", "fresh credentials at each attempt"),
  fault("B35", "suspended listeners", "live links go on; another node, or pauses"),
  fault(
    "B36",
    "what newer brokers refuse to declare",
    "nothing of it is ever sent; a refusal names its rule",
  ),
  fault("B37", "slow confirms", "the window hides the latency; no publish times out below the heartbeat"),
];

const client: readonly Fault[] = [
  fault("C1", "a handler throws at once", "it counts as a failure; the channel and its neighbours go on"),
  fault("C2", "a handler rejects", "retried or dead-lettered, and settled once"),
  fault("C3", "a handler never settles", "aborted at its deadline; its place is free; a late end is ignored"),
  fault("C4", "a handler throws after it has settled", "no second settle"),
  fault("C5", "a second ack", "the first answer counts, and no delivery tag is sent twice"),
  fault("C6", "an ack after a reconnect", "dropped and counted; nobody else's message is acked"),
  fault("C7", "an ack on a closed channel", "nothing is thrown into the handler"),
  fault(
    "C8",
    "SIGTERM inside of a handler",
    "what has begun is finished, exit 0, nothing finished comes again",
  ),
  fault(
    "C9",
    "SIGTERM and a handler that outlasts the deadline",
    "an exit in time; the message comes again once",
  ),
  fault("C10", "SIGKILL inside of a handler", "the message comes again"),
  fault(
    "C11",
    "SIGKILL between effect and ack",
    "the message comes again, marked, with the same id, which a lasting memory recognises",
  ),
  fault(
    "C12",
    "SIGKILL of a publisher with a full window",
    "all that was confirmed is stored; no more than the window is unknown",
  ),
  fault("C13", "a stalled event loop", "reported; consuming goes on, and stale acks are dropped"),
  fault("C14", "ten times the rate that drains", "bounded memory, and a refusal or a wait"),
  fault("C15", "a prefetch of 0", "refused, as is one that a quorum queue does not take"),
  fault("C16", "a message that always fails", "so many attempts, then the dead-letter queue; others flow"),
  fault("C17", "a message that kills its process", "counted across the crashes, then dead-lettered"),
  fault("C18", "JSON that is malformed or would be rounded", "dead-lettered at once with its own bytes"),
  fault("C19", "a content type or encoding that is wrong or absent", "rejected or given raw; never guessed"),
  fault("C20", "invalid UTF-8", "dead-lettered, and not mended in silence"),
  fault("C21", "bodies of no bytes and around the frame size", "intact"),
  fault("C22", "headers of 64 KiB and more", "refused before they are written, with the limit"),
  fault("C23", "headers nested beyond reason", "dead-lettered alone; the connection goes on"),
  fault("C24", "headers that cannot be encoded", "that publish only is refused, and settles"),
  fault("C25", "a body of 100 MB", "refused by its size before anything is written"),
  fault(
    "C26",
    "dead-letter exchanges in a circle",
    "the topology warns of it; each hop counts as an attempt",
  ),
  fault(
    "C27",
    "wait queues that cannot work",
    "each delay has a queue of its own; a short one never waits for a long one",
  ),
  fault("C28", "a crash between the move and its ack", "a duplicate, never a loss"),
  fault("C29", "retries that wait", "they hold no prefetch, so that others go by"),
  fault("C30", "a wall clock that jumps", "timers do not notice"),
  fault("C31", "duplicate deliveries", "they can be told by their message id"),
  fault("C32", "deliveries out of order", "with a key the order holds; without one it is not promised"),
  fault("C33", "a hook that hangs or throws", "a deadline, and an error that names it"),
  fault("C34", "an exclusive consumer taken over", "no key is handled beside itself"),
  fault("C35", "close and publish at any moment", "the same errors each time, and everything settles"),
  fault("C36", "a requester that is gone", "the request ends in time; late answers are dropped"),
  fault(
    "C37",
    "half of a batch fails, or the stop comes first",
    "an outcome for each message; nothing un-handled is acked",
  ),
  fault("C38", "a socket destroyed by foreign code", "noticed at once"),
];

/** Every fault, in order. Faults of databases are not here: they come with the packages that use one. */
export const catalogue: readonly Fault[] = [...network, ...broker, ...client];
