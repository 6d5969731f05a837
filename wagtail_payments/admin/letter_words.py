"""The words of the letters: every kind of letter, its words in each language, a preview, and the way back."""

from __future__ import annotations

from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from wagtail.admin.widgets import AdminAutoHeightTextInput

from wagtail_payments.actions import letter_words
from wagtail_payments.admin.compose_form import known_only
from wagtail_payments.admin.languages import document_languages
from wagtail_payments.admin.record_verbs import Asking
from wagtail_payments.admin.seller_verbs import SellerVerb, seller_url
from wagtail_payments.core.reminders import Tone
from wagtail_payments.mail import quote_templates, reminders, samples, templates
from wagtail_payments.mail.templates import STEP, Said, Template
from wagtail_payments.records.letters import letter_kinds
from wagtail_payments.records.reminders import ReminderStep
from wagtail_payments.records.sellers import Seller
from wagtail_payments.records.words import LetterWords


class Section(NamedTuple):
    """Kinds of letter about the same thing."""

    title: Any
    kinds: list[Template]


def sections_of(seller: Seller) -> list[Section]:
    """Return every kind of letter: about quotes, about money, the reminders of this seller, about events."""
    order = [kind for kind, _label in letter_kinds()]
    registered = sorted(templates.registered_templates(), key=lambda one: order.index(one.letter_kind))
    events = [one for one in registered if "event" in one.placeholders]
    several = list(reminders.SEVERAL.values())
    steps = [reminders.step_template(step, Tone(step.tone)) for step in seller.reminder_steps.all()]
    quotes = [one for one in registered if one.letter_kind in quote_templates.KINDS]
    money = [one for one in registered if one not in [*events, *several, *quotes]]
    return [
        Section(_("Quotes"), quotes),
        Section(_("Invoices and payments"), money),
        Section(_("Reminders"), [*steps, *several]),
        Section(_("Events"), events),
    ]


def title_of(template: Template) -> str:
    """Return what a kind of letter is called."""
    if template.step is None:
        return str(template.label)
    return gettext("Reminder %(when)s") % {"when": str(template.step)}


