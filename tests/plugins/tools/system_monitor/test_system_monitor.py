"""system-monitor against df, nproc and /proc."""

import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402

TOOL = "system-monitor"


def run(*argv):
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def near(a, b, slack):
    return abs(a - b) <= slack


def disks(tap, library):
    result = library.call(TOOL, operation="disk")
    tap.equal("its members", sorted(result), ["disk_usage", "formatted", "operation", "truncated"])
    tap.check("disks are found", 0 < len(result["disk_usage"]) <= 20, result)
    for disk in result["disk_usage"]:
        size, used, free = map(int, run("df", "-B1", "--output=size,used,avail",
                                        disk["mount_point"]).splitlines()[1].split())
        point = disk["mount_point"]
        tap.equal(f"{point} is as large as df says", disk["total"], size)
        tap.check(f"{point} is as full", near(disk["used"], used, 2 << 30)
                  and near(disk["available"], free, 2 << 30), f"{disk} {used} {free}")
        tap.check(f"{point} in percent", near(disk["percent"], 100 * used / (used + free), 2), disk)


def memory(tap, library):
    result = library.call(TOOL, operation="memory")
    with open("/proc/meminfo", encoding="ascii") as file:
        lines = dict(line.split(":") for line in file)
    total, available = (int(lines[name].split()[0]) * 1024 for name in ("MemTotal", "MemAvailable"))
    m = result["memory"]
    tap.equal("all memory", m["total"], total)
    tap.check("what is available", near(m["available"], available, 1 << 30), f"{m} {available}")
    tap.equal("what is used", m["used"], total - m["available"])
    tap.check("in percent", near(m["percent"], 100 * m["used"] / total, 0.1), m)
    container = m.get("container")
    tap.check("a container has less than the machine", not container or 0 < container["limit"] < total, m)


def cpu(tap, library):
    result = library.call(TOOL, operation="cpu", sample_ms=300)
    tap.equal("its members", set(result) - {"cpu_limit"},
              {"operation", "cpu_usage_percent", "cpu_count", "sample_ms", "formatted"})
    tap.equal("processors", result["cpu_count"], int(run("getconf", "_NPROCESSORS_ONLN")))
    tap.check("their use", 0 <= result["cpu_usage_percent"] <= 100, result)
    busy = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        used = library.call(TOOL, operation="cpu", sample_ms=500)["cpu_usage_percent"]
    finally:
        busy.kill()
        busy.wait()
    tap.check("one that is busy is seen", used > 50 / result["cpu_count"], used)
    tap.check("a sample tells how far it is", library.progress and library.progress[0]["message"] ==
              "measuring the processors", library.progress)


def stats(tap, library):
    result = library.call(TOOL, operation="stats")
    with open("/proc/uptime", encoding="ascii") as file:
        uptime = float(file.read().split()[0])
    tap.equal("its members", sorted(result),
              ["formatted", "load_average", "operation", "process_count", "uptime_seconds"])
    tap.check("uptime", near(result["uptime_seconds"], uptime, 5), result)
    tap.check("processes", near(result["process_count"], sum(n.isdigit() for n in os.listdir("/proc")), 50),
              result)
    tap.equal("load", [isinstance(n, (int, float)) and n >= 0 for n in result["load_average"]], [True] * 3)


def whole(tap, library):
    result = library.call(TOOL, sample_ms=100)
    tap.equal("all of it", (result["operation"], {"memory", "disk_usage", "load_average", "cpu_count"} <=
                            set(result)), ("all", True))
    text = library.result(TOOL, operation="stats")["content"][1]["text"]
    tap.check("a text for people", text.startswith("Load ") and " processes." in text, text)
    tap.equal("another operation", library.fails(TOOL, operation="network"),
              'invalid arguments for tool "system-monitor": /operation: must be "all", "stats", "cpu", '
              '"memory" or "disk", is "network"')
    tap.equal("a sample that is too long", library.fails(TOOL, operation="cpu", sample_ms=60000),
              'invalid arguments for tool "system-monitor": /sample_ms: must be at most 5000, is 60000')


def narrow(tap, program):
    """A server that may use one processor alone, as in a container with a cpuset."""
    before = os.sched_getaffinity(0)
    if len(before) < 2:
        tap.skip("one processor of several", "this machine has one")
        return
    os.sched_setaffinity(0, {min(before)})
    try:
        with Library(program) as library:
            result = library.call(TOOL, operation="cpu", sample_ms=100)
            tap.check("one processor of several", result["cpu_count"] > 1 >= result["cpu_limit"] and
                      result["formatted"].endswith(")."), result)
    finally:
        os.sched_setaffinity(0, before)


def cancelled(tap, library):
    """A sample of five seconds that is given up: the next answer does not wait for it."""
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {"operation": "cpu",
                                                                            "sample_ms": 5000},
                                                "_meta": {**CLAIM, "progressToken": 9}})
    while library.server.message().get("method") != "notifications/progress":
        pass
    library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": ident}}))
    tap.equal("after a cancellation others are answered",
              library.call(TOOL, operation="stats")["operation"], "stats")


def main(program):
    with Tap() as tap:
        with Library(program) as library:
            disks(tap, library)
            memory(tap, library)
            cpu(tap, library)
            stats(tap, library)
            whole(tap, library)
            cancelled(tap, library)
        narrow(tap, program)
        with Library(program, {"policy": {"level": "safe"}}) as library:
            tap.equal("the level safe is enough", library.call(TOOL, operation="memory")["operation"],
                      "memory")


if __name__ == "__main__":
    main(sys.argv[1])
