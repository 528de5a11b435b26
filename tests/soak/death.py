"""Ends a stdio server in every way and at random moments; nothing may be left behind.

    death.py [--runs N] [--seed S] [--request TEMPLATE] -- COMMAND...

Each run starts the server below a launcher of its own, sends a random number of requests in random
pieces, and then at a random moment: ends the input; ends it and signals; signals; closes the
output; drops both ends; or kills the launcher while the pipes stay open. After each run:

- no process of the run is left after GRACE seconds,
- what was read is whole lines, each an answer to a request that was sent, none twice,
- if the input was ended and the output read: every request was answered and the exit code is 0.

@ID@ in the template is replaced by a number. The seed is printed; a run fails with its number.
"""

import argparse
import json
import os
import pathlib
import random
import select
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "tools"))
from tap import Tap

GRACE = 1.0
PATIENCE = 20.0
PING = '{"jsonrpc":"2.0","id":@ID@,"method":"ping"}'
WAYS = ["input", "input, then SIGTERM", "SIGTERM", "SIGINT", "SIGHUP", "output", "client", "parent"]

# Starts the server with the launcher's own descriptors, says its pid and waits for it.
LAUNCHER = """
import os, subprocess, sys
server = subprocess.Popen(sys.argv[2:])
os.write(int(sys.argv[1]), b"%d\\n" % server.pid)
os.close(int(sys.argv[1]))
os.close(0), os.close(1)
sys.exit(server.wait() & 255)
"""


class Failure(Exception):
    pass


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_gone(pid, seconds):
    until = time.monotonic() + seconds
    while alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


class Run:
    def __init__(self, command, template, rng):
        self.rng = rng
        self.template = template
        self.sent = 0
        self.output = bytearray()
        told, tell = os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-S", "-c", LAUNCHER, str(tell), *command], pass_fds=[tell],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0)
        os.close(tell)
        with os.fdopen(told) as file:
            self.server = int(file.readline())
        os.set_blocking(self.process.stdin.fileno(), False)
        os.set_blocking(self.process.stdout.fileno(), False)

    def read(self):
        """What is there. False at the end of the output."""
        try:
            got = os.read(self.process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return True
        self.output += got
        return bool(got)

    def write(self, data):
        until = time.monotonic() + PATIENCE
        while data:
            try:
                done = os.write(self.process.stdin.fileno(), data[:self.rng.randint(1, 4096)])
                data = data[done:]
            except BlockingIOError:
                self.read()
                select.select([self.process.stdout], [self.process.stdin], [], 0.05)
                if time.monotonic() > until:
                    raise Failure("the server does not read") from None
            except BrokenPipeError:
                raise Failure("the server closed its input early") from None

    def send_requests(self):
        first = self.sent + 1
        self.sent += self.rng.choice([0, 1, 1, 2, 10, 100, 500])
        self.write(b"".join(self.template.replace("@ID@", str(i)).encode() + b"\n"
                            for i in range(first, self.sent + 1)))

    def read_to_end(self):
        until = time.monotonic() + PATIENCE
        while self.read():
            if time.monotonic() > until:
                raise Failure("the output does not end")
            select.select([self.process.stdout], [], [], 0.05)

    def wait_until_up(self):
        """Until then the server does not know its parent."""
        self.write(PING.replace("@ID@", '"up"').encode() + b"\n")
        until = time.monotonic() + PATIENCE
        while b'"up"' not in self.output:
            if not self.read() or time.monotonic() > until:
                raise Failure("the server does not answer")
            select.select([self.process.stdout], [], [], 0.05)

    def end(self, way):
        if way.startswith("input"):
            self.process.stdin.close()
            if "SIGTERM" in way:
                self.pause()
                self.signal(signal.SIGTERM)
            self.read_to_end()
        elif way.startswith("SIG"):
            self.signal(getattr(signal, way))
            self.read_to_end()
        elif way == "output":
            self.process.stdout.close()
        elif way == "client":
            self.process.stdin.close()
            self.process.stdout.close()
        else:
            self.wait_until_up()
            self.process.kill()
            self.read_to_end()

    def signal(self, number):
        try:
            os.kill(self.server, number)
        except ProcessLookupError:
            pass

    def pause(self):
        time.sleep(self.rng.choice([0, 0, self.rng.random() * 0.02]))

    def answers(self):
        lines = bytes(self.output).split(b"\n")
        if lines.pop():
            raise Failure("the output ends within a line")
        ids = [json.loads(line).get("id") for line in lines]
        ids = [i for i in ids if i != "up"]
        if len(ids) != len(set(ids)):
            raise Failure("a request was answered twice")
        if not set(ids) <= set(range(1, self.sent + 1)):
            raise Failure(f"answers to nothing: {sorted(set(ids) - set(range(1, self.sent + 1)))}")
        return len(ids)

    def check(self, way):
        if not wait_gone(self.server, PATIENCE if way == "input" else GRACE):
            raise Failure(f"the server still runs {GRACE} s later")
        code = self.process.wait(PATIENCE)
        if way in ("output", "client"):
            return
        answered = self.answers()
        if way == "input" and (answered, code) != (self.sent, 0):
            raise Failure(f"{answered} of {self.sent} requests answered, exit code {code}")

    def clean_up(self):
        if alive(self.server):
            self.signal(signal.SIGKILL)
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def one(command, template, rng, way):
    run = Run(command, template, rng)
    try:
        run.pause()
        for _ in range(rng.randint(0, 3)):
            run.send_requests()
            run.pause()
            run.read()
        run.end(way)
        run.check(way)
    finally:
        run.clean_up()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=int(os.environ.get("SOAK_RUNS", "500")))
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--request", default=PING)
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # those who run this by nohup ignore it, and it is inherited
    with Tap() as tap:
        tap.note(f"seed {options.seed}, {options.runs} runs")
        ways = {way: [] for way in WAYS}
        done = dict.fromkeys(WAYS, 0)
        for number in range(options.runs):
            rng = random.Random(f"{options.seed}/{number}")
            way = rng.choice(WAYS)
            done[way] += 1
            try:
                one(options.command, options.request, rng, way)
            except Failure as failure:
                ways[way].append(f"run {number}: {failure}")
        for way, failures in ways.items():
            if done[way]:
                tap.check(f"end by {way}, {done[way]} times", not failures, "\n".join(failures))
            else:
                tap.skip(f"end by {way}", "not drawn in so few runs")


main()