class WordsView(SellerVerb):
    """All kinds of letter, and in which languages they have words of the seller's own."""

    page_title = _("Letters’ words")
    template_name = "wagtail_payments/admin/settings/words.html"

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Show them."""
        own = set(LetterWords.objects.filter(seller=self.seller).values_list("key", "language"))
        sections = [
            {"title": section.title, "rows": [self._row(template, own) for template in section.kinds]}
            for section in sections_of(self.seller)
        ]
        others = Seller.objects.exclude(pk=pk).order_by("name")
        sellers = [{"name": other.name, "url": seller_url("words", other.pk)} for other in others]
        return self.render_to_response(self.get_context_data(sections=sections, sellers=sellers))

    def _row(self, template: Template, own: set[tuple[str, str]]) -> dict[str, Any]:
        languages = [
            {
                "name": name,
                "url": seller_url("words_edit", self.seller.pk, template.key, code),
                "is_own": (template.key, code) in own,
            }
            for code, name in document_languages()
        ]
        return {"title": title_of(template), "goes_out": template.goes_out, "languages": languages}


class WordsForm(forms.Form):
    """Subject and text. Placeholders are a fixed list, of which each kind of letter has its own."""

    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(label=_("Message"), widget=AdminAutoHeightTextInput(attrs={"rows": 14}), max_length=20_000)

    def __init__(self, template: Template, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.template = template

    def clean_subject(self) -> str:
        """A subject is one line; the link has no place in it."""
        line = " ".join(self.cleaned_data["subject"].split(" "))
        return known_only(line, self.template.unknown(Said(line, ""))[0])

    def clean_text(self) -> str:
        """Refuse placeholders that would be sent as they are, and words without what the letter is about."""
        typed = self.cleaned_data["text"]
        text, missing = known_only(typed, self.template.unknown(Said("", typed))[1]), self.template.missing(typed)
        if missing:
            raise forms.ValidationError(
                _("This letter cannot do without %(names)s: put it where it belongs."),
                params={"names": ", ".join(missing)},
            )
        return text


class WordsVerb(SellerVerb):
    """A page about the words of one kind of letter in one language."""

    template: Template
    language: str

    def led_away(self, request: HttpRequest) -> HttpResponseBase | None:
        """Find the kind of letter; one that is not there, or belongs to another seller, is missing."""
        self.language = str(self.kwargs["language"])
        template = _found(self.seller, str(self.kwargs["key"]))
        if template is None or self.language not in dict(document_languages()):
            raise Http404
        self.template = template
        return None

    @property
    def title(self) -> str:
        """What the letter is called."""
        return title_of(self.template)

    def url(self, name: str) -> str:
        """Return where something is done with these words."""
        return seller_url(name, self.seller.pk, self.template.key, self.language)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        """Home, the settings, all letters, this one."""
        *above, _this = super().get_breadcrumbs_items()
        words = {"url": seller_url("words", self.seller.pk), "label": _("Letters’ words")}
        return [*above, words, {"url": "", "label": self.title}]

    def get_context_data(self, **options: Any) -> dict[str, Any]:
        """Add what the words are of."""
        languages = [
            {"name": name, "url": seller_url("words_edit", self.seller.pk, self.template.key, code), "is_this": is_this}
            for code, name in document_languages()
            for is_this in [code == self.language]
        ]
        return super().get_context_data(**options) | {"letter": self.template, "languages": languages}


def _found(seller: Seller, key: str) -> Template | None:
    if key.startswith(STEP) and key.removeprefix(STEP).isdecimal():
        number = int(key.removeprefix(STEP)[:18])
        step = ReminderStep.objects.filter(seller=seller, pk=number).first()
        return reminders.step_template(step, Tone(step.tone)) if step else None
    return templates.find(key)


class WordsEditView(WordsVerb):
    """The words of one kind of letter, with the letter as it would arrive beside them."""

    page_title = _("Words of a letter")
    template_name = "wagtail_payments/admin/settings/words_edit.html"

    def get(self, request: HttpRequest, pk: int, key: str, language: str) -> HttpResponseBase:
        """Show the words in use."""
        said = templates.said(self.template, seller=self.seller, language=self.language)
        return self._shown(WordsForm(self.template, initial=said._asdict()), said)

    def post(self, request: HttpRequest, pk: int, key: str, language: str) -> HttpResponseBase:
        """Keep the words."""
        form = WordsForm(self.template, request.POST)
        if not form.is_valid():
            return self._shown(form, _typed(request))
        said = Said(form.cleaned_data["subject"], form.cleaned_data["text"])
        letter_words.keep(
            seller=self.seller,
            template=self.template,
            language=self.language,
            said=said,
            by=self.person,
            now=self.now,
        )
        messages.success(request, gettext("Saved. Letters from now on say this."))
        return redirect(self.url("words_edit"))

    def _shown(self, form: WordsForm, said: Said) -> HttpResponseBase:
        own = LetterWords.objects.filter(seller=self.seller, key=self.template.key, language=self.language)
        context = self.get_context_data(
            form=form,
            preview=preview_of(self, said),
            preview_url=self.url("words_preview"),
            restore_url=self.url("words_restore") if own.exists() else "",
        )
        return self.render_to_response(context)


def _typed(request: HttpRequest) -> Said:
    subject = " ".join(request.POST.get("subject", "").split(" "))[:300]
    return Said(subject, request.POST.get("text", "")[:20_000])


def preview_of(verb: WordsVerb, said: Said) -> str:
    """Return a small page with the subject, what is not known, and the letter as it would arrive."""
    today = verb.seller.today(verb.now)
    laid_out = samples.preview(verb.template, seller=verb.seller, language=verb.language, said=said, today=today)
    subject = samples.subject(verb.template, seller=verb.seller, language=verb.language, said=said, today=today)
    unknown = [name for names in verb.template.unknown(said) for name in names]
    context = {"subject": subject, "html": laid_out.html, "unknown": ", ".join(dict.fromkeys(unknown))}
    return render_to_string("wagtail_payments/admin/settings/words_preview.html", context)


@method_decorator(xframe_options_sameorigin, name="dispatch")
class WordsPreviewView(WordsVerb):
    """The letter in the words as they are typed; nothing is kept."""

    http_method_names = ["post"]
    page_title = _("Preview of the letter")

    def post(self, request: HttpRequest, pk: int, key: str, language: str) -> HttpResponseBase:
        """Draw it."""
        response = HttpResponse(preview_of(self, _typed(request)))
        response["Content-Security-Policy"] = "sandbox"
        return response


class WordsRestoreView(Asking, WordsVerb):
    """Back to the words that came with the package."""

    page_title = _("Restore the default")
    template_name = "wagtail_payments/admin/settings/confirm.html"
    button = _("Restore the default")
    is_serious = True

    @property
    def desk_url(self) -> str:
        """Where one goes back to."""
        return self.url("words_edit")

    def question(self) -> str:
        """Say what is lost."""
        return gettext("Your own words for this letter are deleted, and the built-in ones are used again.")

    def get(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Ask."""
        return super().get(request, self.seller.pk)

    def post(self, request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        """Do it."""
        return self.perform()

    def perform(self) -> HttpResponseBase:
        """Restore, and show them."""
        letter_words.restore(seller=self.seller, template=self.template, language=self.language)
        return self.done(gettext("The built-in words are used again."))
