"""An S3 emulator for the tests: moto's server on a free loopback port, which it prints.

It ends when its standard input does, so that it never outlives the test that started it.

Requests that write are served one at a time: S3 decides conditional puts one after another, and moto's threads would not.

A line of standard input is a JSON object that makes requests fail from then on; `{}` ends that. The answer is a line with the number of
requests that failed since the last one.
  kind     "before": refused with 503, nothing done; "after": done, then answered with 503, as when an answer is lost;
           "stale": a GET answers with what the object was before its last put, as behind a cache
  share    the share of requests that fail, from 0 to 1
  seed     of the generator that draws them; 0 unless said
  methods  which ("PUT", "GET", ...); all unless said
  path     only objects whose path contains this
  first    only so many of them; all unless said
"""

import io
import json
import random
import sys
import threading
import urllib.request

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

UNAVAILABLE = b"<Error><Code>ServiceUnavailable</Code><Message>a fault that the test asked for</Message></Error>"


class Faulty:
    """moto behind a door that fails as told."""

    def __init__(self, inner):
        self.inner = inner
        self.turn = threading.Lock()
        self.rules = {}
        self.random = random.Random(0)
        self.failed = 0
        # What an object was before its last put: headers and body of a GET.
        self.before = {}

    def __call__(self, environ, start):
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        kind = self.drawn(method, path)
        if kind == "before":
            return refused(environ, start)
        if kind == "stale" and method == "GET" and path in self.before:
            headers, body = self.before[path]
            start("200 OK", headers)
            return [body]
        if method in ("GET", "HEAD"):
            return self.inner(environ, start)
        if method == "PUT":
            # moto reads the body by its length; a chunked one is none of the tests'.
            length = int(environ.get("CONTENT_LENGTH") or 0)
            environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with self.turn:
            if self.rules.get("kind") == "stale" and method == "PUT":
                self.remember(environ, path)
            if kind == "after":
                list(self.inner(environ, lambda *_: None))
                return refused(environ, start)
            return list(self.inner(environ, start))

    def drawn(self, method, path):
        """What happens to a request: none, or the rules' kind."""
        with self.turn:
            rules = self.rules
            is_meant = (
                rules
                and method in rules.get("methods", [method])
                and rules.get("path", "") in path
                and self.failed < rules.get("first", float("inf"))
                and self.random.random() < rules["share"]
            )
            if not is_meant:
                return None
            self.failed += 1
            return rules["kind"]

    def remember(self, environ, path):
        """Keeps what an object is before it is put."""
        answer = {}
        asked = {
            **environ,
            "REQUEST_METHOD": "GET",
            "CONTENT_LENGTH": "0",
            "QUERY_STRING": "",
            "wsgi.input": io.BytesIO(),
        }
        for condition in ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH"):
            asked.pop(condition, None)
        body = b"".join(self.inner(asked, lambda status, headers, *_: answer.update(status=status, headers=headers)))
        if answer["status"].startswith("200"):
            self.before[path] = (answer["headers"], body)

    def rule(self, rules):
        """Takes new rules; returns how many requests the old ones failed."""
        with self.turn:
            failed, self.failed = self.failed, 0
            self.rules, self.random = rules, random.Random(rules.get("seed", 0))
            self.before.clear()
            return failed


def refused(environ, start):
    # What was sent must be read, or the connection cannot be used again.
    if hasattr(environ["wsgi.input"], "read"):
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    start("503 Service Unavailable", [("Content-Type", "application/xml"), ("Content-Length", str(len(UNAVAILABLE)))])
    return [UNAVAILABLE]


class Quiet(WSGIRequestHandler):
    """Keeps connections open, and logs nothing."""

    protocol_version = "HTTP/1.1"

    def log(self, *_):
        pass


def main():
    app = Faulty(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    own = f"http://127.0.0.1:{server.server_port}/lake"
    urllib.request.urlopen(urllib.request.Request(own, method="PUT")).read()
    print(server.server_port, flush=True)
    for line in sys.stdin:
        print(app.rule(json.loads(line)), flush=True)


main()
