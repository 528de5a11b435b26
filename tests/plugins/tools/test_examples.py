#!/usr/bin/env python3
"""test_examples.py HEXMCP ROOT ID...

Runs the examples of the tools of these plugins (examples.json, shown in docs/tools) through the real
program. With --record in place of the ids: fills in the results and errors that are missing, in all.
"""
import glob
import json
import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from library import Failed, Library, Tap

HEXMCP, ROOT = map(os.path.abspath, sys.argv[1:3])


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


class Run:
    """The server, the files and the pages of one tool's examples."""

    def __init__(self, examples):
        self.pages = Pages(examples.get("http", {}))
        self.base = f"http://localhost:{self.pages.server_port}"
        config = through(examples.get("config", {}), self.real)
        if "http" in examples:
            config.setdefault("grants", {}).setdefault("hosts", []).append(
                f"localhost:{self.pages.server_port}")
        self.library = Library(HEXMCP, config)
        for name, text in examples.get("files", {}).items():
            self.library.put(name, text)

    def real(self, text):
        return text.replace("{{http}}", self.base)

    def shown(self, text):
        folder = self.library.folder
        return text.replace(self.base, "{{http}}").replace(folder + "/", "").replace(folder, "{{folder}}")

    def call(self, tool, arguments):
        """{"result": ...} or {"error": text}, as a page shows it."""
        try:
            got = {"result": self.library.call(tool, **through(arguments, self.real))}
        except Failed as failed:
            got = {"error": str(failed)}
        return through(got, self.shown)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.library.__exit__()
        self.pages.shutdown()
        self.pages.server_close()


def load(folder):
    with open(os.path.join(folder, "plugin.json"), encoding="utf-8") as file:
        manifest = json.load(file)
    path = os.path.join(folder, "examples.json")
    if not os.path.exists(path):
        return manifest, None
    with open(path, encoding="utf-8") as file:
        return manifest, json.load(file)


def check(tap, manifest, examples):
    with Run(examples) as run:
        for each in examples["examples"]:
            tool = each.get("tool", manifest["tools"][0]["name"])
            got = run.call(tool, each["arguments"])
            want = {key: each[key] for key in ("result", "error") if key in each}
            tap.check(f"{tool}: {each['title']}", same(want, got), json.dumps(got, ensure_ascii=False))


def lasting(value):
    """A recorded value without what differs from run to run."""
    if isinstance(value, dict):
        return {key: "..." if key in ("modified", "accessed", "created") else lasting(each)
                for key, each in value.items()}
    return [lasting(each) for each in value] if isinstance(value, list) else value


def record(folder, manifest, examples):
    with Run(examples) as run:
        for each in examples["examples"]:
            if "result" not in each and "error" not in each:
                tool = each.get("tool", manifest["tools"][0]["name"])
                each.update(lasting(run.call(tool, each["arguments"])))
    with open(os.path.join(folder, "examples.json"), "w", encoding="utf-8") as file:
        json.dump(examples, file, indent=2, ensure_ascii=False)
        file.write("\n")


def folders():
    return sorted(glob.glob(os.path.join(ROOT, "plugins/tools/*/")))


def main():
    wanted = sys.argv[3:]
    if wanted == ["--record"]:
        for folder in folders():
            if os.path.exists(os.path.join(folder, "plugin.json")):
                manifest, examples = load(folder)
                if examples:
                    record(folder, manifest, examples)
        return
    with Tap() as tap:
        for folder in folders():
            if os.path.exists(os.path.join(folder, "plugin.json")):
                manifest, examples = load(folder)
                if examples and manifest["id"] in wanted:
                    check(tap, manifest, examples)


main()
