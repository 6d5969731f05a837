"""The master of the drawing process: starts it when first needed, waits for it, and replaces it.

One process per site process, used by one thread at a time. It is ended and replaced when a document
takes too long, when it dies, and after a number of documents.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from django.utils.translation import gettext as _

from wagtail_payments.printing import frames
from wagtail_payments.printing.fonts import Face

START_UP = 60  # seconds: a busy machine may take long to import the renderer
TURNS = 3  # how many time-outs a thread waits for its turn
# What a program needs to start; secrets that stand in the environment stay here.
ENVIRONMENT = ("PATH", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "LD_LIBRARY_PATH")

Reason = Literal["stuck", "warnings", "crashed", "too_long", "busy"]


class PdfFailed(Exception):
    """A document could not be drawn; ``reason`` says how it failed, the message says it in plain words."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Setup:
    """What a process is started with: faces, seconds per document, and how many documents it makes."""

    faces: tuple[Face, ...]
    seconds: float
    recycle_after: int


@dataclass(frozen=True, slots=True)
class Job:
    """One document: HTML, seconds since 1970 that are written as its date, and whether it will be long."""

    html: str
    epoch: int
    many_pages: bool = False


@dataclass(frozen=True, slots=True)
class Drawn:
    """What came back: the PDF, its number of pages, and the renderer's warnings."""

    pdf: bytes
    pages: int
    warnings: tuple[str, ...]


class Process:
    """A running drawing process."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.made = 0
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [interpreter(), "-P", "-m", "wagtail_payments.printing.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
        )
        options = {"faces": [asdict(face) for face in setup.faces], "seconds": setup.seconds}
        self._exchange(options, START_UP)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Whether it lives and has documents left to make."""
        return self._process.poll() is None and self.made < self.setup.recycle_after

    def draw(self, job: Job) -> Drawn:
        """Draw a document; raises ``PdfFailed``. After ``stuck`` and ``crashed`` the process is gone."""
        self.made += 1
        answer = self._exchange(asdict(job), self.setup.seconds, then_content=True)
        if not answer["ok"]:
            raise PdfFailed(
                "crashed", _("The renderer gave up on this document. (%(why)s)") % {"why": "; ".join(answer["said"])}
            )
        said = answer["said"] if answer["warnings"] else ()
        return Drawn(answer["content"], answer["pages"], tuple(said))

    def _exchange(self, message: dict[str, Any], seconds: float, *, then_content: bool = False) -> dict[str, Any]:
        """Write a message and read the answer; a timer ends a process that takes too long, which ends the reading."""
        source, target = self._streams
        with _ending(self._process, seconds) as late:
            try:
                frames.write_json(target, message)
                answer = frames.read_json(source)
                if then_content:
                    answer["content"] = frames.read(source)
            except (OSError, frames.Broken) as error:
                self.end()
                raise self._failure(late.is_set(), seconds) from error
        return answer

    @property
    def _streams(self) -> tuple[BinaryIO, BinaryIO]:
        return self._process.stdout, self._process.stdin  # type: ignore[return-value]  # both are pipes

    def _failure(self, late: bool, seconds: float) -> PdfFailed:
        if late:
            sentence = _("Making the PDF took longer than %(seconds)s seconds and was stopped.")
            return PdfFailed("stuck", sentence % {"seconds": f"{seconds:g}"})
        return PdfFailed("crashed", _("The process that makes PDFs ended by itself."))

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self.forget()
        self._process.wait()

    def forget(self) -> None:
        """Close our ends of the pipes, as a fork must that inherited them."""
        for stream in self._streams:
            with contextlib.suppress(OSError):
                stream.close()


class Press:
    """Hands documents to a process, one at a time, and sees to it that there is one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: Process | None = None

    @property
    def pid(self) -> int | None:
        """The id of the process that stands, if one does."""
        return self._process.pid if self._process else None

    def draw(self, job: Job, setup: Setup) -> Drawn:
        """Draw a document; raises ``PdfFailed``."""
        if not self._lock.acquire(timeout=TURNS * setup.seconds):
            raise PdfFailed("busy", _("Other PDFs are being made. Try again in a moment."))
        try:
            return self._ready(setup).draw(job)
        finally:
            self._lock.release()

    def _ready(self, setup: Setup) -> Process:
        if self._process is None or not self._process.is_usable or self._process.setup != setup:
            self.close()
            self._process = Process(setup)
        return self._process

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            process.end()

    def after_fork(self) -> None:
        """The process belongs to the parent; the lock may have been held by a thread that is not here."""
        self._lock = threading.Lock()
        process, self._process = self._process, None
        if process is not None:
            process.forget()


@contextlib.contextmanager
def _ending(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """End the process if the block lasts too long; the event then is set."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def interpreter() -> str:
    """Return the Python to run; inside uWSGI and the like ``sys.executable`` is the server itself."""
    if "python" in Path(sys.executable or "").name.lower():
        return sys.executable
    windows = os.name == "nt"
    return str(Path(sys.prefix) / ("Scripts/python.exe" if windows else "bin/python3"))


def environment(given: Sequence[str] = ENVIRONMENT) -> dict[str, str]:
    """Return the variables the process starts with: no secrets, our import path, a fixed order of sets."""
    kept = {name: os.environ[name] for name in given if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONHASHSEED": "0"}


press = Press()
atexit.register(press.close)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=press.after_fork)
