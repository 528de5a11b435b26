"""Programs by process-executor: what they get, how they end, what is refused."""

import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import CLAIM, Library, Tap  # noqa: E402

TOOL = "process-executor"
PROGRAMS = ["echo", "cat", "ls", "pwd", "date", "uname", "which", "test", "head", "tail", "wc", "grep",
            "find", "sort", "uniq", "tee", "sleep", "env", "true", "false", "python3", "not-there"]
TIMES = ("execution_time_ms",)


def plain(result):
    return {key: value for key, value in result.items() if key not in TIMES}


def ended(stdout="", stderr="", code=0, **more):
    return {"operation": "execute", "dry_run": False, "success": code == 0, "exit_code": code, "stdout": stdout,
            "stderr": stderr, "timed_out": False, "truncated": False, "output_dropped": False, **more}


def results(tap, library):
    def run(*argv, **more):
        return plain(library.call(TOOL, executable=argv[0], arguments=list(argv[1:]), **more))

    library.put("notes.txt", "one\ntwo words\nthree\n")
    library.put("sub/b.txt", "b\n")
    folder = library.folder
    tap.equal("arguments arrive as they are", run("echo", "-n", "a  b", "$HOME", "`x`", "*", "é"),
              ended("a  b $HOME `x` * é"))
    tap.equal("input arrives", run("sort", "-r", stdin="a\nc\nb\n"), ended("c\nb\na\n"))
    tap.equal("an empty input ends", run("cat", stdin=""), ended(""))
    tap.equal("no input is an empty one", run("wc", "-c"), ended("0\n"))
    tap.equal("the working directory", run("pwd", working_directory=folder + "/sub"),
              ended(folder + "/sub\n"))
    tap.equal("a relative one", run("cat", "b.txt", working_directory="sub"), ended("b\n"))
    tap.equal("grep", run("grep", "-n", "two words", "notes.txt", working_directory="."),
              ended("2:two words\n"))
    tap.equal("find", run("find", ".", "-name", "*.txt", "-newermt", "2000-01-01",
                          working_directory="sub"), ended("./b.txt\n"))
    tap.equal("ls", run("ls", "-1p", working_directory=folder), ended("notes.txt\nsub/\n"))
    listed = run("ls", "-ln", working_directory=folder)
    tap.check("ls -l works, without a word about attributes",
              listed["success"] and not listed["stderr"], listed)
    tap.equal("head, tail, uniq, test, uname, date: the first",
              [run("head", "-1", "notes.txt", working_directory=".")["stdout"],
               run("tail", "-1", "notes.txt", working_directory=".")["stdout"],
               run("uniq", stdin="a\na\nb\n")["stdout"],
               run("test", "-f", "notes.txt", working_directory=".")["exit_code"],
               run("uname")["stdout"], run("date", "-u", "-d", "@0", "+%F")["stdout"]],
              ["one\n", "three\n", "a\nb\n", 0, "Linux\n", "1970-01-01\n"])
    tap.equal("a script is run by its interpreter", run("which", "cat")["stdout"], "/usr/bin/cat\n")
    tap.equal("a failure is a result", run("false"), ended(code=1))
    bad = run("cat", "none.txt", working_directory=".")
    tap.equal("with what the program says", (bad["exit_code"], bad["stderr"]),
              (1, "cat: none.txt: No such file or directory\n"))
    tap.equal("bytes that are no text", run("head", "-c", "3", "/dev/zero"), ended("\0\0\0"))
    library.put("bytes.bin", b"a\xff\xfeb")
    tap.equal("are replaced, and counted", run("cat", "bytes.bin", working_directory="."),
              ended("a\ufffd\ufffdb", stdout_replaced_bytes=2))
    env = run("env")["stdout"].splitlines()
    tap.equal("the environment", [line.split("=")[0] for line in env], ["LANG", "PATH", "TMPDIR"])
    tap.equal("a variable", run("date", "-d", "@0", "+%H %Z", environment={"TZ": "Asia/Tokyo"})["stdout"],
              "09 JST\n")
    tap.equal("temporary files have a place",
              run("python3", "-c", "import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); print('ok')")
              ["stdout"], "ok\n")
    text = library.result(TOOL, executable="false")["content"]
    tap.check("people read how it ended", any(c.get("text", "").startswith("false ended with exit code 1 after ")
                                              for c in text), text)


def writing(tap, library):
    def tee(**more):
        return library.call(TOOL, executable="tee", arguments=["new.txt"], stdin="x",
                            working_directory=library.folder, **more)

    refused = tee()
    tap.equal("nothing is written without writable", (refused["exit_code"], refused["stderr"],
                                                      os.path.exists(library.path("new.txt"))),
              (1, "tee: new.txt: Permission denied\n", False))
    tap.equal("with it", (tee(writable=True)["exit_code"], library.get("new.txt")), (0, b"x"))
    tap.equal("writable needs a folder", library.fails(TOOL, executable="true", writable=True),
              "writable needs working_directory: without it the program reaches no granted folder")


