"""Live through a day of the host whose settings are given.

``HOST_PLACE=/tmp/x DJANGO_SETTINGS_MODULE=tests.hosts.default.settings python -m tests.hosts`` says which package
it ran with, and ends with 0 where all went well.
"""

from importlib import import_module

import django

import wagtail_payments

django.setup()
import_module("tests.hosts.story").live_the_day()
print(wagtail_payments.__file__)
