"""The sandbox as a server of its own, over real sockets on this machine."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import urlencode

import pytest
import stripe
from django.core.wsgi import get_wsgi_application

from wagtail_payments.sandbox import running
from wagtail_payments.sandbox.faults import ApiFault
from wagtail_payments.sandbox.postman import NotOnThisMachine, check_address
from wagtail_payments.sandbox.server import listen

from .conftest import session_params

SECRET = "whsec_of_the_server"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def mailbox():
    """An endpoint that takes webhooks."""
    arrived = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append((body, self.headers["Stripe-Signature"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            """Stay quiet."""

    server = HTTPServer(("127.0.0.1", 0), Endpoint)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook/", arrived
    server.shutdown()
    server.server_close()


class Running:
    """A sandbox process."""

    def __init__(self, *options):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-m", "wagtail_payments.sandbox", f"--port={self.port}", *options]
        environment = {name: text for name, text in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment)
        self.client = stripe.StripeClient("sk_test_x", base_addresses={"api": self.url})
        self.greeting = self.process.stdout.readline().decode()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        output, _ = self.process.communicate(timeout=20)
        return output.decode()


@pytest.fixture
def start():
    started = []

    def run(*options):
        server = Running(*options)
        started.append(server)
        return server

    yield run
    for server in started:
        if server.process.poll() is None:
            server.stop()


def wait_for(condition, seconds=10):
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen in time"
        threading.Event().wait(0.05)


def test_the_sdk_pays_over_http_and_webhooks_arrive_and_the_state_survives(start, mailbox, tmp_path):
    url, arrived = mailbox
    options = [f"--state={tmp_path / 'state'}", f"--webhook-url={url}", f"--webhook-secret={SECRET}", "--sepa-delay=1"]
    server = start(*options)
    assert "no money moves" in server.greeting
    session = server.client.v1.checkout.sessions.create(session_params(locale="en"))
    assert session.url.startswith(server.url)
    pay_by_debit(session.url)
    wait_for(lambda: "checkout.session.async_payment_succeeded" in kinds(arrived))
    for body, signature in arrived:
        assert stripe.Webhook.construct_event(body, signature, SECRET)
    assert server.stop() == ""
    assert server.process.returncode == 0
    again = start(*options)
    assert again.client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def kinds(arrived):
    return [json.loads(body)["type"] for body, _ in arrived]


def pay_by_debit(url):
    """Fill in the page as a browser without JavaScript does."""
    page = urllib.request.urlopen(url)
    token = page.read().decode().split('csrfmiddlewaretoken" value="')[1].split('"')[0]
    cookie = page.headers["Set-Cookie"].split(";")[0]
    fields = {"csrfmiddlewaretoken": token, "method": "AT611904300234573201", "email": "marie@example.fr"}
    request = urllib.request.Request(url, urlencode(fields).encode(), {"Cookie": cookie})

    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args):
            return None

    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.build_opener(Stay).open(request)
    assert caught.value.code == 303


def test_another_host_name_is_refused(start):
    server = start()
    request = urllib.request.Request(server.url, headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    assert caught.value.code == 400


@pytest.mark.parametrize(
    "address", ["https://example.com/hook/", "http://example.com/", "http://192.168.1.5/", "file:///etc/passwd", "x"]
)
def test_webhooks_never_leave_the_machine(address):
    with pytest.raises(NotOnThisMachine):
        check_address(address)


def test_the_server_refuses_to_post_elsewhere_or_unsigned():
    def code(*options):
        command = [sys.executable, "-m", "wagtail_payments.sandbox", *options]
        return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode

    assert code("--webhook-url=http://example.com/", "--webhook-secret=whsec_x") == 2
    assert code("--webhook-url=http://127.0.0.1:9/", "--webhook-secret= ") == 2


def test_a_port_in_use_is_said_in_one_line(start):
    server = start()
    command = [sys.executable, "-m", "wagtail_payments.sandbox", f"--port={server.port}"]
    second = subprocess.run(command, capture_output=True, timeout=30, check=False, text=True)
    assert second.returncode == 2
    assert second.stderr.count("\n") == 1


def test_a_lost_answer_closes_the_connection(sandbox, settings):
    settings.ROOT_URLCONF = "wagtail_payments.sandbox.server_urls"
    running.use(sandbox)
    server = listen(get_wsgi_application(), 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    client = stripe.StripeClient("sk_test_x", base_addresses={"api": f"http://127.0.0.1:{server.server_port}"})
    sandbox.faults.once(ApiFault.TIMEOUT_AFTER)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(session_params())
    assert len(client.v1.checkout.sessions.list().data) == 1
    server.shutdown()
    server.server_close()


SCENARIOS = [
    ("checkout.session.completed", "checkout_session"),
    ("checkout.session.async_payment_succeeded", "checkout_session"),
    ("checkout.session.async_payment_failed", "checkout_session"),
    ("checkout.session.expired", "checkout_session"),
    ("charge.refunded", "payment_intent"),
    ("charge.dispute.created", "payment_intent"),
    ("payment_intent.payment_failed", "payment_intent"),
    ("payment_intent.processing", "payment_intent_confirm"),
]


@pytest.mark.skipif(not shutil.which("stripe"), reason="Stripe's own command line (npm @stripe/cli) is not installed")
def test_stripes_own_command_line_plays_its_scenarios(start):
    server = start("--sepa-delay=0")
    for scenario, step in SCENARIOS:
        command = ["stripe", "trigger", scenario, "--api-base", server.url, "--api-key", "sk_test_" + "a" * 24]
        # Its scenarios still send a parameter that the pinned API version no longer has.
        command += ["--remove", f"{step}:payment_method_types", "--remove", "payment_intent:payment_method_types"]
        played = subprocess.run(command, capture_output=True, timeout=60, check=False, text=True)
        assert played.returncode == 0, f"{scenario}: {played.stdout}{played.stderr}"
        wait_for(lambda wanted=scenario: server.client.v1.events.list({"type": wanted}).data)
