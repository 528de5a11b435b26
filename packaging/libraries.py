"""Which shared libraries the programs in a tree need, and which Debian packages have them."""

import os
import re
import subprocess

from tree import run

# What every system of this kind has, and has in the right version for its kernel and loader.
SYSTEM = re.compile(r"^(ld-linux.*|lib(c|m|dl|pthread|rt|resolv))\.so")
NAME = re.compile(rb"lib[A-Za-z0-9_+-][A-Za-z0-9_+.-]*?\.so(?:\.\d+)+(?=\0)")
# Under the GPL alone, and used by plugins for the best readers that there are of a format.
GPL = re.compile(r"^lib(avcodec|fftw3|imagequant|poppler|x264|x265|zvbi)[-.0-9a-z]*\.so")


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def programs(top):
    """All ELF files below `top`, sorted."""
    return sorted(full for path, _, names in os.walk(top)
                  for full in (os.path.join(path, name) for name in names)
                  if not os.path.islink(full) and is_elf(full))


def linked(path):
    """Sonames that the loader looks for."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", run("readelf", "--dynamic", "--wide", path))


def loaded(path):
    """Sonames that the file names beside those: what it loads when it first needs it."""
    with open(path, "rb") as file:
        found = {name.decode() for name in NAME.findall(file.read())}
    return sorted(found - set(linked(path)))


def where():
    """soname -> file, as the loader of this machine knows them."""
    listed = subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True, check=True)
    known = {}
    for name, kind, path in re.findall(r"^\t(\S+) \(([^)]*)\) => (\S+)$", listed.stdout, re.M):
        if kind.startswith("libc6,x86-64" if os.uname().machine == "x86_64" else "libc6"):
            known.setdefault(name, os.path.realpath(path))
    return known


def closure(paths):
    """soname -> file of every library that the files need, and those need, but the system's."""
    known, found = where(), {}
    names = [name for path in paths for name in linked(path) + loaded(path)]
    while names:
        name = names.pop()
        if name in found or SYSTEM.match(name) or name not in known:
            continue
        found[name] = known[name]
        names += linked(known[name])
    return found


def package_of(path):
    """The Debian package that owns the file; /lib and /usr/lib are one."""
    for candidate in (path, re.sub("^/usr", "", path)):
        done = subprocess.run(["dpkg-query", "-S", candidate], capture_output=True, text=True,
                              check=False)
        if done.returncode == 0:
            return done.stdout.split(":")[0]
    raise SystemExit(f"no package owns {path}; install the library from Debian")


def gpl_of(paths):
    """Sonames of the libraries under the GPL that the files need, sorted."""
    return sorted(name for name in closure(paths) if GPL.match(name))
