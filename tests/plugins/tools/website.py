"""A site on loopback for the tests of the tools for the web: what it answers is set by the test."""

import http.server
import threading
import urllib.parse


class Site:
    """pages: {path: body, or (type, body), or (status, {header: value}, body), or function(request)}.

    A function gets the handler, whose path, query and headers it may look at, and returns one of these.
    Every request is in `requests` as the path with the query.
    """

    def __init__(self, pages=None):
        self.pages = pages or {}
        self.requests = []
        self.seen = []  # the headers of each request
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                site.requests.append(self.path)
                site.seen.append(dict(self.headers))
                parts = urllib.parse.urlsplit(self.path)
                self.query = dict(urllib.parse.parse_qsl(parts.query))
                self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                page = site.pages.get(parts.path, (404, {}, "not here"))
                if callable(page):
                    page = page(self)
                status, headers, body = site.whole(page)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = answer

            def log_message(self, *_):
                pass

        class Listener(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                pass  # clients that go away are part of the tests

        self.server = Listener(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://localhost:{self.port}"
        self.host = f"localhost:{self.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def whole(page):
        if isinstance(page, (str, bytes)):
            page = ("text/html; charset=utf-8", page)
        if len(page) == 2:
            page = (200, {"Content-Type": page[0]}, page[1])
        status, headers, body = page
        return status, headers, body.encode() if isinstance(body, str) else body

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def grants(*sites, **more):
    """A configuration that grants these sites."""
    return {"grants": {"hosts": [site.host for site in sites], **more}}
