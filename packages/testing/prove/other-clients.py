"""What pika sees of a broker: python3 other-clients.py URL, started by other-clients.ts.

Prints a line of JSON for every check, and `{"ask": "block"}` or `{"ask": "unblock"}` where whoever runs the broker shall
block its publishers, or let them go on. Checks are compared between brokers: what differs by nature (times, random names)
is left out of what they return.
"""
import datetime
import decimal
import functools
import hashlib
import json
import sys
import time

import pika
from pika.exceptions import NackError, UnroutableError

URL = sys.argv[1]
PREFIX = "warren.other-clients."
PROPERTIES = pika.BasicProperties
checks = []


def say(line):
    print(json.dumps(line, sort_keys=True, default=str), flush=True)


def connect(query="", **changes):
    parameters = pika.URLParameters(URL + query)
    for name, value in changes.items():
        setattr(parameters, name, value)
    return pika.BlockingConnection(parameters)


def check(function):
    """Runs with a channel of its own connection, and leaves no queue or exchange behind."""

    @functools.wraps(function)
    def run():
        with connect() as connection:
            broker = Names(connection)
            try:
                saw = function(broker)
            except Exception as error:  # what it raised is what it saw
                saw = raised(error)
            broker.clean_up()
        say({"check": function.__doc__, "saw": saw})

    checks.append(run)
    return run


def raised(error):
    return [type(error).__name__, *map(str, error.args)]


def refusal(call, *args, **kwargs):
    try:
        call(*args, **kwargs)
    except Exception as error:
        return raised(error)
    return "not refused"


class Names:
    """A connection, and the names that were declared through it."""

    def __init__(self, connection):
        self.connection = connection
        # In confirm mode a publish returns when its message is where it belongs.
        self.channel = connection.channel()
        self.channel.confirm_delivery()
        self.queues = []
        self.exchanges = []

    def queue(self, name, **options):
        self.queues.append(PREFIX + name)
        return self.channel.queue_declare(PREFIX + name, **options).method.queue

    def exchange(self, name, kind, **options):
        self.exchanges.append(PREFIX + name)
        self.channel.exchange_declare(PREFIX + name, kind, **options)
        return PREFIX + name

    def send(self, queue, *bodies, properties=None):
        for body in bodies:
            self.channel.basic_publish("", queue, body, properties)

    def bodies(self, queue):
        """All that is in it, each acknowledged."""
        found = []
        while True:
            got, _, body = self.channel.basic_get(queue, auto_ack=True)
            if got is None:
                return found
            found.append(body.decode())

    def take(self, queue, count, **options):
        """So many deliveries, not acknowledged, or fewer where nothing came for a second."""
        taken = []
        for delivery in self.channel.consume(queue, inactivity_timeout=1, **options):
            if delivery[0] is None:
                break
            taken.append(delivery)
            if len(taken) == count:
                break
        return taken

    def clean_up(self):
        with connect() as connection:
            channel = connection.channel()
            for queue in self.queues:
                channel.queue_delete(queue)
            for exchange in self.exchanges:
                channel.exchange_delete(exchange)


@check
def capabilities(broker):
    """capabilities and product that the client reads"""
    properties = broker.connection._impl.server_properties
    return [properties["product"], sorted(properties["capabilities"].items())]


@check
def login(_):
    """a wrong password, an unknown virtual host"""
    credentials = pika.PlainCredentials("guest", "wrong")
    vhost = PREFIX + "none"
    return [refusal(connect, credentials=credentials), refusal(connect, virtual_host=vhost)]


@check
def exchanges(broker):
    """exchanges of all types: declared, found, refused as another type, deleted while used"""
    for kind in ["direct", "fanout", "topic", "headers"]:
        name = broker.exchange(kind, kind, durable=True, auto_delete=kind == "fanout")
        broker.channel.exchange_declare(name, kind, passive=True)
    queue = broker.queue("bound")
    broker.channel.queue_bind(queue, PREFIX + "direct", "key")
    with connect() as other:
        return [
            refusal(other.channel().exchange_declare, PREFIX + "direct", "topic", durable=True),
            refusal(other.channel().exchange_declare, PREFIX + "none", passive=True),
            refusal(other.channel().exchange_declare, "amq.mine", "direct"),
            refusal(other.channel().exchange_delete, PREFIX + "direct", if_unused=True),
        ]


