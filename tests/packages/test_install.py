#!/usr/bin/env python3
"""meson install: what it puts where, and that it works there, elsewhere, and as a copy.

usage: test_install.py ROOT BUILD PREFIX
"""
import os
import shutil
import stat
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from installed import build_hello, files_below, run, tools_of, use  # noqa: E402
from tap import Tap  # noqa: E402

ROOT, BUILD, PREFIX = sys.argv[1:]
TOOLS = tools_of(os.path.join(BUILD, "hexmcp"))


def install(top):
    done = run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", top)
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return os.path.join(top, PREFIX.lstrip("/"))


def check_files(tap, top, prefix):
    names = files_below(prefix)
    for wanted in ("bin/hexmcp", "include/hexmcp/plugin.h", "include/hexmcp/json/read.h",
                   "share/hexmcp/config.schema.json", "share/doc/hexmcp/LICENSE",
                   "share/hexmcp/templates/common/.gitignore",
                   "share/hexmcp/templates/tool/c/{{name}}.c",
                   "share/hexmcp/templates/tool/common/plugin.json",
                   "share/hexmcp/templates/language/c/meson.build",
                   "share/doc/hexmcp/README.md", "share/doc/hexmcp/docs/operating.md"):
        tap.check(f"installs {wanted}", wanted in names)
    ends = ("/hexmcp.pc", "/modules/hexmcp-regex.so", "/modules/hexmcp-crypto.so",
            "/modules/hexmcp-seal.so",
            "/modules/hexmcp-archive.so",
            "/plugins-1/index", "/plugins-1/hexmcp.calculator/plugin.so",
            "/plugins-1/hexmcp.calculator/plugin.json")
    for end in ends:
        tap.equal(f"installs .../{end.lstrip('/')} once",
                  sum(name.endswith(end) for name in names), 1)
    headers = [name[len("include/"):] for name in names if name.startswith("include/")]
    tap.equal("installs every public header", headers, [
        name for name in files_below(os.path.join(ROOT, "include")) if name.endswith(".h")])
    outside = [name for name in files_below(top) if not name.startswith(PREFIX.lstrip("/") + "/")]
    tap.equal("puts nothing outside of its prefix", outside, [])
    writable = [name for name in names
                if os.lstat(os.path.join(prefix, name)).st_mode & (stat.S_IWGRP | stat.S_IWOTH)]
    tap.equal("leaves nothing that others can write", writable, [])


def check_copied_program(tap, top, prefix):
    """The program alone, elsewhere: it finds the prefix that it was configured for. A namespace of
    mounts puts the staged prefix there for this process only."""
    title = "a copy of the program alone finds the configured prefix"
    alone = shutil.copy(os.path.join(prefix, "bin", "hexmcp"), top)
    mount = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "sh", "-c",
             'mount --bind "$1" "$2" 2>/dev/null || exit 99; cd /; shift 2; exec "$@"', "sh",
             prefix, PREFIX]
    if not os.path.isdir(PREFIX) or run(*mount, "true").returncode:
        tap.skip(title, f"{PREFIX} cannot be mounted over here")
        return
    done = run(*mount, alone, "call", "hello", "--arg", "name=you", env={"PATH": os.environ["PATH"]})
    tap.equal(title, (done.returncode, done.stdout, done.stderr), (0, "Hello, you!\n", ""))
    # As if libdir were lib: /usr/local/lib/hexmcp is then a place of its own as well.
    link = os.path.join(prefix, "lib", "hexmcp")
    if not os.path.exists(link):
        library = next(path for path, names, _ in os.walk(prefix) if "plugins-1" in names)
        os.symlink(os.path.relpath(library, os.path.dirname(link)), link)
    listed = run(*mount, f"{PREFIX}/bin/hexmcp", "plugin", "list", env={"PATH": os.environ["PATH"]})
    tap.check("an installation lists its plugins once",
              listed.stdout.count("hexmcp.calculator ") == 1, listed.stdout)


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as top:
        os.chmod(top, 0o755)
        prefix = install(os.path.join(top, "stage"))
        check_files(tap, os.path.join(top, "stage"), prefix)
        use(tap, "staged", os.path.join(prefix, "bin", "hexmcp"), TOOLS)
        check_copied_program(tap, top, prefix)
        moved = os.rename(prefix, os.path.join(top, "moved")) or os.path.join(top, "moved")
        use(tap, "moved", os.path.join(moved, "bin", "hexmcp"), TOOLS)
        build_hello(tap, "moved", moved, ROOT)
        os.symlink(os.path.join(moved, "bin", "hexmcp"), os.path.join(top, "link"))
        use(tap, "through a link", os.path.join(top, "link"), TOOLS)


if __name__ == "__main__":
    main()
