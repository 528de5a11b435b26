"""Programs by process-executor: what they get, how they end, what is refused."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from library import Library, Tap  # noqa: E402

TOOL = "process-executor"
PROGRAMS = ["echo", "cat", "ls", "pwd", "date", "uname", "which", "test", "head", "tail", "wc", "grep",
            "find", "sort", "uniq", "tee", "sleep", "env", "true", "false", "python3"]
TIMES = ("execution_time_ms",)


def plain(result):
    return {key: value for key, value in result.items() if key not in TIMES}


def ended(stdout="", stderr="", code=0, **more):
    return {"operation": "execute", "success": code == 0, "exit_code": code, "stdout": stdout,
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


def ends(tap, library):
    slow = library.call(TOOL, executable="sleep", arguments=["60"], timeout_ms=300)
    tap.equal("the time limit", (slow["timed_out"], slow["success"], slow["exit_code"], slow["signal"]),
              (True, False, -1, "TERM"))
    tap.check("which is kept", slow["execution_time_ms"] < 20000, slow)
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
    huge = library.call(TOOL, executable="head", arguments=["-c", "3000000", "/dev/zero"])
    tap.equal("a huge one is dropped", (huge["truncated"], huge["output_dropped"]), (True, True))


def refusals(tap, library):
    tap.equal("a program that was not granted", library.fails(TOOL, executable="perl"),
              "the plugin was not granted the program perl; name it in \"grants\": {\"programs\": [...]} "
              "of plugin.json, and in \"grants.programs\" of the configuration")
    tap.equal("a command line is no program",
              library.fails(TOOL, executable="echo hello"),
              "the plugin was not granted the program echo hello; name it in \"grants\": {\"programs\": "
              "[...]} of plugin.json, and in \"grants.programs\" of the configuration")
    tap.equal("another variable", library.fails(TOOL, executable="env", environment={"LD_PRELOAD": "x"}),
              "environment: \"LD_PRELOAD\" cannot be set; give only HOME, USER, SHELL, TERM, LANG, LC_ALL "
              "and TZ")
    tap.equal("a variable that was not granted",
              library.fails(TOOL, executable="env", environment={"HOME": "/x"}),
              "the plugin was not granted the variable HOME; name it in \"grants\": {\"env\": [...]} of "
              "plugin.json")
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
            ends(tap, library)
            refusals(tap, library)
        nothing_granted(tap, program)


if __name__ == "__main__":
    main(sys.argv[1])
