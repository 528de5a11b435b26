"""One run of a transcript against the real server, and what each of its lines should be."""

import json
import os
import select
import sys
import time
from urllib.parse import unquote_to_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "wire"))

from session import PATIENCE, Place, Server  # noqa: E402
from transcript import MODERN, builtins, fill, matches  # noqa: E402

BUNDLED = {"calculator": "hexmcp.calculator", "hello": "hexmcp.examples.hello",
           "hash": "hexmcp.hash-calculator", "text": "hexmcp.text-manipulator",
           "uuid": "hexmcp.uuid-generator"}
OTHERS = {"everything": "examples/hexmcp.examples.everything",
          "slow": "tests/plugins/hexmcp.test.slow"}


class Mismatch(Exception):
    """The server said something else."""


class Process(Server):
    """hexmcp serve, heard line by line as bytes came."""

    def line(self, patience=PATIENCE):
        """The next line without its end; None at the end of the output or if none came in time."""
        while b"\n" not in self.rest:
            if not select.select([self.process.stdout], [], [], patience)[0]:
                return None
            more = os.read(self.process.stdout.fileno(), 65536)
            if not more:
                return None
            self.rest += more
        line, self.rest = self.rest.split(b"\n", 1)
        return line.decode()


def bundles(build):
    """The ids of all plugins that lie beside the program."""
    folder = os.path.join(build, "plugins")
    return {name for name in os.listdir(folder)
            if os.path.exists(os.path.join(folder, name, "plugin.json"))}


def arguments(transcript, build):
    """Only the plugins that the transcript names run, in the order of their names."""
    asked = transcript.headers.get("plugins", "").split()
    off = sorted(bundles(build) - {BUNDLED.get(name) for name in asked})
    found = ["--set", "plugins.disable=" + json.dumps(off), "--set", "storage.url=memory:"]
    for name in asked:
        if name not in BUNDLED:
            found += ["--plugin", os.path.join(build, OTHERS[name])]
    for setting in transcript.headers.get("settings", "").split():
        found += ["--set", setting]
    return found


class Conversation:
    """Plays a transcript in one revision. `heard` gets (what was sent so far, line) pairs."""

    def __init__(self, transcript, revision, program):
        self.transcript, self.revision = transcript, revision
        self.known = builtins(transcript, revision)
        self.program, self.build = program, os.path.dirname(program)
        self.sent, self.heard, self.pings, self.ended = [], [], 0, False

    def play(self):
        """Raises Mismatch with a readable difference."""
        with Place(self.program) as place:
            self.server = Process(place, *arguments(self.transcript, self.build))
            try:
                for number, mark, text, following in self._steps():
                    self._step(number, mark, text, following)
                if not self.ended:
                    self._exit(0, "the end")
            finally:
                self.stop()

    def _steps(self):
        """Each step with the text of the one after it."""
        steps = self.transcript.steps
        texts = [text for _, _, text in steps[1:]] + [""]
        return [(*step, text) for step, text in zip(steps, texts)]

    def repeat(self, line, expected):
        """Asks until the answer is the expected one, which is left to be heard: a task goes on by
        itself."""
        end = time.monotonic() + PATIENCE
        while True:
            self.send(line)
            got = self.server.line()
            if got is None or not self._to_be_repeated(line, expected, got, end):
                break
            time.sleep(0.01)
        if got is not None:
            self.server.rest = got.encode() + b"\n" + self.server.rest

    def _to_be_repeated(self, line, expected, got, end):
        """An answer that is not yet the expected one; anything else is for the next step."""
        answers = json.loads(got).get("id") == json.loads(line)["id"]
        fits = matches(expected, got, dict(self.known))
        return answers and not fits and time.monotonic() < end

    def stop(self):
        process = self.server.process
        if process.poll() is None:
            process.kill()
            process.wait()
        for pipe in (process.stdin, process.stdout, self.server.errors):
            try:
                pipe.close()
            except BrokenPipeError:
                pass

    def _step(self, number, mark, text, following):
        where = f"{os.path.basename(self.transcript.path)}:{number}"
        if mark == ">":
            self.send(fill(text, self.known))
        elif mark == "%":
            self.send_bytes(unquote_to_bytes(fill(text, self.known)))
        elif mark == "?":
            self.repeat(fill(text, self.known), following)
        elif mark == "<":
            self._expect(where, text)
        elif mark == "~":
            self.nothing(where)
        elif mark == "@":
            self.session()
        elif mark == "!":
            self.signal(text)
        else:
            self._exit(int(text.split()[1]), where)

    def send(self, line):
        self.sent.append(line)
        self.server.send(line)

    def send_bytes(self, data):
        """As they are: what is no text, and lines that end otherwise or not at all."""
        self.sent += data.decode(errors="replace").splitlines()
        self.server.process.stdin.write(data)
        self.server.process.stdin.flush()

    def hear(self, patience=PATIENCE):
        line = self.server.line(patience)
        if line is not None:
            self.heard.append((len(self.sent), line))
        return line

    def _expect(self, where, text):
        line = self.hear()
        if line is None:
            raise Mismatch(f"{where}: nothing came\nexpected: {text}\n"
                           f"stderr: {self.server.stderr()}")
        if not matches(text, line, self.known):
            raise Mismatch(f"{where}:\n{difference(text, line)}")

    def nothing(self, where):
        """Output is in order: what was written before the answer to a ping would come before it."""
        self.pings += 1
        raw_id = f'"nothing-{self.pings}"'
        self.send(f'{{"jsonrpc":"2.0","id":{raw_id},"method":"ping"}}')
        line = self.hear()
        if line != f'{{"jsonrpc":"2.0","id":{raw_id},"result":{{}}}}':
            raise Mismatch(f"{where}: nothing more was expected\ngot:      {line}")

    def session(self):
        """The handshake with the capabilities of the header; modern requests need none."""
        if self.revision == MODERN:
            return
        capabilities = self.transcript.headers.get("capabilities", "{}")
        self.send('{"jsonrpc":"2.0","id":"session","method":"initialize","params":{'
                  f'"protocolVersion":"{self.revision}","capabilities":{capabilities},'
                  '"clientInfo":{"name":"replay","version":"1"}}}')
        line = self.hear()
        answer = json.loads(line or "{}").get("result", {})
        if answer.get("protocolVersion") != self.revision:
            raise Mismatch(f"the handshake failed: {line}")
        self.send('{"jsonrpc":"2.0","method":"notifications/initialized"}')

    def signal(self, what):
        if what == "close":
            self.server.process.stdin.close()
        elif what == "term":
            self.server.process.terminate()
        else:
            raise Mismatch(f"no signal {what!r}; there are: close, term")

    def _exit(self, status, where):
        """The output ends without another line, and the program with this status."""
        self.ended = True
        if not self.server.process.stdin.closed:
            self.server.process.stdin.close()
        line = self.hear()
        if line is not None:
            raise Mismatch(f"{where}: nothing more was expected\ngot:      {line}")
        got = self.server.process.wait(PATIENCE)
        if got != status:
            raise Mismatch(f"{where}: exit {got}, expected {status}; {self.server.stderr()}")


def difference(expected, got):
    """Both lines, and a mark where they part."""
    at = next((i for i, (a, b) in enumerate(zip(expected, got)) if a != b),
              min(len(expected), len(got)))
    if "${" in expected[:at + 1]:
        return f"expected: {expected}\ngot:      {got}"
    return f"expected: {expected}\ngot:      {got}\n          {' ' * at}^ from here"
