"""Revisions of an issued document: words that are not fiscal, changed after it was sent. The issued text stays."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from wagtail_payments.records.documents import IssuedDocument
from wagtail_payments.records.fields import private_storage
from wagtail_payments.records.guards import Frozen


class DocumentRevision(Frozen):
    """A document as it is shown since a revision: its whole text, hashed. Number 1 is the issued text itself."""

    document = models.ForeignKey(IssuedDocument, on_delete=models.PROTECT, related_name="revisions")
    revision = models.PositiveSmallIntegerField(_("revision"))
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    changed = models.JSONField(default=list)  # names of the fields of the document that differ from the one before
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    at = models.DateTimeField()
    form_key = models.CharField(max_length=64, null=True, unique=True)

    MAY_CHANGE = frozenset({"by"})

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering = ["revision"]
        base_manager_name = "objects"
        constraints = [
            models.UniqueConstraint(fields=["document", "revision"], name="wagtail_payments_revised_once"),
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.revision}"


class RevisionAttachment(Frozen):
    """A file that a revision added to an invoice; kept where no URL reaches it."""

    revision = models.ForeignKey(DocumentRevision, on_delete=models.PROTECT, related_name="attachments")
    file = models.FileField(_("file"), upload_to="attachments/%Y", storage=private_storage, max_length=200)
    name = models.CharField(_("name shown"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("attachment of a revision")
        verbose_name_plural = _("attachments of revisions")
        ordering = ["pk"]
        base_manager_name = "objects"

    def __str__(self) -> str:
        return self.name or (self.file.name or "").rsplit("/", 1)[-1]