@check
def queues(broker):
    """queues: counts, equivalence, a name by the server, if-empty, if-unused, purge"""
    queue = broker.queue("counted", arguments={"x-max-length": 10})
    broker.send(queue, "1", "2", "3")
    passive = broker.channel.queue_declare(queue, passive=True).method
    named = broker.channel.queue_declare("", exclusive=True).method.queue
    with connect() as other:
        refusals = [
            refusal(other.channel().queue_declare, queue, arguments={"x-max-length": 11}),
            refusal(other.channel().queue_declare, PREFIX + "none", passive=True),
            refusal(other.channel().queue_delete, queue, if_empty=True),
        ]
        consumer = other.channel()
        consumer.basic_consume(queue, lambda *_: None)
        refusals.append(refusal(other.channel().queue_delete, queue, if_unused=True))
        consumer.close()
    purged = broker.channel.queue_purge(queue).method.message_count
    return [passive.message_count, passive.consumer_count, named[:8], len(named), refusals, purged]


@check
def routing(broker):
    """direct, fanout, topic and headers exchanges route"""
    got = {}
    bindings = {
        "direct": ("a.b", None),
        "fanout": ("", None),
        "topic": ("a.*.#", None),
        "headers": ("", {"x-match": "all", "region": "eu", "size": 3}),
    }
    for kind, (key, arguments) in bindings.items():
        exchange = broker.exchange("routes." + kind, kind)
        queue = broker.queue("routed." + kind)
        broker.channel.queue_bind(queue, exchange, key, arguments)
        for routing_key in ["a.b", "a.b.c.d", "b"]:
            for headers in [None, {"region": "eu", "size": 3, "more": True}, {"region": "us", "size": 3}]:
                body = f"{routing_key} {headers}"
                broker.channel.basic_publish(exchange, routing_key, body, PROPERTIES(headers=headers))
        got[kind] = broker.bodies(queue)
    return got


@check
def exchange_bindings(broker):
    """an exchange bound to an exchange, unbound, and an alternate exchange"""
    alternate = broker.exchange("alternate", "fanout")
    first = broker.exchange("first", "topic", arguments={"alternate-exchange": alternate})
    second = broker.exchange("second", "direct")
    queue, unrouted = broker.queue("second"), broker.queue("unrouted")
    broker.channel.exchange_bind(second, first, "a.#")
    broker.channel.queue_bind(queue, second, "a.b")
    broker.channel.queue_bind(unrouted, alternate)
    broker.channel.basic_publish(first, "a.b", "routed")
    broker.channel.basic_publish(first, "b", "alternate")
    broker.channel.exchange_unbind(second, first, "a.#")
    broker.channel.basic_publish(first, "a.b", "after the unbind")
    return [broker.bodies(queue), broker.bodies(unrouted)]


