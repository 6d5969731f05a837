"""A mail service as django-anymail sees one: it names each message with a text of its own."""

from __future__ import annotations

from typing import Any

from anymail.backends.test import EmailBackend as TestBackend


class EmailBackend(TestBackend):
    """Keeps messages in ``mail.outbox`` and gives each a name, as real services do."""

    def get_esp_message_id(self, message: Any) -> str:
        """Return the service's own name of a message."""
        return f"service-{super().get_esp_message_id(message)}"
