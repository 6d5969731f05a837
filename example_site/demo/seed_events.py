"""The example's events: few seats, a free evening, a conference in three languages, one full, one called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils.text import slugify
from wagtail.models import Locale, Page, Site

from wagtail_payments import ports
from wagtail_payments.actions import events, registrations
from wagtail_payments.actions.baskets import Place
from wagtail_payments.actions.wishes import Buyer, Wish
from wagtail_payments.models import Consent, Event, PaymentAttempt, Question, Registration, Seller, TicketType
from wagtail_payments.pages.models import EventIndexPage, EventPage

Pay = Callable[[PaymentAttempt], None]


def in_english(name: str) -> dict[str, dict[str, str]]:
    """Return what something is called in English; in French it has its own name."""
    return {"en": {"name": name}}


class EventSeed:
    """Makes the events and who comes; ``pay`` is what a customer does at the provider's page."""

    def __init__(self, *, site: Site, seller: Seller, home: Page, now: datetime, pay: Pay) -> None:
        self.site, self.seller, self.now, self.pay = site, seller, now, pay
        self.index = home.add_child(
            instance=EventIndexPage(title="Events", slug="events", introduction="<p>Come and learn with us.</p>")
        )

    def run(self) -> None:
        """Make everything, through the same actions as real use."""
        self._workshop()
        self._evening()
        self._conference()
        self._sold_out()
        self._called_off()
        self._with_deposit()
        self._to_withdraw()

    def _event(self, name: str, in_days: int, hours: int, **values: Any) -> Event:
        begins = (self.now + timedelta(days=in_days)).astimezone(Event(time_zone=self.seller.time_zone).zone)
        begins = begins.replace(hour=9, minute=30, second=0, microsecond=0)
        usual = {"place": "Atelier Garonne", "address": "12 quai des Chartrons\n33000 Bordeaux", "language": "fr"}
        event = Event(
            **usual | values,
            seller=self.seller,
            site=self.site,
            name=name,
            starts_at=begins,
            ends_at=begins + timedelta(hours=hours),
            time_zone=self.seller.time_zone,
        )
        event.full_clean(exclude=["uid"])
        event.save()
        return event

    def _ticket(self, event: Event, name: str, price: str, **values: Any) -> TicketType:
        ticket = TicketType(event=event, name=name, price=Decimal(price), **values)
        ticket.full_clean()
        ticket.save()
        return ticket

    def _page(self, event: Event, title: str, introduction: str, language: str = "en") -> None:
        self.index.add_child(
            instance=EventPage(
                title=title,
                slug=slugify(title),
                event=event,
                introduction=introduction,
                locale=Locale.objects.get_or_create(language_code=language)[0],
            )
        )

    def _come(self, event: Event, name: str, seats: int = 1, language: str = "fr") -> Registration:
        """Somebody registers, and pays where there is something to pay."""
        ticket = event.ticket_types.all()[0]
        email = f"{slugify(name).replace('-', '.')}@example.org"
        buyer = Buyer(name=name, email=email, street="5 rue du Loup", postcode="33000", city="Bordeaux")
        registration = registrations.register(
            wish=Wish(
                event_id=event.pk,
                places=[Place(ticket.pk) for _ in range(seats)],
                buyer=buyer,
                language=language,
                form_key=ports.new_id(),
            ),
            now=ports.now(),
        )
        if not registration.is_free:
            self._pay(registration)
        return registration

    def _pay(self, registration: Registration) -> None:
        root = self.site.root_url
        self.pay(
            registrations.start_paying(
                registration=registration, now=ports.now(), return_url=lambda _: root, cancel_url=root
            )
        )

    def _workshop(self) -> None:
        event = self._event(
            "Atelier reliure", 21, 7, capacity=6, cancellation="fee", cancellation_days=7, reminder_days=2,
            translations=in_english("Bookbinding workshop"),
        )  # fmt: skip
        self._ticket(event, "Plein tarif", "120", least=0, most=4, translations=in_english("Full price"))
        self._ticket(event, "Étudiants", "60", quantity=2, most=2, translations=in_english("Students"))
        Question.objects.create(
            event=event,
            label="Allergies ou régime",
            of_each=True,
            translations={"en": {"label": "Allergies or diet"}},
        )
        Consent.objects.create(
            event=event,
            text="J’accepte que l’atelier soit photographié.",
            required=False,
            translations={"en": {"text": "I agree that photographs are taken at the workshop."}},
        )
        self._page(
            event, "Bookbinding workshop", "<p>A day to bind your first book. Six seats, materials included.</p>"
        )
        for name in ("Inès Caron", "Paul Delmas", "Zoé Lambert"):
            self._come(event, name)

    def _evening(self) -> None:
        event = self._event(
            "Soirée portes ouvertes", 9, 3, capacity=40, asks_names=False, translations=in_english("Open evening")
        )
        self._ticket(event, "Entrée libre", "0", vat_rate=Decimal(20), translations=in_english("Free entry"))
        self._page(event, "Open evening", "<p>Meet the teachers, see the machines, have a drink. It is free.</p>")
        for name, seats in (("Louis Faure", 2), ("Nadia Ferrand", 1)):
            self._come(event, name, seats)

    def _conference(self) -> None:
        words = {"en": {"name": "The printed page today"}, "es": {"name": "La página impresa hoy"}}
        event = self._event(
            "La page imprimée aujourd’hui", 60, 9, capacity=150, translations=words, pays_later=True,
            cancellation="free_until", cancellation_days=30,
        )  # fmt: skip
        early = {"early_price": Decimal(180), "early_until": self.now + timedelta(days=20)}
        names = {"en": {"name": "Full conference"}, "es": {"name": "Congreso completo"}}
        self._ticket(event, "Conférence complète", "240", translations=names, **early)
        self._page(event, "The printed page today", "<p>Two tracks, twelve speakers, one exhibition.</p>")
        self._page(event, "La page imprimée aujourd’hui", "<p>Deux salles, douze intervenants.</p>", "fr")
        self._page(event, "La página impresa hoy", "<p>Dos salas, doce ponentes, una exposición.</p>", "es")
        self._come(event, "Marta Ruiz", 2, "en")
        self._come(event, "Hugo Blanc")

    def _sold_out(self) -> None:
        event = self._event(
            "Masterclass typographie", 14, 4, capacity=2, translations=in_english("Typography masterclass")
        )
        self._ticket(event, "Place", "95", translations=in_english("Seat"))
        self._page(event, "Typography masterclass", "<p>Two seats, one press, a whole morning.</p>")
        for name in ("Clara Petit", "Yanis Roy"):
            self._come(event, name)

    def _called_off(self) -> None:
        event = self._event(
            "Sortie au moulin à papier", 30, 8, capacity=12, translations=in_english("Trip to the paper mill")
        )
        self._ticket(event, "Adulte", "45", translations=in_english("Adult"))
        self._page(event, "Trip to the paper mill", "<p>By train to the last water-driven paper mill.</p>")
        self._come(event, "Lina Morel")
        events.cancel(event_id=event.pk, reason="Le moulin est fermé pour travaux.", by=None, now=ports.now())
        events.cancel_registrations_due(now=ports.now())

    def _with_deposit(self) -> None:
        """A long course: 30 % when registering, the balance two weeks before."""
        event = self._event(
            "Stage de typographie, trois jours", 48, 56, capacity=8, deposit_percent=Decimal(30), balance_days=14,
            translations=in_english("Three-day typography course"),
        )  # fmt: skip
        self._ticket(event, "Stage complet", "540", translations=in_english("Whole course"))
        introduction = "<p>Three days at the press. A deposit keeps your seat; we ask for the rest later.</p>"
        self._page(event, "Three-day typography course", introduction)
        for name in ("Sarah Benoit", "Marc Tissier"):
            self._come(event, name)

    def _to_withdraw(self) -> None:
        """A correspondence course: no leisure on a given date, so private persons may withdraw within 14 days."""
        event = self._event(
            "Calligraphie par correspondance", 40, 24 * 60, no_withdrawal="", place="", address="",
            translations=in_english("Calligraphy by post"),
        )  # fmt: skip
        self._ticket(event, "Les huit cahiers", "96", translations=in_english("All eight booklets"))
        introduction = "<p>Eight booklets by post, at your own pace; we correct what you send back.</p>"
        self._page(event, "Calligraphy by post", introduction)
        self._come(event, "Rose Marchand")
