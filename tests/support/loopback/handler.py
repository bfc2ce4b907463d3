"""HTTP: reads a request, lets faults strike, sends the answer."""

import json
import os
import socket
import struct
import time
import traceback
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.support.loopback.faults import Fault
from tests.support.loopback.routes import Answer, Request, answer


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing on stderr; see `Loopback.log`."""

    def _serve(self) -> None:
        server = self.server.owner  # type: ignore[attr-defined]
        parts = urlsplit(self.path)
        path = parts.path.removeprefix("/experimental")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        count = server.count_request()
        server.call_hooks(count, self.command, path, "before")
        fault = server.fault_for(self.command, path)
        if fault is not None and fault.kind == "before":
            server.log.append((self.command, path, 0))
            self._reset()
            return
        if fault is not None and fault.kind == "http" and not fault.processed:
            reply = _refusal(fault)
        else:
            request = Request(self.command, path, parse_qs(parts.query), body, self.headers)
            try:
                reply = answer(server, request)
            except Exception:
                server.errors.append(traceback.format_exc())
                reply = Answer(500, {"errors": [{"message": "the loopback server failed"}]})
            if fault is not None and fault.kind == "http":
                reply = _refusal(fault)
        server.log.append((self.command, path, reply.status))
        server.call_hooks(count, self.command, path, "after")
        self._reply(reply, fault)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve

    def _reply(self, reply: Answer, fault: Fault | None) -> None:
        kind = fault.kind if fault else None
        content = reply.content
        if kind == "after":
            self._reset()
            return
        if fault is not None and kind == "slow":
            time.sleep(fault.seconds)
        if kind == "truncated":
            content = content[: len(content) // 2]
        try:
            self.send_response(reply.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if kind == "body":
                self.wfile.write(content[: len(content) // 2])
                time.sleep(0.05)  # so that the half arrives before the reset
                self._reset()
                return
            self.wfile.write(content)
        except OSError:  # the client is gone
            self.close_connection = True

    def _reset(self) -> None:
        """End the connection with RST, not in good order."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        os.close(self.connection.detach())


def _refusal(fault: Fault) -> Answer:
    headers = {} if fault.retry_after is None else {"Retry-After": f"{fault.retry_after:g}"}
    text = json.dumps({"errors": [{"code": 1000 + fault.status, "message": fault.message}]})
    return Answer(fault.status, text, headers)
