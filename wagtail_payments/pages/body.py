"""The words of an event's page: blocks that a template of ours draws, and their field."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.fields import StreamField
from wagtail.images.blocks import ImageChooserBlock

TEXT = ["h3", "bold", "italic", "link", "document-link", "ol", "ul"]


class HeadingBlock(blocks.CharBlock):
    """A heading between paragraphs."""

    class Meta:
        icon = "title"
        label = _("Heading")
        template = "wagtail_payments/blocks/heading.html"


class TextBlock(blocks.RichTextBlock):
    """Paragraphs."""

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        template = "wagtail_payments/blocks/text.html"


class PictureBlock(blocks.StructBlock):
    """A picture with what it shows."""

    image = ImageChooserBlock(label=_("picture"))
    caption = blocks.CharBlock(label=_("caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "wagtail_payments/blocks/picture.html"


class ProgrammeBlock(blocks.StructBlock):
    """What happens when."""

    heading = blocks.CharBlock(label=_("heading"), required=False)
    items = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("time", blocks.CharBlock(label=_("time"), max_length=40)),
                ("title", blocks.CharBlock(label=_("what"))),
                ("text", blocks.TextBlock(label=_("more about it"), required=False, rows=2)),
            ]
        ),
        label=_("points"),
    )

    class Meta:
        icon = "list-ul"
        label = _("Programme")
        template = "wagtail_payments/blocks/programme.html"


class PeopleBlock(blocks.StructBlock):
    """Who speaks or teaches."""

    heading = blocks.CharBlock(label=_("heading"), required=False)
    people = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("name", blocks.CharBlock(label=_("name"))),
                ("role", blocks.CharBlock(label=_("role"), required=False)),
                ("image", ImageChooserBlock(label=_("picture"), required=False)),
                ("text", blocks.TextBlock(label=_("a few words"), required=False, rows=2)),
            ]
        ),
        label=_("people"),
    )

    class Meta:
        icon = "group"
        label = _("People")
        template = "wagtail_payments/blocks/people.html"


class AnswersBlock(blocks.StructBlock):
    """Questions that everybody asks."""

    heading = blocks.CharBlock(label=_("heading"), required=False)
    items = blocks.ListBlock(
        blocks.StructBlock(
            [
                ("question", blocks.CharBlock(label=_("question"))),
                ("answer", blocks.RichTextBlock(label=_("answer"), features=TEXT)),
            ]
        ),
        label=_("questions"),
    )

    class Meta:
        icon = "help"
        label = _("Questions and answers")
        template = "wagtail_payments/blocks/answers.html"


def event_blocks() -> list[tuple[str, blocks.Block]]:
    """Return what an editor can put on an event's page."""
    return [
        ("heading", HeadingBlock()),
        ("text", TextBlock(features=TEXT)),
        ("picture", PictureBlock()),
        ("programme", ProgrammeBlock()),
        ("people", PeopleBlock()),
        ("answers", AnswersBlock()),
    ]


class BodyField(StreamField):
    """A stream field whose blocks are no part of the database: adding one, here or in a host, is no migration."""

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """Name the field as Wagtail's own, without blocks."""
        name, _path, _args, options = super().deconstruct()
        return name, "wagtail.fields.StreamField", [[]], options | {"block_lookup": {}}
