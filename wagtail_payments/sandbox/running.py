"""The sandbox that this process's web views show."""

from django.core.exceptions import ImproperlyConfigured

from wagtail_payments.sandbox.engine import Sandbox

_current: list[Sandbox] = []


def use(sandbox: Sandbox) -> None:
    """From now on the views show this sandbox."""
    _current[:] = [sandbox]


def current() -> Sandbox:
    """The sandbox the views show; raises ``ImproperlyConfigured`` when none was given."""
    if not _current:
        raise ImproperlyConfigured("No sandbox is running here; give one to wagtail_payments.sandbox.running.use().")
    return _current[0]