@check
def confirms(broker):
    """publisher confirms: stored, UnroutableError, NackError of a full queue"""
    queue = broker.queue("full", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
    seen = [refusal(broker.channel.basic_publish, "", queue, "stored", mandatory=True)]
    try:
        broker.channel.basic_publish("", PREFIX + "none", "lost", PROPERTIES(message_id="m"), mandatory=True)
    except UnroutableError as error:
        (message,) = error.messages
        returned = message.method
        seen.append([returned.reply_code, returned.reply_text, message.properties.message_id, message.body.decode()])
    try:
        broker.channel.basic_publish("", queue, "too many", mandatory=True)
    except NackError as error:
        seen.append(["NackError", len(error.messages)])
    seen.append(refusal(broker.channel.basic_publish, PREFIX + "none", "key", "gone"))
    return seen


@check
def prefetch(broker):
    """a consumer with a prefetch of two gets two, and the next with each ack"""
    queue = broker.queue("prefetch")
    broker.send(queue, *"abcde")
    broker.channel.basic_qos(prefetch_count=2)
    seen = [[body.decode() for _, _, body in broker.take(queue, 9)]]
    broker.channel.basic_ack(1)
    seen.append([body.decode() for _, _, body in broker.take(queue, 1)])
    broker.channel.basic_ack(3, multiple=True)
    seen.append([[method.delivery_tag, body.decode()] for method, _, body in broker.take(queue, 9)])
    broker.channel.basic_ack(1)
    return [*seen, refusal(broker.channel.queue_declare, queue, passive=True)]


@check
def requeue(broker):
    """nack, reject and recover put back to the head, redelivered"""
    queue = broker.queue("requeued")
    broker.send(queue, *"abc")
    ways = [
        lambda tag: broker.channel.basic_nack(tag, requeue=True),
        lambda tag: broker.channel.basic_reject(tag, requeue=True),
        lambda _: broker.channel.basic_recover(requeue=True),
        lambda tag: broker.channel.basic_nack(tag, multiple=True, requeue=False),
    ]
    seen = []
    for settle in ways:
        method, _, body = broker.channel.basic_get(queue)
        seen.append([body.decode(), method.redelivered, method.message_count])
        settle(method.delivery_tag)
    return [seen, broker.bodies(queue)]


@check
def get(broker):
    """basic.get: counts, empty, by a key and an exchange"""
    exchange = broker.exchange("got", "direct")
    queue = broker.queue("got")
    broker.channel.queue_bind(queue, exchange, "key")
    for body in "ab":
        broker.channel.basic_publish(exchange, "key", body)
    first, _, body = broker.channel.basic_get(queue, auto_ack=True)
    second, _, _ = broker.channel.basic_get(queue)
    return [
        [first.exchange, first.routing_key, first.delivery_tag, first.message_count, body.decode()],
        second.message_count,
        broker.channel.basic_get(queue),
        refusal(broker.channel.basic_get, PREFIX + "none"),
    ]


@check
def exclusive(broker):
    """an exclusive queue is locked to others, and gone with its connection"""
    with connect() as owner, connect() as other:
        name = PREFIX + "exclusive"
        owner.channel().queue_declare(name, exclusive=True)
        seen = [
            refusal(other.channel().queue_declare, name, exclusive=True),
            refusal(other.channel().basic_get, name),
        ]
        owner.close()
        return [*seen, refusal(other.channel().queue_declare, name, passive=True)]


@check
def exclusive_consumer(broker):
    """an exclusive consumer keeps others out"""
    queue = broker.queue("single")
    broker.channel.basic_consume(queue, lambda *_: None, exclusive=True)
    with connect() as other:
        return refusal(other.channel().basic_consume, queue, lambda *_: None)


@check
def dead_letters(broker):
    """expired, rejected and pushed-out messages are dead-lettered with x-death"""
    dead = broker.queue("dead")
    to_dead = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead}
    expiring = broker.queue("expiring", arguments={"x-message-ttl": 50, **to_dead})
    full = broker.queue("overflowing", arguments={"x-max-length": 1, **to_dead})
    properties = PROPERTIES(message_id="m", headers={"mine": 1}, expiration="60000")
    seen = []

    def next_dead():
        ((method, properties, body),) = broker.take(dead, 1)
        broker.channel.basic_ack(method.delivery_tag)
        broker.channel.cancel()
        headers = dict(properties.headers)
        for death in headers.get("x-death", []):
            death["time"] = type(death["time"]).__name__
        seen.append([body.decode(), properties.message_id, properties.expiration, headers])

    broker.send(expiring, "expired", properties=properties)
    next_dead()
    broker.send(full, "pushed out", "rejected", properties=properties)
    next_dead()
    method, _, _ = broker.channel.basic_get(full)
    broker.channel.basic_reject(method.delivery_tag, requeue=False)
    next_dead()
    return seen


