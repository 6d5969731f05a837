"""The site's seal: what was sealed is proven whole, and one changed byte is seen."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import load_cert_from_pemder
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.printing import samples
from wagtail_payments import checks
from wagtail_payments.printing import pdf, seal
from wagtail_payments.printing.paper import Paper

PASSWORD = "a password of the tests"


class Certificate:
    """A self-signed certificate of the site, as PKCS #12 and alone."""

    def __init__(self, folder: Path, ends: datetime) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Atelier Garonne")])
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(ends)
        usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
        signed = made.add_extension(usage, critical=True).sign(key, hashes.SHA256())
        self.path, self.alone = folder / "site.p12", folder / "site.pem"
        encryption = BestAvailableEncryption(PASSWORD.encode())
        self.path.write_bytes(serialize_key_and_certificates(b"site", key, signed, None, encryption))
        self.alone.write_bytes(signed.public_bytes(Encoding.PEM))

    def wanted_by(self, settings: Any) -> None:
        seal_of_the_site = {"CERTIFICATE": str(self.path), "PASSWORD": PASSWORD}
        settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"SEAL": seal_of_the_site}

    def judge(self, content: bytes) -> Any:
        (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
        trusted = ValidationContext(trust_roots=[load_cert_from_pemder(str(self.alone))], allow_fetching=False)
        return validate_pdf_signature(signature, trusted)


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return Certificate(tmp_path, datetime.now(UTC) + timedelta(days=365))


@pytest.fixture(scope="module")
def printed() -> bytes:
    return pdf.render_issued(Paper(samples.document())).pdf


def test_without_a_certificate_a_pdf_stays_as_it_is(printed: bytes) -> None:
    assert seal.sealed(printed) is printed


def test_a_sealed_pdf_is_proven_whole_and_keeps_its_bytes(
    printed: bytes, certificate: Certificate, settings: Any
) -> None:
    certificate.wanted_by(settings)
    content = seal.sealed(printed)
    assert content.startswith(printed)
    judged = certificate.judge(content)
    assert judged.bottom_line
    assert judged.coverage.name == "ENTIRE_FILE"


def test_one_changed_byte_is_seen(printed: bytes, certificate: Certificate, settings: Any) -> None:
    certificate.wanted_by(settings)
    content = bytearray(seal.sealed(printed))
    place = content.index(b"/Creator") if b"/Creator" in content else 200
    content[place + 3] ^= 1
    assert not certificate.judge(bytes(content)).intact


def test_a_wrong_password_is_told(printed: bytes, certificate: Certificate, settings: Any) -> None:
    wrong = {"CERTIFICATE": str(certificate.path), "PASSWORD": "another"}
    settings.WAGTAIL_PAYMENTS = settings.WAGTAIL_PAYMENTS | {"SEAL": wrong}
    with pytest.raises(seal.SealUnusable, match="password"):
        seal.sealed(printed)


def test_a_certificate_in_order_is_silent_and_an_ended_one_is_named(tmp_path: Path, settings: Any) -> None:
    Certificate(tmp_path, datetime.now(UTC) + timedelta(days=9)).wanted_by(settings)
    assert "wagtail_payments.E034" not in {message.id for message in checks.check_settings()}
    folder = tmp_path / "old"
    folder.mkdir()
    Certificate(folder, datetime(2021, 1, 1, tzinfo=UTC)).wanted_by(settings)
    assert "wagtail_payments.E034" in {message.id for message in checks.check_settings()}
