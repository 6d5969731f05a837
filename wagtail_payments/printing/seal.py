"""The site's seal on a PDF (PAdES, ETSI EN 319 142): shows any change made after it, and whose certificate it is.

An extra: ``pip install "wagtail-payments[seal]"`` and the setting ``SEAL``. The seal is the seller's, made by a
machine; it is not the signature of the customer and does not turn that into an advanced or qualified one.
"""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

from wagtail_payments.conf import settings

try:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers
except ImportError:  # the extra is not installed; a check says so where SEAL is set
    IS_INSTALLED = False
else:
    IS_INSTALLED = True

FIELD = "Seal"


class SealUnusable(Exception):
    """The certificate can't be used; the text says why."""


def is_wanted() -> bool:
    """Did the host set a certificate?"""
    return bool(settings.SEAL)


def sealed(pdf: bytes) -> bytes:
    """Return the PDF with the seal added behind it, its own bytes first and unchanged; as it is where none is set.

    Raises ``SealUnusable``.
    """
    if not is_wanted():
        return pdf
    signer = _signer(*_certificate())
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    )
    written: io.BytesIO = signers.PdfSigner(metadata, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    return written.getvalue()


def certificate_expires() -> Any:
    """Return when the certificate ends, in UTC; raises ``SealUnusable`` where it can't be read at all."""
    return _signer(*_certificate()).signing_cert.not_valid_after


def _certificate() -> tuple[str, str]:
    return str(settings.SEAL.get("CERTIFICATE", "")), str(settings.SEAL.get("PASSWORD", ""))


@lru_cache(maxsize=2)
def _signer(path: str, password: str) -> Any:
    if not IS_INSTALLED:
        raise SealUnusable("pyHanko is not installed")
    signer = signers.SimpleSigner.load_pkcs12(path, passphrase=password.encode())
    if signer is None:
        raise SealUnusable(f"{path} can't be opened with that password, or is no PKCS #12 file")
    return signer
