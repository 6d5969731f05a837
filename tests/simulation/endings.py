"""What is asked once, when a life ends: everything is told again backwards, every link is opened."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise

from django.test import Client

from tests.simulation import facts
from tests.simulation.world import World
from wagtail_payments.actions import deliveries
from wagtail_payments.mail.links import token_of
from wagtail_payments.models import IssuedDocument, Link, WebhookDelivery

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
MOST_LINKS = 6


def broken(world: World) -> Iterator[str]:
    """Yield every rule that does not hold, by its number."""
    yield from _told_again_backwards(world)
    yield from _links_open_their_own()


def _told_again_backwards(world: World) -> Iterator[str]:
    """I10: the messages of a whole life, forgotten and told again from the last to the first, end the same."""
    world.deliver(twice=False, seed=0)
    deliveries.process_due(now=world.now)
    for waiting in WebhookDelivery.objects.filter(state__in=["new", "failed", "refused"]):
        yield f"I10: {waiting.type} is {waiting.state}: {waiting.outcome}"
    before = facts.at_rest()
    WebhookDelivery.objects.all().delete()
    for event in world.sandbox.objects("event"):
        world.sandbox.outbox.resend(event["id"])
    for body, signature in reversed(world.sandbox.pending_webhooks()):
        world.post(body, signature)
    if facts.at_rest() != before:
        yield "I10: told again backwards, the messages end otherwise"


def _links_open_their_own() -> Iterator[str]:
    """I25, I26: a link opens its own document, to a stranger no other; looking changes nothing."""
    before = facts.at_rest()
    links = list(Link.objects.filter(document__isnull=False).select_related("document", "site").order_by("-pk"))
    numbers = {document.pk: document for document in IssuedDocument.objects.defer("text")}
    for link, other in islice(pairwise(links), MOST_LINKS):
        assert link.document is not None
        browser = Client(headers={"user-agent": FIREFOX})
        page = browser.get(f"/payments/l/{token_of(link)}/", follow=True)
        text = page.content.decode()
        if page.status_code != 200 or link.document.number not in text:
            yield f"I25: the link to {link.document} answers {page.status_code}"
        for document in numbers.values():
            if document.customer_id != link.document.customer_id and document.number in text:
                yield f"I26: {document} is told on the page of {link.document}"
        if browser.get(f"/payments/d/{other.public_id}/").status_code != 404:
            yield f"I25: whoever has the link to {link.document} reads {other.document}"
    if facts.at_rest() != before:
        yield "I25: looking changed something"
