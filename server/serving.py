"""Serves the app with gunicorn inside our own program: one socket of ours, workers that open their own store."""

import errno
import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from fieldsync.errors import ConflictError, InputError
from fieldsync.words import words
from server.app import create_app
from server.config import ServerConfig
from server.context import context_of
from server.slow_clients import WatchingWorker

_BACKLOG = 256
_STOP_S = 20


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    ConflictError 600.41 where the port is taken, InputError 600.42 where the address is not this
    machine's or may not be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # Answers are small: waiting to fill a packet costs each of them 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _refusal(host, port, error) from error
    return listener


def _refusal(host: str, port: int, error: Exception) -> ConflictError | InputError:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return ConflictError(
            "600.41",
            words(
                "Port {port} on {host} is in use; is the server running already?", **_at(host, port)
            ),
            words("Stop the other program, or choose another port with --port."),
        )
    return InputError(
        "600.42",
        words("This machine cannot listen on {host}, port {port}.", **_at(host, port)),
        words("Choose another address with --host or --port."),
    )


def _at(host: str, port: int) -> Mapping[str, object]:
    return {"host": host, "port": port}


def url_of(listener: socket.socket) -> str:
    """Where devices reach the socket."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(config: ServerConfig, listener: socket.socket, workers: int) -> None:
    """Serve until SIGTERM or SIGINT; requests under way are finished. Ends the process."""
    run_file = config.home / "run.json"
    try:
        _Application(config, listener, workers, run_file).run()
    finally:
        run_file.unlink(missing_ok=True)


class _Application(BaseApplication):  # type: ignore[misc]  # gunicorn ships no types
    """Gunicorn's application over our app factory."""

    def __init__(
        self, config: ServerConfig, listener: socket.socket, workers: int, run_file: Path
    ) -> None:
        self._config = config
        self.slow_client_s = config.limits.slow_client_s
        self._url = url_of(listener)
        # Gunicorn duplicates the descriptor and closes the one it is given.
        self._descriptor = listener.detach()
        self._workers = workers
        self._run_file = run_file
        super().__init__()

    def load_config(self) -> None:
        """Settings of gunicorn; threads, since lines in the field are slow."""
        settings: dict[str, Any] = {
            "bind": f"fd://{self._descriptor}",
            "workers": self._workers,
            "worker_class": WatchingWorker,
            "threads": 4,
            "graceful_timeout": _STOP_S,
            "loglevel": "warning",
            "control_socket_disable": True,
            "when_ready": lambda _arbiter: self._tell(),
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Called in each worker: a store connection is never shared across processes."""
        return create_app(context_of(self._config))

    def _tell(self) -> None:
        """Write where we listen, whole or not at all, for programs that start us on port 0."""
        told = {"url": self._url, "pid": os.getpid()}
        aside = self._run_file.with_suffix(".new")
        aside.write_text(json.dumps(told), encoding="utf-8")
        aside.replace(self._run_file)
