"""A server with plugins made of tests/plugins/steady, under a load whose every answer is checked."""

import json
import os
import select
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
for name in ("tools", "wire"):
    sys.path.insert(0, os.path.join(HERE, "..", name))
import bundles
from session import CLAIM, Place

PATIENCE = 60  # seconds until something counts as lost
CALLS = 4      # of each steady plugin, all the time


class Failure(Exception):
    pass


class Plugin:
    """One bundle: its folder changes when it gets another version."""

    def __init__(self, place, binary, word):
        self.word = word
        self.id = f"hexmcp.test.{word}"
        self.binary = binary
        self.parent = place.folder("plugins")
        self.versions = []
        self.folder = None

    def put(self, version):
        tools = [bundles.tool(f"{self.word}-twice", f"Of version {version}."),
                 bundles.tool(f"{self.word}-count", "Counts its calls."),
                 bundles.tool(f"{self.word}-rest", "Takes its time.", "worker", ms=bundles.NUMBER),
                 bundles.tool(f"{self.word}-crash", "Dies.", how={"type": "string"})]
        self.folder = bundles.write(self.parent, self.binary, self.id, version, tools)
        self.versions.append(version)
        return self


class Connection:
    """Lines to and from a server; whoever asked is told the answer, once."""

    def __init__(self, out, into, load):
        self.out, self.into, self.load = out, into, load
        self.rest = b""
        self.unsent = b""
        self.serial = 0
        self.waiting = {}
        self.done = 0
        self.heard = []  # notifications
        for end in (out, into):
            os.set_blocking(end, False)

    def send(self, message):
        self.unsent += json.dumps(message, separators=(",", ":")).encode() + b"\n"
        self.flush()

    def flush(self):
        try:
            self.unsent = self.unsent[os.write(self.into, self.unsent):]
        except BlockingIOError:
            pass

    def ask(self, method, params, told, claim=True):
        self.serial += 1
        self.waiting[self.serial] = told
        self.send({"jsonrpc": "2.0", "id": self.serial, "method": method,
                   "params": {**params, "_meta": CLAIM} if claim else params})

    def read(self):
        try:
            data = os.read(self.out, 1 << 16)
        except BlockingIOError:
            return
        if not data:
            raise Failure("the server closed its output")
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            self.take(json.loads(line))

    def take(self, message):
        if "method" in message:
            self.heard.append(message)
            return
        if message.get("id") not in self.waiting:
            raise Failure(f"an answer to nothing, or the second one: {message}")
        self.done += 1
        self.waiting.pop(message["id"])(message)


class Steady:
    """Calls of one plugin, CALLS of them open at any time until `stop`."""

    def __init__(self, connection, plugin, claim=True):
        self.connection, self.plugin, self.claim = connection, plugin, claim
        self.number = 0
        self.running = False
        self.newest = None  # the version that must answer, or a later one
        self.seen = set()

    def start(self):
        self.running = True
        for _ in range(CALLS):
            self.call()
        return self

    def call(self):
        self.number += 1
        number, oldest = self.number, self.newest
        tool, more = (("rest", {"ms": number % 5}) if number % 3 == 0 else ("twice", {}))
        self.connection.ask("tools/call", {"name": f"{self.plugin.word}-{tool}",
                                           "arguments": {"n": number, **more}},
                            lambda message: self.told(message, number, oldest), self.claim)

    def told(self, message, number, oldest):
        content = message.get("result", {}).get("structuredContent", {})
        version = content.get("version")
        want = {"id": self.plugin.id, "version": version, "n": number, "twice": 2 * number}
        known = self.plugin.versions
        if content != want or message["result"].get("isError") or version not in known:
            raise Failure(f"call {number} of {self.plugin.id} was answered with {message}")
        if oldest and known.index(version) < known.index(oldest):
            raise Failure(f"call {number} came after {oldest} and was answered by {version}")
        self.seen.add(version)
        if self.running:
            self.call()


