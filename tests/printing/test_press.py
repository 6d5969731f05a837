from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.printing.readers import text_of
from wagtail_payments.printing import fonts, press, worker
from wagtail_payments.printing.press import Job, PdfFailed, Press, Setup

SETUP = Setup(fonts.faces(), 20, 200)
SIMPLE = Job("<html><body><p>Bonjour</p></body></html>", 0)
# Laying out this many paragraphs takes far longer than the time-outs below.
ENDLESS = Job("<html><body>" + "<table><tr><td>x</td></tr></table>" * 20_000 + "</body></html>", 0, many_pages=True)


@pytest.fixture
def machine() -> Iterator[Press]:
    made = Press()
    yield made
    made.close()


def test_a_process_is_started_when_needed_and_kept(machine: Press) -> None:
    assert machine.pid is None
    assert machine.draw(SIMPLE, SETUP).pages == 1
    pid = machine.pid
    machine.draw(SIMPLE, SETUP)
    assert machine.pid == pid


def test_a_killed_process_is_replaced(machine: Press) -> None:
    machine.draw(SIMPLE, SETUP)
    pid = machine.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.1)
    assert machine.draw(SIMPLE, SETUP).pages == 1
    assert machine.pid != pid


def test_a_process_that_dies_while_drawing_is_told_apart_from_a_slow_one(machine: Press) -> None:
    machine.draw(SIMPLE, SETUP)
    assert machine.pid is not None
    threading.Timer(0.3, os.kill, (machine.pid, signal.SIGKILL)).start()
    with pytest.raises(PdfFailed) as failure:
        machine.draw(ENDLESS, SETUP)
    assert failure.value.reason == "crashed"
    assert machine.draw(SIMPLE, SETUP).pages == 1


def test_a_document_that_takes_too_long_is_stopped_in_time(machine: Press) -> None:
    short = Setup(SETUP.faces, 0.5, 200)
    machine.draw(SIMPLE, short)
    pid, began = machine.pid, time.monotonic()
    with pytest.raises(PdfFailed) as failure:
        machine.draw(ENDLESS, short)
    assert time.monotonic() - began < 3
    assert failure.value.reason == "stuck"
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert machine.draw(SIMPLE, short).pages == 1


def test_a_process_is_replaced_after_its_number_of_documents(machine: Press) -> None:
    few = Setup(SETUP.faces, 20, 2)
    pids = []
    for _ in range(4):
        machine.draw(SIMPLE, few)
        pids.append(machine.pid)
    assert pids[0] == pids[1] != pids[2] == pids[3]


def test_what_breaks_the_renderer_is_an_answer_and_not_an_end(machine: Press) -> None:
    machine.draw(SIMPLE, SETUP)
    pid = machine.pid
    deep = Job("<div>" * 500 + "x" + "</div>" * 500, 0)
    with pytest.raises(PdfFailed) as failure:
        machine.draw(deep, SETUP)
    assert failure.value.reason == "crashed"
    assert machine.draw(SIMPLE, SETUP).pages == 1
    assert machine.pid == pid


def test_threads_take_turns_and_each_gets_its_own_document(machine: Press) -> None:
    found: dict[int, str] = {}

    def draw(number: int) -> None:
        found[number] = text_of(machine.draw(Job(f"<p>document {number} of many</p>", 0), SETUP).pdf)

    threads = [threading.Thread(target=draw, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: f"document {number} of many" for number in range(12)}


def test_who_waits_too_long_for_a_turn_is_told(machine: Press) -> None:
    short = Setup(SETUP.faces, 0.1, 200)
    with machine._lock, pytest.raises(PdfFailed) as failure:
        machine.draw(SIMPLE, short)
    assert failure.value.reason == "busy"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_fork_starts_its_own_process_and_leaves_the_parents_alone() -> None:
    press.press.draw(SIMPLE, SETUP)
    pid = press.press.pid
    child = os.fork()
    if child == 0:
        good = press.press.pid is None and press.press.draw(SIMPLE, SETUP).pages == 1 and press.press.pid != pid
        press.press.close()
        os._exit(0 if good else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert press.press.draw(SIMPLE, SETUP).pages == 1
    assert press.press.pid == pid


def outcome(machine: Press, job: Job) -> str:
    """Return the text of what was drawn, or why nothing was: both are an answer."""
    try:
        return text_of(machine.draw(job, SETUP).pdf)
    except PdfFailed as failure:
        return failure.reason


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="http://127.0.0.1:PORT/a.png">',
        '<link rel="stylesheet" href="http://127.0.0.1:PORT/a.css">',
        "<style>@import url(http://127.0.0.1:PORT/a.css);</style>",
        "<style>p { background-image: url(http://127.0.0.1:PORT/b.png) }</style>",
        "<style>@font-face { font-family: F; src: url(http://127.0.0.1:PORT/f.ttf) } p { font-family: F }</style>",
        '<pdf:insertpdf src="http://127.0.0.1:PORT/a.pdf"/>',
        '<img src="file:///etc/passwd"><img src="/etc/passwd"><pdf:insertpdf src="/etc/passwd"/>',
        '<iframe src="http://127.0.0.1:PORT/"></iframe><object data="http://127.0.0.1:PORT/"></object>',
    ],
)
def test_even_markup_that_got_through_opens_no_socket_and_no_file(
    machine: Press, listener: socket.socket, markup: str
) -> None:
    page = markup.replace("PORT", str(listener.getsockname()[1])) + "<p>still here</p>"
    assert "root:" not in outcome(machine, Job(page, 0))
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.mark.parametrize("event", ["socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system"])
def test_behind_the_policy_the_process_itself_refuses_to_go_out(event: str) -> None:
    with pytest.raises(PermissionError):
        worker.refuse(event, ())
    worker.refuse("open", ("a file",))


@pytest.mark.skipif(not Path("/proc").exists(), reason="limits are read from /proc")
def test_the_process_has_a_memory_limit_and_none_of_our_secrets(
    machine: Press, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_live_secret")
    machine.draw(SIMPLE, SETUP)
    limits = Path(f"/proc/{machine.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max address space")]
    assert str(worker.MOST_MEMORY) in line
    assert b"sk_live_secret" not in Path(f"/proc/{machine.pid}/environ").read_bytes()


def test_a_document_that_wants_too_much_memory_is_an_answer_too(machine: Press) -> None:
    flood = Job(
        "<p style='font-size: 5000pt'>x</p>" + "<table>" + "<tr><td colspan='3000'>x</td></tr>" * 50 + "</table>", 0
    )
    assert outcome(machine, flood)
    assert machine.draw(SIMPLE, SETUP).pages == 1


def test_inside_another_server_the_interpreter_is_found_by_its_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    assert press.interpreter() == sys.executable
    monkeypatch.setattr(sys, "executable", "/usr/bin/uwsgi")
    assert Path(press.interpreter()).exists()
