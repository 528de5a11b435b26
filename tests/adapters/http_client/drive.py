"""The program `driver`: the ports of http and net, by lines of JSON.

    with Driver(program, modules) as driver:
        answer = driver.http({"url": "http://localhost:8080/"}, hosts=["localhost:8080"])
        answer["head"]["status"], answer["end"], answer["json"], answer["text"]
"""
import json
import os
import select
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from tap import Tap  # noqa: E402, F401

PATIENCE = 60

OK, NOMEM, INVALID, NOT_FOUND, UNSUPPORTED, DENIED, CANCELLED, TIMEOUT, BUSY, UNAVAILABLE, \
    TOO_LARGE, PROTOCOL = 0, -2, -3, -4, -5, -6, -7, -8, -9, -10, -11, -12


class Driver:
    def __init__(self, program, modules, **options):
        words = [f"{name}={value}" for name, value in options.items()]
        env = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
        env.update(options.pop("env", {}))
        self.process = subprocess.Popen([program, modules, *[w for w in words if w[:4] != "env="]],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        self.rest = b""
        self.kept = []
        self.ids = 0

    def tell(self, do, **members):
        self.process.stdin.write(json.dumps({"do": do, **members}).encode() + b"\n")
        self.process.stdin.flush()

    def line(self):
        end = time.monotonic() + PATIENCE
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], max(0, end - time.monotonic()))[0]:
                raise TimeoutError("the driver says nothing")
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                raise EOFError(f"the driver has ended: {self.process.wait()}")
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)

    def until(self, wanted):
        """The first line for which wanted(line); others are kept for later."""
        for i, line in enumerate(self.kept):
            if wanted(line):
                return self.kept.pop(i)
        while True:
            line = self.line()
            if wanted(line):
                return line
            else:
                self.kept.append(line)

    def begin(self, do, text, hosts=(), plugin="org.test", **more):
        self.ids += 1
        self.tell(do, id=self.ids, text=text, hosts=list(hosts), plugin=plugin, **more)
        return self.ids

    def start(self, request, hosts=(), trace=None, **more):
        return self.begin("http", {**(trace or {}), "request": request}, hosts, **more)

    def head(self, ident):
        return self.until(lambda line: line.get("id") == ident and "head" in line)["head"]

    def end(self, ident):
        """What came of it; its head too, if there was one."""
        end = self.until(lambda line: line.get("id") == ident and "end" in line)
        heads = [line for line in self.kept if line.get("id") == ident and "head" in line]
        for line in heads:
            self.kept.remove(line)
            end["head"] = line["head"]
        return end

    def http(self, request, hosts=(), **more):
        return self.end(self.start(request, hosts, **more))

    def net(self, host, port, hosts=(), flags=0, timeout_ms=0, **more):
        text = {"host": host, "port": port, "flags": flags, "timeoutMs": timeout_ms}
        return self.end(self.begin("net", text, hosts, **more))

    def number(self, do, key=None, **members):
        key = key or do
        self.tell(do, **members)
        return self.until(lambda line: key in line)[key]

    def names(self, **names):
        """What names mean: {"name": [first answer, second answer...]}; a number in an answer is how
        many milliseconds it takes."""
        self.tell("names", names={name.replace("_", "."): turns for name, turns in names.items()})

    def close(self):
        self.process.stdin.close()
        return self.process.wait(PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.close()


def message(answer):
    return (answer["end"], (answer["json"] or {}).get("message"))


def headers(answer):
    return {name: value for name, value in answer["head"]["headers"]}
