#!/usr/bin/env python3
"""test_out_of_tree.py ROOT BUILD MESON_COMMAND...

Builds plugins as a stranger would: the headers are installed into an empty folder, and the source
is compiled with what `pkg-config --cflags hexmcp` says and nothing else of this tree.
"""
import ctypes
import glob
import os
import shutil
import subprocess
import sys
import tempfile

ROOT, BUILD = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
MESON = sys.argv[3:]
sys.path.insert(0, os.path.join(ROOT, "tests/tools"))
from tap import Tap  # noqa: E402

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
LANGUAGES = {"C99": ["cc", "-std=c99", "-x", "c"], "C11": ["cc", "-std=c11", "-x", "c"],
             "C++11": ["c++", "-std=c++11", "-x", "c++"]}


def run(arguments, **options):
    done = subprocess.run(arguments, capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def install(folder):
    """Installs the headers and hexmcp.pc; returns the environment that finds them."""
    status, text = run(MESON + ["install", "-C", BUILD, "--no-rebuild", "--tags", "devel"],
                       env={**os.environ, "DESTDIR": folder})
    if status != 0:
        raise RuntimeError(text)
    [pc] = glob.glob(folder + "/**/hexmcp.pc", recursive=True)
    return {**os.environ, "PKG_CONFIG_LIBDIR": os.path.dirname(pc),
            "PKG_CONFIG_SYSROOT_DIR": folder}


def pkg_config(env, *arguments):
    status, text = run(["pkg-config", *arguments, "hexmcp"], env=env)
    if status != 0:
        raise RuntimeError(text)
    return text.split()


def check_hello(tap, env, flags, folder, language):
    shutil.copy(os.path.join(ROOT, "plugins/examples/hello/hello.c"), folder)
    command = LANGUAGES[language] + WARNINGS + flags + [
        "-fvisibility=hidden", "-fPIC", "-shared", "-Wl,-z,defs", "hello.c", "-o", "plugin.so"]
    status, text = run(command, cwd=folder, env=env)
    if not tap.check(f"hello.c builds as {language}", status == 0, text):
        return
    status, text = run(["nm", "-D", "--defined-only", "plugin.so"], cwd=folder)
    symbols = sorted(line.split()[-1] for line in text.splitlines())
    tap.equal(f"as {language} it exports the two symbols", symbols,
              ["hexmcp_plugin_create", "hexmcp_plugin_info"])
    library = ctypes.CDLL(os.path.join(folder, "plugin.so"))
    info = (ctypes.c_char * 256).in_dll(library, "hexmcp_plugin_info").raw
    tap.equal(f"as {language} it loads and names itself", info[:8] + info[24:45],
              b"HEXMCP\r\nhexmcp.examples.hello")


def main():
    with Tap() as tap, tempfile.TemporaryDirectory() as folder:
        env = install(os.path.join(folder, "root"))
        flags = pkg_config(env, "--cflags")
        include = flags[0][2:]
        tap.check("pkg-config points into the installed tree",
                  include.startswith(folder) and os.path.isfile(include + "/hexmcp/plugin.h"),
                  flags)
        installed = {os.path.relpath(p, include) for p in
                     glob.glob(include + "/hexmcp/**/*.h", recursive=True)}
        in_tree = {os.path.relpath(p, ROOT + "/include") for p in
                   glob.glob(ROOT + "/include/hexmcp/**/*.h", recursive=True)}
        tap.equal("every header is installed", sorted(installed), sorted(in_tree))
        tap.equal("hexmcp.pc names the ABI",
                  pkg_config(env, "--variable=abi_major") + pkg_config(env, "--variable=abi_minor"),
                  ["1", "0"])
        tap.check("hexmcp.pc names the folder of plugins",
                  pkg_config(env, "--variable=plugindir")[0].endswith("/hexmcp/plugins-1"))
        uninstalled = {**os.environ, "PKG_CONFIG_PATH": BUILD + "/meson-uninstalled"}
        tap.equal("the uninstalled variant points into the tree",
                  pkg_config(uninstalled, "--cflags"), ["-I" + ROOT + "/include"])
        for language in LANGUAGES:
            empty = os.path.join(folder, language)
            os.mkdir(empty)
            check_hello(tap, env, flags, empty, language)


main()
