"""A staged installation that is the same, byte for byte, wherever and whenever it is made."""

import os
import shutil
import stat
import subprocess
import sysconfig

# No path of the machine may get into a program, and what a distribution hardens is hardened.
CFLAGS = ["-fstack-protector-strong", "-fstack-clash-protection", "-D_FORTIFY_SOURCE=2"]
LDFLAGS = ["-Wl,-z,relro", "-Wl,-z,now"]

# Private modules that nothing loads before it serves on the network, or installs a plugin.
NETWORK_MODULES = ("archive", "auth", "console", "http", "tls", "websocket")


def run(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}\n{done.stdout}{done.stderr}".rstrip())
    return done.stdout


def epoch(source):
    """The time that everything gets: SOURCE_DATE_EPOCH, else that of the last commit."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given:
        return int(given)
    if os.path.exists(os.path.join(source, ".git")):
        return int(run("git", "-C", source, "log", "-1", "--format=%ct"))
    return int(os.stat(os.path.join(source, "meson.build")).st_mtime)


def multiarch():
    return sysconfig.get_config_var("MULTIARCH") or ""


def compile_in(source, build):
    """Configures and compiles for the prefix /usr; a folder that was compiled before is reused."""
    if not os.path.exists(os.path.join(build, "build.ninja")):
        maps = [f"-ffile-prefix-map={path}/=" for path in (source, os.path.relpath(source, build))]
        run("meson", "setup", build, source, "--prefix=/usr", f"--libdir=lib/{multiarch()}",
            "-Dtests=false", "-Dbuildtype=release",
            env={**os.environ, "CFLAGS": " ".join(CFLAGS + maps), "LDFLAGS": " ".join(LDFLAGS)})
    run("ninja", "-C", build, "--quiet")


def version_of(build):
    return run("meson", "introspect", "--projectinfo", build).split('"version": "')[1].split('"')[0]


def set_times(top, when):
    """The same time and the usual mode for everything below `top`."""
    for path, folders, names in os.walk(top, topdown=False):
        for name in folders + names:
            full = os.path.join(path, name)
            if not os.path.islink(full):
                executable = os.path.isdir(full) or os.stat(full).st_mode & stat.S_IXUSR
                os.chmod(full, 0o755 if executable else 0o644)
            os.utime(full, (when, when), follow_symlinks=False)
    os.utime(top, (when, when))


def stage(build, top, when):
    """Installs into `top`, stripped; the index of the plugins is made after the times are set."""
    shutil.rmtree(top, ignore_errors=True)
    run("meson", "install", "-C", build, "--no-rebuild", "--strip", "--quiet", "--destdir", top)
    plugins = os.path.join(top, "usr", "lib", multiarch(), "hexmcp", "plugins-1")
    set_times(top, when)
    run(os.path.join(build, "adapters", "driven", "plugin_host", "hexmcp-index"), plugins)
    set_times(top, when)
    return os.path.join(top, "usr")