def dry(tap, library):
    def tried(**more):
        return library.call(TOOL, executable="tee", arguments=["dry.txt"], stdin="abc", dry_run=True, **more)

    alone = {"path": "/usr/bin/tee", "arguments": ["dry.txt"], "folders": [], "environment": ["LANG", "PATH"],
             "stdin_bytes": 3, "timeout_ms": 30000, "max_output_bytes": 1 << 20, "memory_bytes": 512 << 20,
             "cpu_seconds": 60}
    tap.equal("a dry run", tried(), {"operation": "execute", "dry_run": True, "would_run": alone})
    tap.equal("in a folder, to write", tried(working_directory=".", writable=True, environment={"TZ": "UTC"},
                                             timeout_ms=100)["would_run"],
              {**alone, "working_directory": ".", "folders": [{"path": library.folder, "writable": True}],
               "environment": ["LANG", "PATH", "TZ"], "timeout_ms": 100})
    tap.equal("only to read", tried(working_directory="sub")["would_run"]["folders"],
              [{"path": library.folder, "writable": False}])
    tap.equal("it starts nothing", os.path.exists(library.path("dry.txt")), False)
    for name, more in (("a program", {"executable": "perl"}), ("a folder", {"working_directory": "/etc"}),
                       ("a variable", {"environment": {"HOME": "/x"}}),
                       ("a program that is not there", {"executable": "not-there"})):
        real = library.fails(TOOL, **{"executable": "ls", **more})
        tap.equal(f"{name} is refused as it would be", library.fails(TOOL, **{"executable": "ls", **more}, dry_run=True),
                  real)


def ends(tap, library):
    slow = library.call(TOOL, executable="sleep", arguments=["60"], timeout_ms=300)
    tap.equal("the time limit", (slow["timed_out"], slow["success"], slow["exit_code"], slow["signal"]),
              (True, False, -1, "TERM"))
    tap.check("which is kept", slow["execution_time_ms"] < 20000, slow)
    tap.equal("it told progress", library.progress[0]["message"], "sleep runs; 0 bytes of output so far")
    died = library.call(TOOL, executable="python3",
                        arguments=["-c", "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"])
    tap.equal("a signal", (died["exit_code"], died["signal"]), (-1, "SEGV"))
    big = library.call(TOOL, executable="python3", arguments=["-c", "print('x' * 99999)"])
    tap.equal("a large output is cut", (big["truncated"], big["output_dropped"], big["success"]),
              (True, False, True))
    if "stdout_uri" in big:
        whole = library.raw("resources/read", {"uri": big["stdout_uri"]})["contents"][0]
        tap.equal("and kept", (len(big["stdout"]), len(whole.get("text", ""))), (8192, 100000))
    else:
        tap.equal("and as much as fits is shown", len(big["stdout"]), 65536)
    wide = library.call(TOOL, executable="python3", arguments=["-c", "print('a' + 'é' * 50000)"])
    tap.check("no character is cut in two", "stdout_replaced_bytes" not in wide and wide["stdout"][-1] == "é", wide["stdout"][-9:])
    none = library.call(TOOL, executable="python3", arguments=["-c", "import sys; sys.stdout.buffer.write(b'\\x80' * 70000)"])
    tap.check("what is no text is shown, too", none["stdout_replaced_bytes"] == len(none["stdout"]) > 8000, len(none["stdout"]))
    huge = library.call(TOOL, executable="head", arguments=["-c", "3000000", "/dev/zero"])
    tap.equal("a huge one is dropped", (huge["truncated"], huge["output_dropped"]), (True, True))


def named(mark):
    """The processes that have this among their arguments."""
    found = []
    for number in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{number}/cmdline", "rb") as file:
                found += [number] if mark.encode() in file.read().split(b"\0") else []
        except OSError:
            pass
    return found


def given_up(tap, library):
    """A program that ignores SIGTERM is gone soon after its call is cancelled."""
    mark = f"mark-{os.getpid()}"
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)"
    ident = library.server.start("tools/call", {"name": TOOL, "arguments": {
        "executable": "python3", "arguments": ["-c", code, mark]}, "_meta": {**CLAIM, "progressToken": 7}})
    while library.server.message().get("method") != "notifications/progress":
        pass
    tap.equal("a program runs", len(named(mark)), 1)
    library.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                    "params": {"requestId": ident}}))
    for _ in range(150):
        if not named(mark):
            break
        time.sleep(0.1)
    tap.equal("and is gone when the call is given up", named(mark), [])


def refusals(tap, library):
    tap.equal("a program that was not granted", library.fails(TOOL, executable="perl"),
              "the program perl is not granted; the operator allows one with --allow-program NAME or "
              '"grants.programs" of the configuration')
    tap.equal("a command line is no program",
              library.fails(TOOL, executable="echo hello"),
              "the program echo hello is not granted; the operator allows one with --allow-program NAME or "
              '"grants.programs" of the configuration. It is a name alone: give arguments in arguments')
    tap.equal("another variable", library.fails(TOOL, executable="env", environment={"LD_PRELOAD": "x"}),
              "environment: \"LD_PRELOAD\" cannot be set; give only HOME, USER, SHELL, TERM, LANG, LC_ALL "
              "and TZ")
    tap.equal("a variable that was not granted",
              library.fails(TOOL, executable="env", environment={"HOME": "/x"}),
              "the variable HOME is not granted; leave it out, or have the operator allow it with \"grants.env\" of the "
              "configuration")
    outside = library.fails(TOOL, executable="ls", working_directory="/etc")
    tap.equal("a folder that was not granted", outside,
              f"/etc is in no granted folder; granted: {library.folder}")
    tap.equal("arguments are an array", library.fails(TOOL, executable="echo", arguments="x"),
              'invalid arguments for tool "process-executor": /arguments: must be an array, is a string')


def nothing_granted(tap, program):
    with Library(program) as library:
        tap.equal("without a grant", library.fails(TOOL, executable="echo"),
                  "no program was granted to this tool; the operator allows one with --allow-program NAME "
                  "or \"grants.programs\" of the configuration")


def main(program):
    config = {"grants": {"programs": PROGRAMS,
                         "env": ["TZ", "LANG"]}}
    with Tap() as tap:
        with Library(program, config) as library:
            results(tap, library)
            writing(tap, library)
            dry(tap, library)
            ends(tap, library)
            given_up(tap, library)
            refusals(tap, library)
        nothing_granted(tap, program)


if __name__ == "__main__":
    main(sys.argv[1])
