"""Typed text on public pages: its first line is the name of the thing, the others explain it."""

from __future__ import annotations

from django import template

register = template.Library()


@register.filter
def first_line(text: str) -> str:
    """Return the first line of a text."""
    return text.strip().partition("\n")[0].strip()


@register.filter
def further_lines(text: str) -> str:
    """Return what follows the first line."""
    return text.strip().partition("\n")[2].strip()
