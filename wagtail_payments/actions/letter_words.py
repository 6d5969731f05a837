"""The seller's own words for a letter: kept where they differ from the built-in ones, and taken back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from wagtail_payments.mail import templates
from wagtail_payments.mail.templates import Said, Template
from wagtail_payments.records.sellers import Seller
from wagtail_payments.records.words import LetterWords


def keep(*, seller: Seller, template: Template, language: str, said: Said, by: Any, now: datetime) -> None:
    """Keep a seller's words for a kind of letter in a language; what equals the built-in words is not stored."""
    said = Said(*(text.replace("\r\n", "\n").strip().replace("\x00", "") for text in said))
    if said == templates.built_in(template, language):
        restore(seller=seller, template=template, language=language)
        return
    with transaction.atomic(durable=True):
        LetterWords.objects.update_or_create(
            seller=seller,
            key=template.key,
            language=language,
            defaults={**said._asdict(), "step": template.step, "changed_at": now, "changed_by": by},
        )
        Seller.objects.filter(pk=seller.pk, has_own_words=False).update(has_own_words=True)


def restore(*, seller: Seller, template: Template, language: str) -> bool:
    """Go back to the built-in words; return whether there were others."""
    with transaction.atomic(durable=True):
        gone, _each = LetterWords.objects.filter(seller=seller, key=template.key, language=language).delete()
        if gone and not LetterWords.objects.filter(seller=seller).exists():
            Seller.objects.filter(pk=seller.pk).update(has_own_words=False)
    return bool(gone)