@check
def direct_reply_to(broker):
    """a request and its answer over amq.rabbitmq.reply-to"""
    queue = broker.queue("requests")
    answers = []
    broker.channel.basic_consume("amq.rabbitmq.reply-to", lambda *answer: answers.append(answer), auto_ack=True)
    broker.send(queue, "question", properties=PROPERTIES(reply_to="amq.rabbitmq.reply-to", correlation_id="c-1"))
    with connect() as server:
        channel = server.channel()
        _, properties, body = channel.basic_get(queue, auto_ack=True)
        answer = PROPERTIES(correlation_id=properties.correlation_id)
        channel.basic_publish("", properties.reply_to, b"answer to " + body, answer)
        looked_for = channel.queue_declare(properties.reply_to, passive=True).method
        replaced = properties.reply_to.startswith("amq.rabbitmq.reply-to.")
    while not answers:
        broker.connection.process_data_events(1)
    ((_, method, properties, body),) = answers
    return [
        replaced, properties.correlation_id, body.decode(), method.exchange, method.redelivered,
        [looked_for.message_count, looked_for.consumer_count],
        refusal(broker.channel.basic_consume, "amq.rabbitmq.reply-to", lambda *_: None),
    ]


@check
def transactions(broker):
    """tx: publishes and acks count from the commit on, or never"""
    queue = broker.queue("tx")
    broker.channel = broker.connection.channel()
    broker.channel.tx_select()

    def depth():
        return broker.channel.queue_declare(queue, passive=True).method.message_count

    broker.send(queue, "rolled back")
    broker.channel.tx_rollback()
    broker.send(queue, "committed")
    seen = [depth()]
    broker.channel.tx_commit()
    seen.append(depth())
    method, _, body = broker.channel.basic_get(queue)
    broker.channel.basic_ack(method.delivery_tag)
    broker.channel.tx_rollback()
    seen.append(refusal(broker.channel.basic_nack, method.delivery_tag, requeue=True))
    broker.channel.tx_commit()
    method, _, body = broker.channel.basic_get(queue)
    seen.append([body.decode(), method.redelivered])
    with connect() as other:
        channel = other.channel()
        seen.append(refusal(channel.tx_commit))
        channel = other.channel()
        channel.tx_select()
        seen.append(refusal(channel.confirm_delivery))
    return seen


@check
def headers(broker):
    """headers of every type that pika writes, nested ones too, come back as they were"""
    queue = broker.queue("headers")
    sent = {
        "text": "grün", "bytes": b"\x00\xff", "true": True, "false": False, "none": None,
        "small": -5, "big": 2**40, "negative": -(2**62), "decimal": decimal.Decimal("12.345"),
        "time": datetime.datetime(2026, 11, 22, 9, 30), "list": [1, "two", [-3, None], {"four": True}],
        "table": {"nested": {"deeper": [b"x"], "empty": {}}}, "nothing": [],
    }
    broker.send(queue, "body", properties=PROPERTIES(headers=sent))
    _, properties, _ = broker.channel.basic_get(queue, auto_ack=True)
    return {name: [type(value).__name__, repr(value)] for name, value in properties.headers.items()}


@check
def properties(broker):
    """every property comes back as it was"""
    queue = broker.queue("properties")
    sent = PROPERTIES(
        content_type="text/plain", content_encoding="utf-8", headers={}, delivery_mode=2, priority=7,
        correlation_id="c", reply_to="r", expiration="100000", message_id="m", timestamp=1_700_000_000,
        type="t", user_id="guest", app_id="a", cluster_id="c",
    )
    broker.send(queue, "body", properties=sent)
    _, got, _ = broker.channel.basic_get(queue, auto_ack=True)
    return [vars(got), refusal(broker.send, queue, "forged", properties=PROPERTIES(user_id="other"))]


