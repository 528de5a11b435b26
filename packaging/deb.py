"""The Debian package: one, with the program, the plugins, and the headers to write more of them."""

import gzip
import hashlib
import os
import re
import shutil
import tempfile
from email.utils import formatdate

import libraries
from tree import NETWORK_MODULES, multiarch, run, set_times

HERE = os.path.dirname(os.path.abspath(__file__))
MAINTAINER = "the hexmcp authors <authors@hexmcp.invalid>"

CONTROL = """Package: hexmcp
Version: {version}
Architecture: {architecture}
Maintainer: {maintainer}
Installed-Size: {size}
{relations}Section: devel
Priority: optional
Description: server for the Model Context Protocol, with plugins in C
 hexmcp offers tools, resources and prompts to assistants, IDEs and agents
 over the Model Context Protocol (MCP). What it offers comes from plugins:
 shared libraries written against one public header, which is part of this
 package. Tools to calculate, hash, work on text, dates, files and more come
 with it.
 .
 A plugin whose library is missing is off and says so; the rest works.
"""


def relations(prefix):
    """Depends of the program and its modules, Recommends of the plugins and of what only a server on
    the network loads, each without the others'."""
    place = os.path.join(prefix, "lib", multiarch(), "hexmcp")
    modules = (os.path.join(place, "modules", f"hexmcp-{name}.so") for name in NETWORK_MODULES)
    plugins = [*libraries.programs(os.path.join(place, "plugins-1")), *modules]
    core = [path for path in libraries.programs(prefix) if path not in plugins]
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "debian"))
        with open(os.path.join(folder, "debian", "control"), "w", encoding="utf-8") as file:
            file.write("Source: hexmcp\n\nPackage: hexmcp\nArchitecture: any\n")
        told = run("dpkg-shlibdeps", "-O", "--warnings=0", "-dDepends", *(f"-e{path}" for path in core),
                   "-dRecommends", *(f"-e{path}" for path in plugins), cwd=folder)
    fields = dict(re.findall(r"^shlibs:(\w+)=(.*)$", told, re.M))
    known = libraries.where()
    later = {libraries.package_of(known[name]) for path in plugins
             for name in libraries.loaded(path) if name in known}
    have = {key: [item for item in fields.get(key, "").split(", ") if item]
            for key in ("Depends", "Recommends")}
    named = {item.split()[0] for items in have.values() for item in items}
    have["Recommends"] = sorted(have["Recommends"] + list(later - named))
    return "".join(f"{key}: {', '.join(items)}\n" for key, items in have.items() if items)


def compress(path, text, when):
    """`text`, or what the file holds, into path.gz, the same each time."""
    if text is None:
        with open(path, "rb") as file:
            text = file.read()
        os.remove(path)
    with open(path + ".gz", "wb") as file:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=when) as out:
            out.write(text)


def other_licences(usr):
    """What is to be said of plugins that are used under another licence than their sources have."""
    plugins = os.path.join(usr, "lib", multiarch(), "hexmcp", "plugins-1")
    lines = []
    for name in sorted(os.listdir(plugins)):
        folder = os.path.join(plugins, name)
        needs = libraries.gpl_of(libraries.programs(folder)) if os.path.isdir(folder) else []
        if needs:
            lines.append(f" {name} loads {', '.join(needs)}.\n")
    if not lines:
        return ""
    return ("Comment: All sources are under the Expat licence. These plugins load libraries under the GPL\n"
            " when they are used, and with them are under the GPL as a whole:\n" + "".join(lines))


def documents(usr, version, when):
    """What the policy wants: copyright, changelog, compressed manual pages."""
    doc = os.path.join(usr, "share", "doc", "hexmcp")
    with open(os.path.join(doc, "LICENSE"), encoding="utf-8") as file:
        lines = file.read().strip().split("\n")
    os.remove(os.path.join(doc, "LICENSE"))
    text = "\n".join(f" {line}" if line else " ." for line in lines[lines.index("") + 1:][2:])
    holder = next(line for line in lines if line.startswith("Copyright"))
    with open(os.path.join(doc, "copyright"), "w", encoding="utf-8") as file:
        file.write("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n"
                   f"Upstream-Name: hexmcp\n{other_licences(usr)}\nFiles: *\n"
                   f"{holder.replace('(c) ', '').replace('Copyright ', 'Copyright: ')}\n"
                   f"License: Expat\n{text}\n")
    change = (f"hexmcp ({version}) unstable; urgency=medium\n\n  * This version of hexmcp.\n\n"
              f" -- {MAINTAINER}  {formatdate(when, localtime=False)}\n")
    compress(os.path.join(doc, "changelog.Debian"), change.encode(), when)
    pages = os.path.join(usr, "share", "man")
    for path, _, names in os.walk(pages):
        for name in names:
            compress(os.path.join(path, name), None, when)
    overrides = os.path.join(usr, "share", "lintian", "overrides")
    os.makedirs(overrides)
    shutil.copyfile(os.path.join(HERE, "lintian-overrides"), os.path.join(overrides, "hexmcp"))


def checksums(top):
    lines = []
    for path, folders, names in os.walk(os.path.join(top, "usr")):
        folders.sort()
        for name in sorted(names):
            full = os.path.join(path, name)
            with open(full, "rb") as file:
                digest = hashlib.md5(file.read()).hexdigest()
            lines.append(f"{digest}  {os.path.relpath(full, top)}\n")
    return "".join(lines)


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def installed_kib(top):
    """As dpkg-gencontrol counts: each file in whole KiB, each folder as one."""
    size = 0
    for path, _, names in os.walk(top):
        size += 1 + sum((os.path.getsize(os.path.join(path, name)) + 1023) // 1024 for name in names)
    return size


def build(usr, version, out, work, when):
    """Packs a copy of the staged /usr; the path of the package."""
    top = os.path.join(work, "deb")
    shutil.rmtree(top, ignore_errors=True)
    shutil.copytree(usr, os.path.join(top, "usr"), symlinks=True)
    version += "-1"
    architecture = run("dpkg", "--print-architecture").strip()
    documents(os.path.join(top, "usr"), version, when)
    os.mkdir(os.path.join(top, "DEBIAN"))
    write(os.path.join(top, "DEBIAN", "control"), CONTROL.format(
        version=version, architecture=architecture, maintainer=MAINTAINER,
        size=installed_kib(os.path.join(top, "usr")), relations=relations(usr)))
    write(os.path.join(top, "DEBIAN", "md5sums"), checksums(top))
    set_times(top, when)
    path = os.path.join(out, f"hexmcp_{version}_{architecture}.deb")
    run("dpkg-deb", "--root-owner-group", "-Zxz", "--build", top, path,
        env={**os.environ, "SOURCE_DATE_EPOCH": str(when)})
    return path
