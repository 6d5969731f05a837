"""Webhooks: each event goes to each endpoint, signed, and again until it is taken."""

import json
import random
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from fnmatch import fnmatchcase

from stripe import WebhookSignature

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.world import World

# Later and later, for three days in all.
_RETRY_AFTER = tuple(
    timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 18000, 36000, 43200, 43200, 43200, 43200, 43200)
)
_GIVE_UP_AFTER = timedelta(days=3)

Headers = dict[str, str]
Deliver = Callable[[str, bytes, Headers], int]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where webhooks go. Several secrets are in force while one is being rolled."""

    url: str
    secrets: tuple[str, ...]
    events: tuple[str, ...] = ("*",)

    def wants(self, kind: str) -> bool:
        """Whether the endpoint listens to this type of event."""
        return any(fnmatchcase(kind, pattern) for pattern in self.events)


@dataclass(slots=True)
class Switches:
    """What shall go wrong with webhooks: each from 0 (never) to 1 (always)."""

    twice: float = 0.0
    late: float = 0.0
    out_of_order: float = 0.0
    lost: float = 0.0
    late_by: timedelta = timedelta(minutes=2)
    held_back_by: timedelta = timedelta(seconds=5)
    chance: random.Random = field(default_factory=random.Random)

    def happens(self, rate: float) -> bool:
        """Whether something with this rate happens now."""
        return rate >= 1 or (rate > 0 and self.chance.random() < rate)


@dataclass(frozen=True, slots=True)
class Letter:
    """One webhook on its way: the exact bytes and headers that are posted."""

    delivery: str
    url: str
    body: bytes
    headers: Headers

    @property
    def signature(self) -> str:
        """The ``Stripe-Signature`` header."""
        return self.headers["Stripe-Signature"]


class Outbox:
    """The queue and the log of webhooks."""

    def __init__(
        self,
        world: World,
        lock: threading.RLock,
        endpoints: Iterable[Endpoint] = (),
        deliver: Deliver | None = None,
    ) -> None:
        self.endpoints = list(endpoints)
        self.deliver = deliver
        self.switches = Switches()
        self._world = world
        self._lock = lock
        self._one_sender = threading.Lock()
        world.listeners.append(self.take)

    def take(self, event: Json) -> None:
        """Queue a new event for every endpoint that wants it."""
        for endpoint in self.endpoints:
            if endpoint.wants(event["type"]):
                self._queue(event, endpoint.url)

    def _queue(self, event: Json, url: str) -> None:
        switches = self.switches
        state = "lost" if switches.happens(switches.lost) else "waiting"
        due = self._world.timestamp()
        if switches.happens(switches.late):
            due += int(switches.late_by.total_seconds())
        held_back = switches.happens(switches.out_of_order)
        for _ in range(2 if switches.happens(switches.twice) else 1):
            self._put(event, url, due, state)
        if held_back:
            self._hold_back(event)

    def _hold_back(self, event: Json) -> None:
        """Let the next events overtake this one, by age within one answer and by delay."""
        for delivery in self._world.shelves.where("delivery", event=event["id"]):
            delay = int(self.switches.held_back_by.total_seconds())
            held = delivery["position"] % 2 * delay
            self._keep(delivery | {"due": delivery["due"] + held, "position": -delivery["position"]})

    def _put(self, event: Json, url: str, due: int, state: str) -> Json:
        delivery = {
            "id": self._world.ids("delivery"),
            "position": self._world.shelves.count("delivery"),
            "event": event["id"],
            "type": event["type"],
            "url": url,
            "due": due,
            "state": state,
            "attempts": [],
        }
        event["pending_webhooks"] += 1
        self._world.shelves.put("event", event)
        return self._keep(delivery)

    def _keep(self, delivery: Json) -> Json:
        return self._world.shelves.put("delivery", delivery)

    def resend(self, event_id: str) -> None:
        """Send an event again, whatever became of it."""
        with self._lock:
            event = self._world.shelves.get("event", event_id)
            if event is None:
                return
            for endpoint in self.endpoints:
                self._put(event, endpoint.url, self._world.timestamp(), "waiting")

    def bring_forward(self, span: timedelta) -> None:
        """Make what is due within ``span`` due now."""
        with self._lock:
            now = self._world.timestamp()
            for delivery in self._world.shelves.where("delivery", state="waiting"):
                if now < delivery["due"] <= now + span.total_seconds():
                    self._keep(delivery | {"due": now})

    def due(self) -> list[Letter]:
        """What is to be posted now, in the order in which it will be."""
        with self._lock:
            now = self._world.timestamp()
            waiting = self._world.shelves.where("delivery", state="waiting")
            ready = [delivery for delivery in waiting if delivery["due"] <= now]
            ready.sort(key=lambda delivery: (delivery["due"], delivery["position"]))
            return [self._letter(delivery) for delivery in ready]

    def _letter(self, delivery: Json) -> Letter:
        event = self._world.shelves.get("event", delivery["event"])
        body = json.dumps(event, indent=2, ensure_ascii=False)
        return Letter(delivery["id"], delivery["url"], body.encode(), self._headers(delivery["url"], body))

    def _headers(self, url: str, body: str) -> Headers:
        # The receiver compares the time with its own clock, so this is never a plan's time.
        at = int(self._world.clock().timestamp())
        secrets = [secret for endpoint in self.endpoints if endpoint.url == url for secret in endpoint.secrets]
        signed = (WebhookSignature.generate_signature_header(body, secret, at) for secret in secrets)
        signatures = [header.partition(",")[2] for header in signed]
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": ",".join([f"t={at}", *signatures]),
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }

    def send_due(self) -> int:
        """Post what is due, one after the other; answers how many were tried."""
        if self.deliver is None:
            return 0
        with self._one_sender:
            letters = self.due()
            for letter in letters:
                self.send(letter, self.deliver)
            return len(letters)

    def send(self, letter: Letter, deliver: Deliver) -> None:
        """Post one webhook and note what became of it. No lock is held while it is posted."""
        try:
            status, trouble = deliver(letter.url, letter.body, letter.headers), ""
        except OSError as error:
            status, trouble = 0, str(error)
        with self._lock:
            self._note(letter.delivery, status, trouble)

    def _note(self, delivery_id: str, status: int, trouble: str) -> None:
        delivery = self._world.shelves.get("delivery", delivery_id)
        if delivery is None:
            return
        now = self._world.timestamp()
        attempts = [*delivery["attempts"], {"at": now, "status": status, "trouble": trouble}]
        delivery["attempts"] = attempts
        if 200 <= status < 300:
            delivery["state"] = "delivered"
            self._one_less_pending(delivery["event"])
        else:
            self._try_later(delivery, now)
        self._keep(delivery)

    def _one_less_pending(self, event_id: str) -> None:
        event = self._world.shelves.get("event", event_id)
        if event is not None:
            event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
            self._world.shelves.put("event", event)

    def _try_later(self, delivery: Json, now: int) -> None:
        event = self._world.shelves.get("event", delivery["event"])
        tries = len(delivery["attempts"])
        too_old = event is None or now - event["created"] > _GIVE_UP_AFTER.total_seconds()
        if too_old or tries > len(_RETRY_AFTER):
            delivery["state"] = "given_up"
        else:
            delivery["due"] = now + int(_RETRY_AFTER[tries - 1].total_seconds())
