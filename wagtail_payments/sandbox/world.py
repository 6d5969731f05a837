"""What every resource works with: memory, time, ids, plans for later, and events."""

import heapq
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import stripe

from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.ports import Clock, Ids
from wagtail_payments.sandbox.rules import Rules
from wagtail_payments.sandbox.shelves import Shelves

PlannedVerb = Callable[["World", str, Json], None]
_VERBS: dict[str, PlannedVerb] = {}


def planned(name: str) -> Callable[[PlannedVerb], PlannedVerb]:
    """Give a function a name under which ``World.plan`` can call it later."""

    def register(verb: PlannedVerb) -> PlannedVerb:
        _VERBS[name] = verb
        return verb

    return register


@dataclass(frozen=True, slots=True)
class Call:
    """The API call being answered; events tell which call made them."""

    id: str | None = None
    idempotency_key: str | None = None


class World:
    """The sandbox's state and the few ways to change it. Not thread-safe by itself."""

    def __init__(self, clock: Clock, ids: Ids, shelves: Shelves, rules: Rules) -> None:
        self.clock = clock
        self.ids = ids
        self.shelves = shelves
        self.rules = rules
        self.call = Call()
        self.listeners: list[Callable[[Json], None]] = []
        self._moment: datetime | None = None
        self._due = [(plan["at"], plan["id"]) for plan in shelves.all("plan")]
        heapq.heapify(self._due)

    def now(self) -> datetime:
        """The time: of the plan being carried out, else the clock's."""
        return self._moment or self.clock()

    def timestamp(self) -> int:
        """``now()`` in whole seconds since 1970, as Stripe writes times."""
        return int(self.now().timestamp())

    def new_id(self, prefix: str) -> str:
        """A fresh id; a Checkout Session's also tells the mode."""
        return self.ids(f"{prefix}_{self.rules.mode}" if prefix == "cs" else prefix)

    def put(self, value: Json) -> Json:
        """Keep a new object under the kind it names itself."""
        return self.shelves.put(value["object"], value)

    def change(self, value: Json, **fields: object) -> Json:
        """Change fields of an object and answer what they were before."""
        previous = {name: deepcopy(value.get(name)) for name, new in fields.items() if value.get(name) != new}
        value.update(fields)
        self.shelves.put(value["object"], value)
        return previous

    def emit(self, kind: str, value: Json, previous: Json | None = None) -> Json:
        """Record an event with the object as it is now, and tell who sends webhooks."""
        data: Json = {"object": deepcopy(value)}
        if previous:
            data["previous_attributes"] = previous
        event = self.put(self._event(kind, data))
        for listener in self.listeners:
            listener(event)
        return event

    def _event(self, kind: str, data: Json) -> Json:
        """An event rendered at the API version of the ``stripe`` package itself."""
        return {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": self.timestamp(),
            "data": data,
            "livemode": self.rules.livemode,
            "pending_webhooks": 0,
            "request": {"id": self.call.id, "idempotency_key": self.call.idempotency_key},
            "type": kind,
        }

    def plan(self, after: timedelta, verb: str, object_id: str, **details: object) -> None:
        """Call a ``planned`` function later; also across a restart."""
        at = self.timestamp() + int(after.total_seconds())
        self.plan_at(at, verb, object_id, **details)

    def plan_at(self, at: int, verb: str, object_id: str, **details: object) -> None:
        """Call a ``planned`` function at a time in seconds since 1970."""
        plan = {"id": self.ids("plan"), "at": at, "verb": verb, "of": object_id, "with": details}
        self.shelves.put("plan", plan)
        heapq.heappush(self._due, (at, plan["id"]))

    def run_due(self) -> None:
        """Carry out what is due by the clock, each plan as if at its own time."""
        self._run_until(int(self.clock().timestamp()), at_own_time=True)

    def bring_forward(self, span: timedelta) -> None:
        """Carry out now what would be due within ``span``.

        The clock itself is not moved: whoever talks to the sandbox has a clock too, and
        signatures and expiry times would no longer agree.
        """
        self._run_until(int((self.clock() + span).timestamp()), at_own_time=False)

    def carry_out(self, verb: str, object_id: str) -> bool:
        """Carry out one object's plan now; False when there is no such plan."""
        for plan in self.shelves.where("plan", verb=verb, of=object_id):
            self._carry_out(plan)
            return True
        return False

    def forget_plans(self) -> None:
        """Drop all that was planned."""
        self._due = []

    def _run_until(self, limit: int, *, at_own_time: bool) -> None:
        while self._due and self._due[0][0] <= limit:
            at, plan_id = heapq.heappop(self._due)
            plan = self.shelves.get("plan", plan_id)
            if plan is None:
                continue
            self._moment = datetime.fromtimestamp(at, UTC) if at_own_time else None
            try:
                self._carry_out(plan)
            finally:
                self._moment = None

    def _carry_out(self, plan: Json) -> None:
        self.shelves.drop("plan", plan["id"])
        _VERBS[plan["verb"]](self, plan["of"], plan["with"])
