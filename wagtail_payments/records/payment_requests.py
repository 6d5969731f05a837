"""Several invoices of one customer that are asked for together, and paid at once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.models import Site

from wagtail_payments.records.customers import Customer
from wagtail_payments.records.fields import CurrencyCode, Mode
from wagtail_payments.records.invoices import Invoice
from wagtail_payments.records.sellers import Seller


class PaymentRequest(models.Model):
    """The wish that a customer pays these invoices together; what is due of each is asked of the books at each view.

    Its invoices are fixed when it is made. ``of_these`` is made of their keys: unique, so the same invoices asked for
    again are the same request, with the same link.
    """

    seller = models.ForeignKey(Seller, on_delete=models.PROTECT, related_name="payment_requests")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="payment_requests")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="payment_requests")
    mode = models.CharField(max_length=4, choices=Mode)
    currency = CurrencyCode()
    language = models.CharField(max_length=10)
    invoices = models.ManyToManyField(Invoice, related_name="payment_requests")
    of_these = models.CharField(max_length=64, unique=True)
    public_id = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("payment request")
        verbose_name_plural = _("payment requests")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return gettext("Several invoices of %(customer)s") % {"customer": self.customer}
