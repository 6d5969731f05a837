"""Filters that the books share."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.filters import DateRangePickerWidget

from wagtail_payments.records.fields import Mode


def between(field_name: str, label: Any) -> django_filters.DateFromToRangeFilter:
    """Return a filter by a range of days, both included."""
    return django_filters.DateFromToRangeFilter(field_name=field_name, label=label, widget=DateRangePickerWidget)


def one_of(field_name: str, label: Any, choices: Any) -> django_filters.ChoiceFilter:
    """Return a filter by one of a few choices."""
    return django_filters.ChoiceFilter(
        field_name=field_name, label=label, choices=choices, empty_label=_("All"), widget=forms.RadioSelect
    )


def by_mode(field_name: str = "mode") -> django_filters.ChoiceFilter:
    """Return a filter by real or test money."""
    return one_of(field_name, _("Mode"), Mode.choices)
