"""The sandbox as a whole: one object that holds the state and plays Stripe."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta

from wagtail_payments.sandbox.faults import Faults
from wagtail_payments.sandbox.json_types import Json
from wagtail_payments.sandbox.ports import Clock, Ids, random_ids, real_clock
from wagtail_payments.sandbox.rules import Rules
from wagtail_payments.sandbox.shelves import Shelves
from wagtail_payments.sandbox.store import SqliteStore
from wagtail_payments.sandbox.webhooks import Deliver, Endpoint, Outbox
from wagtail_payments.sandbox.world import World


class Sandbox:
    """A merchant's account at a Stripe that exists only in this process.

    With a clock and an id source of one's own, the same calls give the same state, byte
    for byte. ``store`` keeps the state across restarts.
    """

    def __init__(
        self,
        clock: Clock = real_clock,
        ids: Ids = random_ids,
        *,
        store: SqliteStore | None = None,
        rules: Rules | None = None,
        endpoints: Iterable[Endpoint] = (),
        deliver: Deliver | None = None,
    ) -> None:
        self.rules = rules or Rules()
        self.faults = Faults()
        self._store = store
        self._lock = threading.RLock()
        self._depth = 0
        self._world = World(clock, ids, Shelves(store.load() if store else ()), self.rules)
        self.outbox = Outbox(self._world, self._lock, endpoints, deliver)

    @contextmanager
    def working(self) -> Iterator[World]:
        """The world, locked, with all that is due carried out; saved afterwards."""
        with self._lock:
            self._depth += 1
            try:
                if self._depth == 1:
                    self._world.run_due()
                yield self._world
            finally:
                self._depth -= 1
                self._save()

    def _save(self) -> None:
        changes = self._world.shelves.take_changes()
        if self._store and changes:
            self._store.save(changes)

    def tick(self) -> None:
        """Carry out what is due by the clock: sessions expire, debits settle."""
        with self.working():
            """Entering is what carries it out."""

    def bring_forward(self, span: timedelta) -> None:
        """Let happen now what would happen within ``span``."""
        with self.working() as world:
            world.bring_forward(span)
            self.outbox.bring_forward(span)

    def deliver_due(self) -> int:
        """Post the webhooks that are due; answers how many were tried."""
        self.tick()
        tried = self.outbox.send_due()
        with self._lock:
            self._save()
        return tried

    def reset(self) -> None:
        """Forget everything."""
        with self.working() as world:
            world.forget_plans()
            world.shelves.clear()

    def objects(self, kind: str) -> list[Json]:
        """Copies of all objects of a kind (``refund``, ``checkout.session``), oldest first."""
        with self.working() as world:
            return deepcopy(world.shelves.all(kind))

    def object(self, kind: str, key: str) -> Json:
        """A copy of one object; raises KeyError when there is none."""
        with self.working() as world:
            value = world.shelves.get(kind, key)
            if value is None:
                raise KeyError(key)
            return deepcopy(value)

    def balance(self) -> dict[str, int]:
        """What was charged less what was refunded, per currency, in minor units.

        Pending refunds count, failed ones do not; disputes and fees are left out.
        """
        total: Counter[str] = Counter()
        for charge in self.objects("charge"):
            if charge["status"] == "succeeded":
                total[charge["currency"]] += charge["amount"] - charge["amount_refunded"]
        return dict(total)
