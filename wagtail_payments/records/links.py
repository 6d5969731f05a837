"""Links that open a document, a registration or several invoices without an account, and their openings."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.guards import Frozen
from wagtail_payments.records.payment_requests import PaymentRequest
from wagtail_payments.records.registrations import Registration


class Link(models.Model):
    """The right to open one document, one registration, or what is asked for of several invoices together.

    The token is derived from it and stored nowhere. ``generation`` goes up at each renewal, which ends every token of
    an earlier generation.
    """

    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, null=True, related_name="links")
    registration = models.OneToOneField(Registration, on_delete=models.PROTECT, null=True, related_name="link")
    payment_request = models.OneToOneField(PaymentRequest, on_delete=models.PROTECT, null=True, related_name="link")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="payment_links")
    public_id = models.CharField(max_length=32, unique=True)
    purpose = models.CharField(max_length=20, default="customer")
    generation = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["document", "purpose"], name="wagtail_payments_one_link_per_purpose"),
            models.CheckConstraint(
                condition=Q(document__isnull=False, registration=None, payment_request=None)
                | Q(document=None, registration__isnull=False, payment_request=None)
                | Q(document=None, registration=None, payment_request__isnull=False),
                name="wagtail_payments_link_to_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document or self.registration or self.payment_request} {self.generation}"


class Opening(Frozen):
    """One opening of a link by a person: not by staff, a scanner or a HEAD request."""

    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="openings")
    generation = models.PositiveIntegerField()
    at = models.DateTimeField()
    user_agent = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("opening")
        verbose_name_plural = _("openings")
        ordering = ["-at"]
        base_manager_name = "objects"

    def __str__(self) -> str:
        return f"{self.link} {self.at}"
