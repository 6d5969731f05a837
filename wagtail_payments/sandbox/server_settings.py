"""Django's settings for the sandbox as a server of its own: no database, no sessions, no accounts."""

import secrets
from pathlib import Path

DEBUG = False
# Who starts this server by its name has said that it is a test.
WAGTAIL_PAYMENTS_SANDBOX_ALLOW = True
# It signs nothing that must outlive the process.
SECRET_KEY = secrets.token_hex(32)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS = ["wagtail_payments.sandbox"]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "wagtail_payments.sandbox.server_urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
DATABASES: dict[str, object] = {}
# Cookies do not tell ports apart: the shop on the next port has a csrftoken of its own.
CSRF_COOKIE_NAME = "sandbox_csrftoken"
LANGUAGE_COOKIE_NAME = "sandbox_language"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("fr", "Français")]
LOCALE_PATHS = [str(Path(__file__).resolve().parent.parent / "locale")]
USE_TZ = True
TIME_ZONE = "Europe/Paris"
APPEND_SLASH = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A declined card is a 402 and nothing to warn of.
    "loggers": {"django.request": {"level": "ERROR"}},
}