class Server:
    def __init__(self, place, plugins, *arguments):
        named = [word for plugin in plugins for word in ("--plugin", plugin.folder)]
        self.place = place
        self.errors = open(os.path.join(place.top, "stderr"), "w+b")
        self.process = subprocess.Popen(
            [place.program, "serve", *named, *arguments], cwd=place.work, env=place.environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        self.connections, self.shims = [], []
        self.main = self.join(self.process.stdout.fileno(), self.process.stdin.fileno())

    def join(self, out, into):
        self.connections.append(Connection(out, into, self))
        return self.connections[-1]

    def shim(self, socket):
        """A client of its own, over `hexmcp connect`."""
        process = subprocess.Popen([self.place.program, "connect", "--unix", socket],
                                   cwd=self.place.work, env=self.place.environment,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=self.errors)
        self.shims.append(process)
        return self.join(process.stdout.fileno(), process.stdin.fileno())

    def turn(self, seconds=1.0):
        """Reads and writes what can be read and written."""
        out = {c.out: c for c in self.connections}
        into = {c.into: c for c in self.connections if c.unsent}
        readable, writable, _ = select.select(out, into, [], seconds)
        for end in readable:
            out[end].read()
        for end in writable:
            into[end].flush()

    def until(self, done, what, pause=1.0):
        end = time.monotonic() + PATIENCE
        while not done():
            if time.monotonic() > end:
                raise Failure(f"{what}: not within {PATIENCE} s; stderr: {self.stderr()[-2000:]}")
            self.turn(pause)

    def until_soon(self, done, what):
        """The same for what does not come over a connection."""
        self.until(done, what, 0.005)

    def settle(self, steady):
        """Lets the load end. What was used for a moment goes back after a second."""
        for each in steady:
            each.running = False
        self.until(lambda: not any(c.waiting for c in self.connections), "the last answers")
        time.sleep(2.5)

    def census(self):
        """(descriptors, threads, children, private KiB)"""
        pid = self.process.pid
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
            private = sum(int(line.split()[1]) for line in file if line.startswith("Private_"))
        return (len(os.listdir(f"/proc/{pid}/fd")), len(os.listdir(f"/proc/{pid}/task")),
                len(children(pid)), private)

    def stderr(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace")

    def end(self):
        """Ends the clients, then the server: its exit status."""
        for process in [*self.shims, self.process]:
            process.stdin.close()
            status = process.wait(PATIENCE)
            process.stdout.close()
        return status

    def kill(self):
        for process in [*self.shims, self.process]:
            if process.poll() is None:
                process.kill()
                process.wait()
        self.errors.close()


def children(pid):
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[1]) == pid:
                    found.append(int(name))
        except (OSError, IndexError, ValueError):
            pass
    return found


def sanitized(program):
    with open(program, "rb") as file:
        return b"__asan_init" in file.read() or b"__tsan_init" in file.read()


def growth(counts):
    """How many KiB more than ever before there are at the end."""
    return counts[-1][3] - max(count[3] for count in counts[:-1])


def check_flat(tap, program, counts, most, again):
    """`counts`: of the census before, in the middle, after; `most`: KiB from the middle to the end.

    Now and then a small piece that stays lies behind all that was used for a moment, and the C library
    keeps what is before it: once. What is lost grows with every round, so `again` does one more.
    """
    while not sanitized(program) and growth(counts) > most and len(counts) < 6:
        counts.append(again())
    for at, what in ((0, "descriptors"), (2, "children")):
        values = [count[at] for count in counts]
        tap.equal(f"{what} stay as many", values, [values[0]] * len(values))
    # The pool of a few workers starts one when there is work and no idle one, also late.
    threads = [count[1] for count in counts]
    tap.check("threads grow by at most 2 from the middle to the end", threads[-1] - threads[1] <= 2,
              f"before, in the middle, after: {threads}")
    tap.note(f"descriptors, threads, children, private KiB: {counts}")
    if sanitized(program):
        tap.skip("private memory stays as large", "the address sanitizer keeps what was freed")
    else:
        tap.check(f"private memory grows by at most {most} KiB until the end", growth(counts) <= most,
                  f"KiB before, in the middle, after, in more rounds: {[count[3] for count in counts]}")


def read(path):
    with open(path, "rb") as file:
        return file.read()
