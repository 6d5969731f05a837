"""What was agreed, and the evidence of it: steps that are only ever added, each covering the one before."""

from __future__ import annotations

import json
from datetime import UTC
from functools import cached_property
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from wagtail_payments.core import evidence, snapshot
from wagtail_payments.records.fields import MinorUnits, private_storage
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.quotes import Quote


def quote_step_kinds() -> list[tuple[str, Any]]:
    """Return what can happen to a quote that was sent."""
    return [
        ("sent", _("Sent")),
        ("sent_again", _("Sent again")),
        ("opened", _("Opened")),
        ("code_sent", _("Code sent")),
        ("code_proven", _("E-mail address proven by the code")),
        ("code_refused", _("Wrong code")),
        ("signed", _("Signed")),
        ("accepted", _("Accepted by phone or on paper")),
        ("declined", _("Declined")),
        ("question", _("Question asked")),
        ("answer", _("Question answered")),
        ("superseded", _("Replaced by a newer version")),
        ("cancelled", _("Cancelled")),
        ("withdrawn", _("Withdrawn")),
    ]


class QuoteStep(Frozen):
    """One step in the life of a sent quote; ``sha256`` covers it and the step before (``previous``)."""

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="steps")
    number = models.PositiveIntegerField()
    kind = models.CharField(_("kind"), max_length=20, choices=quote_step_kinds)
    at = models.DateTimeField(_("at"))
    ip = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    data = models.TextField(default="{}")  # canonical JSON: integers, strings and lists of them
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    previous = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"by"})

    class Meta:
        verbose_name = _("step of a quote")
        verbose_name_plural = _("steps of quotes")
        ordering = ["quote", "number"]
        base_manager_name = "objects"
        constraints = [models.UniqueConstraint(fields=["quote", "number"], name="wagtail_payments_one_step")]

    def __str__(self) -> str:
        return f"{self.quote} {self.number} {self.kind}"

    def as_core(self) -> evidence.Step:
        """Return the step as plain data: what its hash covers."""
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return evidence.Step(self.number, self.kind, at, self.ip, self.agent, self.data)


def sent_to(quote: Quote) -> set[str]:
    """Return the addresses that the seller sent a quote to, in lower case."""
    steps = quote.steps.filter(kind__in=["sent", "sent_again"]).values_list("data", flat=True)
    return {address.lower() for data in steps for address in json.loads(data).get("to", [])}


def agreement_ways() -> list[tuple[str, Any]]:
    """Return how a customer can agree."""
    return [("signed", _("Signed online")), ("phone", _("By phone")), ("paper", _("On paper"))]


class Agreement(Frozen):
    """What the customer said yes to: ``text`` is the final document with the options chosen, hashed.

    ``note`` and ``file`` prove an acceptance by word; ``consent``, ``typed`` and ``terms_sha256`` a signature.
    """

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"by"})

    quote = models.OneToOneField(Quote, on_delete=models.PROTECT, related_name="agreement")
    how = models.CharField(_("how"), max_length=10, choices=agreement_ways)
    at = models.DateTimeField(_("recorded at"))
    on = models.DateField(_("agreed on"))
    name = models.CharField(_("name"), max_length=200)
    role = models.CharField(_("role"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    typed = models.CharField(max_length=100, blank=True)  # such as "bon pour accord"
    consent = models.TextField(blank=True)  # the sentence as it was shown
    terms_sha256 = models.CharField(max_length=64, blank=True)
    note = models.TextField(_("note"), blank=True)
    file = models.FileField(_("file"), upload_to="agreements/%Y", storage=private_storage, max_length=200, blank=True)
    net = MinorUnits(_("net"))
    tax = MinorUnits(_("VAT"))
    gross = MinorUnits(_("total"))
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-pk"]
        base_manager_name = "objects"
        constraints = [models.CheckConstraint(condition=Q(gross__gte=0), name="wagtail_payments_agreed_not_negative")]

    def __str__(self) -> str:
        return f"{self.quote}: {self.name}"

    def said(self) -> dict[str, object]:
        """Return what proves it, as data: who, when, how and to what, long texts by their hash."""
        return {
            "how": self.how,
            "on": self.on.isoformat(),
            "name": self.name,
            "role": self.role,
            "email": self.email,
            "typed": self.typed,
            "consent": self.consent,
            "terms_sha256": self.terms_sha256,
            "gross": self.gross,
            "sha256": self.sha256,
        }

    @cached_property
    def frozen(self) -> snapshot.Document:
        """What was agreed, read back from the text."""
        return snapshot.from_text(self.text)


class SigningCode(models.Model):
    """A one-time code that proves an e-mail address; only its keyed hash is kept. One is active per quote.

    ``slot`` holds the quote's key while the code is the active one. It also holds what was typed before it: who signs,
    and ``chosen``, quantities as text by the key of the line.
    """

    MINUTES = 10
    TRIES = 5
    PROOF_MINUTES = 60  # how long a proven address lasts

    quote = models.ForeignKey(Quote, on_delete=models.CASCADE, related_name="codes")
    email = models.EmailField()
    name = models.CharField(max_length=200, default="")
    role = models.CharField(max_length=200, blank=True, default="")
    chosen = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    proven_at = models.DateTimeField(null=True)
    slot = models.CharField(max_length=20, null=True, unique=True)

    class Meta:
        verbose_name = _("signing code")
        verbose_name_plural = _("signing codes")

    def __str__(self) -> str:
        return f"{self.quote} {self.email}"


class QuoteQuestion(Frozen):
    """A question of the customer about a quote, or the seller's answer."""

    MAY_CHANGE: ClassVar[frozenset[str]] = frozenset({"by"})

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="questions")
    is_answer = models.BooleanField(default=False)
    name = models.CharField(_("name"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    text = models.TextField(_("text"))
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("question about a quote")
        verbose_name_plural = _("questions about quotes")
        ordering = ["at", "pk"]
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.text[:60]
