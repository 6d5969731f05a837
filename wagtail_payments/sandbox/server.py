"""The sandbox's own web server, on this machine only."""

import signal
import threading
from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from types import FrameType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from wagtail_payments.sandbox.engine import Sandbox
from wagtail_payments.sandbox.postman import Postman

HOST = "127.0.0.1"
_HANG_UP = "Sandbox-Hang-Up"

StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


class ThreadingServer(ThreadingMixIn, WSGIServer):
    """A thread per request: a shop's page may call the API while a webhook is on its way."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Keeps the terminal for what matters."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing about each request."""


def hanging_up(application: Application) -> Application:
    """Close the connection without an answer where a view asks for it."""

    def wrapped(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if any(name == _HANG_UP for name, _ in headers):
                # The one kind of error that the server lets pass without answering.
                raise ConnectionAbortedError
            return start_response(status, headers, *rest)

        return application(environ, start)

    return wrapped


def listen(application: Application, port: int) -> WSGIServer:
    """Open the door; raises ``OSError`` when another program stands in it."""
    return make_server(HOST, port, hanging_up(application), ThreadingServer, QuietHandler)


def serve(sandbox: Sandbox, server: WSGIServer) -> None:
    """Serve and post webhooks until SIGTERM or Ctrl-C."""
    postman = Postman(sandbox)

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for the loop it ends, so it must not run inside of it.
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    postman.start()
    try:
        server.serve_forever()
    finally:
        postman.stop()
        server.server_close()