@check
def bodies(broker):
    """bodies of none, one frame and many frames"""
    queue = broker.queue("bodies")
    seen = []
    for size in [0, 1, 131_064, 131_065, 3_000_000]:
        body = bytes(index * 31 % 256 for index in range(size))
        broker.send(queue, body)
        _, _, got = broker.channel.basic_get(queue, auto_ack=True)
        seen.append([len(got), hashlib.md5(got).digest() == hashlib.md5(body).digest()])
    return seen


@check
def cancelled(broker):
    """a consumer hears that its queue was deleted"""
    queue = broker.queue("deleted")
    told = []
    broker.channel.add_on_cancel_callback(lambda frame: told.append(frame.method.consumer_tag))
    broker.channel.basic_consume(queue, lambda *_: None, consumer_tag="mine")
    with connect() as other:
        other.channel().queue_delete(queue)
    while not told:
        broker.connection.process_data_events(1)
    return told


@check
def flow(broker):
    """channel.flow: on is on already, off is refused"""
    return [broker.channel.flow(True), refusal(broker.channel.flow, False)]


@check
def heartbeats(_):
    """a heartbeat of a second keeps an idle connection, and ends one that says nothing"""
    with connect(heartbeat=1) as idle:
        idle.sleep(4)
        queue = idle.channel().queue_declare("", exclusive=True).method.message_count
    silent = connect(heartbeat=1)
    time.sleep(6)
    lost = refusal(lambda: silent.channel().queue_declare("", exclusive=True))
    return [queue, lost if lost == "not refused" else "lost"]


@check
def blocked(broker):
    """a publisher hears that it is blocked, and that it may go on"""
    queue = broker.queue("blocked")
    broker.channel = broker.connection.channel()
    told = []
    broker.connection.add_on_connection_blocked_callback(
        lambda _, frame: told.append(["blocked", bool(frame.method.reason)])
    )
    broker.connection.add_on_connection_unblocked_callback(lambda *_: told.append("unblocked"))
    broker.send(queue, "before")
    for wish in ["block", "unblock"]:
        heard = len(told)
        say({"ask": wish})
        if wish == "block":
            sys.stdin.readline()
            broker.send(queue, "while blocked")
        while len(told) == heard:
            broker.connection.process_data_events(1)
    return [told, broker.bodies(queue)]


@check
def select_connection(_):
    """SelectConnection: declared, published, confirmed, consumed and acked without a wait"""
    queue, count = PREFIX + "select", 500
    seen = {"confirmed": 0, "consumed": [], "ended": None}

    def opened(connection):
        connection.channel(on_open_callback=channel_opened)

    def channel_opened(channel):
        def confirmed(frame):
            seen["confirmed"] = max(seen["confirmed"], frame.method.delivery_tag)
            finish()

        def consumed(_, method, __, body):
            channel.basic_ack(method.delivery_tag)
            seen["consumed"].append(int(body))
            finish()

        def finish():
            if seen["confirmed"] == count == len(seen["consumed"]):
                channel.queue_delete(queue, callback=lambda frame: (ended(frame), channel.connection.close()))

        def ended(frame):
            seen["ended"] = frame.method.message_count

        def publish(_):
            channel.basic_qos(prefetch_count=10, callback=lambda _: channel.basic_consume(queue, consumed))
            for number in range(count):
                channel.basic_publish("", queue, str(number))

        def declared(_):
            channel.confirm_delivery(confirmed, callback=publish)

        channel.queue_declare(queue, callback=declared)

    connection = pika.SelectConnection(
        pika.URLParameters(URL),
        on_open_callback=opened,
        on_close_callback=lambda connection, _: connection.ioloop.stop(),
        on_open_error_callback=lambda connection, error: (seen.update(ended=str(error)), connection.ioloop.stop()),
    )
    connection.ioloop.start()
    return [seen["confirmed"], seen["consumed"] == list(range(count)), seen["ended"]]


for run in checks:
    run()
