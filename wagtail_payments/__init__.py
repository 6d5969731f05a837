"""Let any Wagtail site get paid."""

__version__ = "0.1.0"
