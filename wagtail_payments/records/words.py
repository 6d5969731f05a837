"""The seller's own words for the letters that the app writes; where there are none, the built-in ones are used."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.reminders import ReminderStep
from wagtail_payments.records.sellers import Seller


class LetterWords(models.Model):
    """Subject and text of one kind of letter in one language; a step of the reminders has words of its own."""

    seller = models.ForeignKey(Seller, on_delete=models.CASCADE, related_name="letter_words")
    key = models.CharField(max_length=40)
    step = models.ForeignKey(ReminderStep, on_delete=models.CASCADE, null=True, related_name="words")
    language = models.CharField(_("language"), max_length=10)
    subject = models.CharField(_("subject"), max_length=300)
    text = models.TextField(_("text"))
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("words of a letter")
        verbose_name_plural = _("words of letters")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["seller", "key", "language"], name="wagtail_payments_own_words_once")
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.language}"
