"""The hosted page and the dashboard, as Django views."""

import re

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.test import Client

from wagtail_payments.sandbox import running, server_settings
from wagtail_payments.sandbox.checks import sandbox_is_not_in_production

CHOICES = {"card": "4242424242424242", "declined": "4000000000000002", "challenge": "4000002500003155"}
HOSTILE = "<script>alert(1)</script>\"'‮💶" + "x" * 4000


@pytest.fixture(autouse=True)
def _mounted(settings, sandbox):
    settings.ROOT_URLCONF = server_settings.ROOT_URLCONF
    settings.MIDDLEWARE = server_settings.MIDDLEWARE
    running.use(sandbox)


@pytest.fixture
def browser():
    return Client()


def form(method="card", **more):
    return {"method": CHOICES.get(method, method), "email": "marie@example.fr", "name": "", **more}


def do(browser, verb, **fields):
    return browser.post(f"/do/{verb}/", fields)


# The hosted page


def test_the_page_says_who_asks_for_how_much_and_that_no_money_moves(browser, open_session):
    page = browser.get(f"/pay/{open_session(locale='en').id}").content.decode()
    for words in ("Sandbox", "€25.00", "Invoice F2026-0042", "No money moves", "https://shop.example/invoice"):
        assert words in page


def test_the_page_speaks_the_language_of_the_session(browser, open_session):
    page = browser.get(f"/pay/{open_session(locale='fr').id}").content.decode()
    assert '<html lang="fr">' in page
    assert re.search("25,00\xa0€", page)


def test_the_browser_decides_where_the_session_leaves_it_open(browser, open_session):
    session = open_session(locale="auto")
    assert '<html lang="fr">' in browser.get(f"/pay/{session.id}", headers={"accept-language": "fr"}).content.decode()
    assert '<html lang="en">' in browser.get(f"/pay/{session.id}", headers={"accept-language": "de"}).content.decode()


def test_a_card_pays_and_the_payer_comes_back_to_the_shop(browser, open_session, client):
    session = open_session()
    answer = browser.post(f"/pay/{session.id}", form())
    assert (answer.status_code, answer["Location"]) == (303, f"https://shop.example/thanks?cs={session.id}")
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert (paid.payment_status, paid.customer_details.email) == ("paid", "marie@example.fr")


