"""The examples of the tools: plugins/tools/NAME/examples.json, with what they need around them."""

import base64
import glob
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from library import Library


class Pages(ThreadingHTTPServer):
    """A web server with these pages."""

    def __init__(self, pages):
        self.pages = pages
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):  # pylint: disable=invalid-name
        page = self.server.pages.get(self.path, {"status": 404, "body": "not found"})
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        body = page.get("body", "").replace("{{http}}", f"http://localhost:{self.server.server_port}")
        body = body.encode()
        self.send_response(page.get("status", 200))
        self.send_header("Content-Type", page.get("type", "text/plain"))
        for name, value in page.get("headers", {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


def same(want, got):
    """Whether `got` has what `want` has; "..." is any value, further members may be there."""
    if want == "...":
        return True
    if isinstance(want, dict) and isinstance(got, dict):
        return all(key in got and same(value, got[key]) for key, value in want.items())
    if isinstance(want, list) and isinstance(got, list):
        return len(want) == len(got) and all(map(same, want, got))
    return want == got and isinstance(want, bool) == isinstance(got, bool)


def through(value, replace):
    """`value` with each text put through `replace`."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [through(each, replace) for each in value]
    if isinstance(value, dict):
        return {key: through(each, replace) for key, each in value.items()}
    return value


class Around:
    """The files, the pages and the configuration of one tool's examples."""

    def __init__(self, program, examples, start=True):
        self.pages = Pages(examples.get("http", {}))
        self.base = f"http://localhost:{self.pages.server_port}"
        config = through(examples.get("config", {}), self.real)
        if "http" in examples:
            config.setdefault("grants", {}).setdefault("hosts", []).append(
                f"localhost:{self.pages.server_port}")
        self.library = Library(program, config, start=start)
        for name, content in examples.get("files", {}).items():
            self.library.put(name, base64.b64decode(content["base64"]) if isinstance(content, dict) else content)

    def real(self, text):
        return text.replace("{{http}}", self.base)

    def shown(self, text):
        folder = self.library.folder
        return text.replace(self.base, "{{http}}").replace(folder + "/", "").replace(folder, "{{folder}}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.__exit__()
        self.pages.shutdown()
        self.pages.server_close()


def load(folder):
    """(manifest, examples or None)"""
    with open(os.path.join(folder, "plugin.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    path = os.path.join(folder, "examples.json")
    if not os.path.exists(path):
        return manifest, None
    with open(path, encoding="utf-8") as file:
        return manifest, json.load(file)


def folders(root):
    """The folders of the tools."""
    return sorted(os.path.dirname(path) for path in
                  glob.glob(os.path.join(root, "plugins/tools/*/plugin.json")))


def tool_of(manifest, example):
    return example.get("tool", manifest["tools"][0]["name"])
