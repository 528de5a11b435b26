"""The MCP bundle: a zip file that a client unpacks and runs, and server.json, which points to it."""

import hashlib
import json
import os
import shutil
import sys
import time
import zipfile

import libraries
from tree import NETWORK_MODULES, multiarch, run, set_times

SUMMARY = "Tools to calculate, hash, convert, search and edit, from a small server in C."
SCHEMA = "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"

LONG = """hexmcp serves tools over the Model Context Protocol. It starts in milliseconds and
reaches no folder that you did not choose, and no network.

This bundle is for Linux on {machine}, with the C library of Debian 12 (glibc 2.36) or newer."""


def tools(top):
    """Name and first sentence of each tool."""
    server = os.path.join(top, "server")
    listed = json.loads(run(os.path.join(server, "bin", "hexmcp"), "tools", "--json",
                            env={"PATH": "/usr/bin:/bin", "HOME": "/"}))
    return [{"name": tool["name"], "description": tool["description"].split(". ")[0].rstrip(".") + "."}
            for tool in listed]


def manifest(version, machine, offered):
    return {
        "manifest_version": "0.3",
        "name": "hexmcp",
        "display_name": "hexmcp",
        "version": version,
        "description": SUMMARY,
        "long_description": LONG.format(machine=machine),
        "author": {"name": "the hexmcp authors"},
        "license": "MIT",
        "keywords": ["calculator", "hash", "text", "files", "search"],
        "server": {
            "type": "binary",
            "entry_point": "server/bin/hexmcp",
            "mcp_config": {
                "command": "${__dirname}/server/bin/hexmcp",
                "args": ["serve", "--write=${user_config.write}", "${user_config.folders}"],
            },
        },
        "user_config": {
            "folders": {
                "type": "directory",
                "title": "Folders",
                "description": "Tools may read what is in these folders, and nothing else. None: "
                               "no tool opens a file.",
                "multiple": True,
                "required": False,
                "default": [],
            },
            "write": {
                "type": "boolean",
                "title": "Change files",
                "description": "Let tools change what is in the folders, too.",
                "required": False,
                "default": False,
            },
        },
        "tools": offered,
        "compatibility": {"platforms": ["linux"]},
    }


def copy_libraries(server):
    """The libraries beside the program, and what Debian says of their licences."""
    found = libraries.closure(libraries.programs(server))
    for name, path in found.items():
        shutil.copyfile(path, os.path.join(server, "lib", name))
        package = libraries.package_of(path)
        folder = os.path.join(server, "share", "licences", package)
        os.makedirs(folder, exist_ok=True)
        shutil.copyfile(f"/usr/share/doc/{package}/copyright", os.path.join(folder, "copyright"))


def find_beside(server, *program):
    """Has the program find libraries of the bundle: as an RPATH, which holds for those that libraries
    need, and those that are loaded later, too. A RUNPATH, or LD_LIBRARY_PATH, which helpers drop, would not."""
    path = os.path.join(server, *program)
    back = os.path.relpath(os.path.join(server, "lib"), os.path.dirname(path))
    run("patchelf", "--force-rpath", "--set-rpath", f"$ORIGIN/{back}", path)


def leave_out_gpl(plugins):
    """A bundle under the MIT licence brings no library under the GPL: plugins that need one stay out."""
    path = os.path.join(plugins, "left-out.json")
    with open(path, encoding="utf-8") as file:
        left = json.load(file)
    for name in sorted(os.listdir(plugins)):
        folder = os.path.join(plugins, name)
        if not os.path.isdir(folder):
            continue
        with open(os.path.join(folder, "plugin.json"), encoding="utf-8") as file:
            plugin = json.load(file)
        needs = libraries.gpl_of(libraries.programs(folder))
        if "GPL" not in plugin["license"] and not needs:
            continue
        print(f"mcpb: {name} is left out, as it is used under the GPL ({', '.join(needs)})", file=sys.stderr)
        left.append({"tools": [name for tool in plugin["tools"]
                               for name in [tool["name"], *tool["run"].get("aliases", [])]],
                     "needs": "a package of hexmcp that is not under the MIT licence alone"})
        shutil.rmtree(folder)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(left, file, indent=1)
        file.write("\n")


def fill(usr, top):
    """The part of an installation that a client needs."""
    server = os.path.join(top, "server")
    own = os.path.join("lib", multiarch(), "hexmcp")
    os.makedirs(os.path.join(server, "bin"))
    shutil.copy2(os.path.join(usr, "bin", "hexmcp"), os.path.join(server, "bin"))
    for part in ("modules", "plugins-1"):
        shutil.copytree(os.path.join(usr, own, part), os.path.join(server, own, part),
                        ignore=shutil.ignore_patterns(
                            *(f"hexmcp-{name}.so" for name in NETWORK_MODULES)))
    leave_out_gpl(os.path.join(server, own, "plugins-1"))
    find_beside(server, "bin", "hexmcp")
    helper = os.path.join("libexec", "hexmcp")
    os.makedirs(os.path.join(server, helper))
    shutil.copy2(os.path.join(usr, helper, "hexmcp-plugin-host"), os.path.join(server, helper))
    find_beside(server, helper, "hexmcp-plugin-host")
    shutil.copyfile(os.path.join(usr, "share", "doc", "hexmcp", "LICENSE"),
                    os.path.join(top, "LICENSE"))
    copy_libraries(server)


def pack(top, path, when):
    """Names sorted, one time for all, and modes as far as a zip file has them."""
    date = time.gmtime(max(when, 315532800))[:6] # a zip file knows no time before 1980
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for folder, folders, names in os.walk(top):
            folders.sort()
            for name in sorted(names):
                full = os.path.join(folder, name)
                entry = zipfile.ZipInfo(os.path.relpath(full, top), date)
                entry.create_system = 3
                entry.external_attr = os.stat(full).st_mode << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                with open(full, "rb") as file:
                    out.writestr(entry, file.read(), compresslevel=9)


def build(usr, version, out, work, when):
    top = os.path.join(work, "mcpb")
    machine = os.uname().machine
    shutil.rmtree(top, ignore_errors=True)
    os.makedirs(top)
    fill(usr, top)
    set_times(top, when)
    run(os.path.join(usr, "libexec", "hexmcp", "hexmcp-index"),
        os.path.join(top, "server", "lib", multiarch(), "hexmcp", "plugins-1"))
    described = manifest(version, machine, tools(top))
    with open(os.path.join(top, "manifest.json"), "w", encoding="utf-8") as file:
        json.dump(described, file, indent=2, ensure_ascii=False)
        file.write("\n")
    set_times(top, when)
    path = os.path.join(out, f"hexmcp-{version}-linux-{machine}.mcpb")
    pack(top, path, when)
    return path


def server_json(bundle, version, name, url, out):
    """The entry for a registry of servers. `url` is the folder that the bundle is published in."""
    with open(bundle, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    entry = {
        "$schema": SCHEMA,
        "name": name,
        "title": "hexmcp",
        "description": SUMMARY,
        "version": version,
        "packages": [{
            "registryType": "mcpb",
            "identifier": f"{url.rstrip('/')}/{os.path.basename(bundle)}",
            "version": version,
            "fileSha256": digest,
            "transport": {"type": "stdio"},
        }],
    }
    path = os.path.join(out, "server.json")
    with open(path, "w", encoding="utf-8") as file:
        json.dump(entry, file, indent=2)
        file.write("\n")
    return path