def test_pressing_the_button_twice_pays_once(browser, open_session, sandbox):
    session = open_session()
    answers = [browser.post(f"/pay/{session.id}", form()) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert sandbox.balance() == {"eur": 2500}


def test_a_declined_card_shows_why_and_another_may_be_tried(browser, open_session, sandbox):
    session = open_session()
    answer = browser.post(f"/pay/{session.id}", form("declined"))
    assert answer.status_code == 402
    assert "Your card was declined" in answer.content.decode()
    assert 'value="marie@example.fr"' in answer.content.decode()
    assert browser.post(f"/pay/{session.id}", form()).status_code == 303
    assert sandbox.balance() == {"eur": 2500}


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        (form("other_card", card_number="4242 4242 4242 4241"), "This is no card number"),
        (form("other_card", card_number="4111 1111 1111 1111"), "This is not a test card"),
        (form("other_card"), "This is no card number"),
        (form("other_iban", iban="FR76 1234"), "This is no IBAN"),
        (form(email=""), "Type your e-mail address"),
        (form(email="nobody"), "valid email"),
        (form(method=""), "Choose how to pay"),
        (form(method="nonsense"), "Select a valid choice"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_and_nothing_is_paid(browser, open_session, sandbox, fields, words):
    answer = browser.post(f"/pay/{open_session().id}", fields)
    assert answer.status_code == 402
    assert words in answer.content.decode()
    assert sandbox.balance() == {}


def test_a_typed_card_number_pays(browser, open_session, sandbox):
    typed = form("other_card", card_number="5555 5555 5555 4444")
    assert browser.post(f"/pay/{open_session().id}", typed).status_code == 303
    assert sandbox.balance() == {"eur": 2500}


def test_the_challenge_is_a_page_of_its_own(browser, open_session, sandbox):
    session = open_session()
    asked = browser.post(f"/pay/{session.id}", form("challenge"))
    assert (asked.status_code, asked["Location"]) == (303, f"/pay/{session.id}/challenge")
    assert "Confirm that it is you" in browser.get(asked["Location"]).content.decode()
    failed = browser.post(asked["Location"], {"answer": "fail"})
    assert "could not confirm that it is you" in failed.content.decode()
    browser.post(f"/pay/{session.id}", form("challenge"))
    assert browser.post(asked["Location"], {"answer": "complete"}).status_code == 303
    assert sandbox.balance() == {"eur": 2500}


def test_an_answer_to_no_challenge_pays_nothing(browser, open_session, sandbox):
    session = open_session()
    assert browser.post(f"/pay/{session.id}/challenge", {"answer": "complete"}).status_code == 402
    assert sandbox.balance() == {}


def test_a_debit_brings_the_payer_back_before_the_bank_answers(browser, open_session, sandbox):
    session = open_session()
    assert browser.post(f"/pay/{session.id}", form("AT611904300234573201")).status_code == 303
    assert "This takes a few days" in browser.get(f"/pay/{session.id}").content.decode()


def test_an_expired_session_says_that_nothing_was_paid(browser, open_session, client, sandbox):
    session = open_session()
    client.v1.checkout.sessions.expire(session.id)
    for answer in (browser.get(f"/pay/{session.id}"), browser.post(f"/pay/{session.id}", form())):
        assert "Nothing was paid" in answer.content.decode()
    assert sandbox.balance() == {}


def test_an_unknown_session_is_a_404(browser):
    assert browser.get("/pay/cs_nothing").status_code == 404


def test_paying_needs_the_form_of_the_page(open_session, sandbox):
    strict = Client(enforce_csrf_checks=True)
    session = open_session()
    assert strict.post(f"/pay/{session.id}", form()).status_code == 403
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', strict.get(f"/pay/{session.id}").content.decode())[1]
    assert strict.post(f"/pay/{session.id}", form(csrfmiddlewaretoken=token)).status_code == 303
    assert strict.post("/do/reset/").status_code == 403


# The dashboard


PAGES = ["/", "/sessions/", "/customers/", "/events/", "/behaviour/"]


@pytest.mark.parametrize("address", PAGES)
def test_every_page_stands_when_empty_and_when_full(browser, address, open_session, sandbox, client):
    assert browser.get(address).status_code == 200
    customer = client.v1.customers.create({"email": "marie@example.fr", "name": "Marie"})
    sandbox.pay(open_session(customer=customer.id).id, "dispute")
    sandbox.pay_by_sepa(open_session().id)
    page = browser.get(address).content.decode()
    assert "No money moves" in page


def test_hostile_words_are_only_words(browser, client, open_session, sandbox):
    customer = client.v1.customers.create({"email": "a@b.example", "name": HOSTILE[:250], "description": HOSTILE})
    item = {"price_data": {"currency": "eur", "unit_amount": 100, "product_data": {"name": HOSTILE}}, "quantity": 1}
    session = open_session(customer=customer.id, line_items=[item], payment_intent_data={"description": HOSTILE[:900]})
    pages = [f"/pay/{session.id}", *PAGES]
    sandbox.pay(session.id)
    pages += [f"/events/{event['id']}/" for event in sandbox.objects("event")]
    for page in pages:
        assert "<script>" not in browser.get(page).content.decode(), page


@pytest.mark.parametrize(("typed", "refunded"), [("10", 1000), ("10,50", 1050), ("10.50", 1050), ("25.00", 2500)])
def test_a_refund_in_the_dashboard(browser, open_session, sandbox, typed, refunded):
    intent = sandbox.pay(open_session().id)
    assert do(browser, "refund", id=intent["id"], amount=typed).status_code == 302
    assert sandbox.balance() == {"eur": 2500 - refunded}
    assert "The refund is on its way" in browser.get("/?done=refund").content.decode()


@pytest.mark.parametrize("typed", ["", "x", "NaN", "Infinity", "1e99", "10.505", "-5", "0", "25.01"])
def test_a_refund_that_cannot_be_is_refused_in_words(browser, open_session, sandbox, typed):
    intent = sandbox.pay(open_session().id)
    answer = do(browser, "refund", id=intent["id"], amount=typed)
    assert answer.status_code == 409
    assert "That was not possible" in answer.content.decode()
    assert sandbox.balance() == {"eur": 2500}


def test_disputes_and_failing_refunds(browser, open_session, sandbox):
    intent = sandbox.pay(open_session().id)
    do(browser, "refund", id=intent["id"], amount="5")
    do(browser, "fail_refund", id=sandbox.objects("refund")[0]["id"])
    assert do(browser, "fail_refund", id=sandbox.objects("refund")[0]["id"]).status_code == 409
    do(browser, "dispute", id=intent["latest_charge"])
    do(browser, "close_dispute", id=sandbox.objects("dispute")[0]["id"], ending="lost")
    assert [refund["status"] for refund in sandbox.objects("refund")] == ["failed"]
    assert [dispute["status"] for dispute in sandbox.objects("dispute")] == ["lost"]


def test_sessions_are_expired_and_debits_settled_by_button(browser, open_session, sandbox):
    paid, refused, left = (open_session() for _ in range(3))
    for session in (paid, refused):
        sandbox.pay_by_sepa(session.id)
    do(browser, "settle", id=paid.id, ending="paid")
    do(browser, "settle", id=refused.id, ending="failed")
    do(browser, "expire", id=left.id)
    states = [(session["status"], session["payment_status"]) for session in sandbox.objects("checkout.session")]
    assert states == [("complete", "paid"), ("complete", "unpaid"), ("expired", "unpaid")]
    assert do(browser, "expire", id=left.id).status_code == 409


def test_the_switches_and_the_next_refunds(browser, open_session, sandbox):
    do(browser, "switches", twice="1", lost="1", refund_ending="failed")
    assert (sandbox.outbox.switches.twice, sandbox.outbox.switches.late) == (1.0, 0.0)
    assert sandbox.rules.refund_ending == "failed"
    do(browser, "switches", refund_ending="succeeded")
    assert sandbox.outbox.switches.twice == 0.0


def test_days_pass_and_everything_is_forgotten(browser, open_session, sandbox):
    open_session()
    assert do(browser, "forward", days="2").status_code == 302
    assert sandbox.objects("checkout.session")[0]["status"] == "expired"
    assert do(browser, "forward", days="-1").status_code == 409
    do(browser, "reset")
    assert sandbox.objects("event") == []


def test_an_event_can_be_read_and_sent_again(browser, client, sandbox):
    client.v1.customers.create({"email": "a@b.example"})
    sandbox.deliver_all(lambda body, signature: 200)
    [event] = sandbox.objects("event")
    page = browser.get(f"/events/{event['id']}/").content.decode()
    assert "customer.created" in page
    do(browser, "resend", id=event["id"])
    assert len(sandbox.pending_webhooks()) == 1


@pytest.mark.parametrize("verb", ["refund", "dispute", "close_dispute", "expire", "settle", "fail_refund"])
def test_buttons_for_what_is_not_there_are_refused(browser, verb):
    assert do(browser, verb, id="nothing", amount="1").status_code == 409


def test_an_unknown_button_is_a_404_and_a_button_is_no_link(browser):
    assert do(browser, "nonsense").status_code == 404
    assert browser.get("/do/reset/").status_code == 405


def test_a_receipt_can_be_opened(browser, open_session, sandbox):
    charge = sandbox.pay(open_session().id)["latest_charge"]
    assert "€25.00" in browser.get(f"/receipts/{charge}", headers={"accept-language": "en"}).content.decode()
    assert browser.get("/receipts/ch_nothing").status_code == 404


# Where it may run


@pytest.fixture
def _in_production(settings):
    settings.DEBUG = False
    settings.WAGTAIL_PAYMENTS_SANDBOX_ALLOW = False


@pytest.mark.usefixtures("_in_production")
@pytest.mark.parametrize("address", [*PAGES, "/pay/cs_x", "/v1/refunds", "/do/reset/"])
def test_nothing_answers_in_production(browser, address):
    assert browser.get(address).status_code == 403
    assert browser.post(address).status_code == 403


@pytest.mark.usefixtures("_in_production")
def test_in_production_the_check_is_an_error_and_the_command_refuses():
    assert [found.id for found in run_checks() if found.id.startswith("wagtail_payments_sandbox")] == [
        "wagtail_payments_sandbox.E001"
    ]
    with pytest.raises(CommandError, match="WAGTAIL_PAYMENTS_SANDBOX_ALLOW"):
        call_command("payments_sandbox")


@pytest.mark.parametrize(("debug", "allow"), [(True, False), (False, True)])
def test_while_developing_and_testing_the_check_is_silent(settings, debug, allow):
    settings.DEBUG = debug
    settings.WAGTAIL_PAYMENTS_SANDBOX_ALLOW = allow
    assert sandbox_is_not_in_production(None) == []
