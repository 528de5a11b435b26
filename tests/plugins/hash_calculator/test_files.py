#!/usr/bin/env python3
"""test_files.py HEXMCP

Files hashed by hash-calculator, through the real program, against the programs of coreutils, b3sum and
Python's hashlib.
"""
import hashlib
import json
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../tools"))
sys.path.insert(0, os.path.join(HERE, "../../wire"))
from session import Place, Server  # noqa: E402
from tap import Tap  # noqa: E402

PROGRAMS = {"md5": "md5sum", "sha1": "sha1sum", "sha224": "sha224sum", "sha256": "sha256sum",
            "sha384": "sha384sum", "sha512": "sha512sum", "blake2b": "b2sum", "blake3": "b3sum"}
LIBRARY = {"sha3-256": "sha3_256", "sha3-512": "sha3_512", "blake2s": "blake2s",
           "sha512-256": "sha512_256", "ripemd160": "ripemd160"}
# around blocks, chunks and trees of BLAKE3, and the pieces in which a file is read
SIZES = [0, 1, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 3072, 4097, 65537, 196607, 196608, 196609,
         262143, 262144, 262145, 393216, 393217, 524289, 1048576, 3000000]
MOST = 100 * 1024 * 1024


def content(size):
    return bytes(range(251)) * (size // 251) + bytes(range(size % 251))


def by_program(algorithm, path):
    done = subprocess.run([PROGRAMS[algorithm], path], capture_output=True, text=True, check=True)
    return done.stdout.split()[0].lstrip("\\")


def by_library(algorithm, path):
    with open(path, "rb") as file:
        return hashlib.new(LIBRARY[algorithm], file.read()).hexdigest()


def check_sizes(tap, ask, folder):
    paths = {}
    for size in SIZES:
        paths[size] = os.path.join(folder, f"of {size}")
        with open(paths[size], "wb") as file:
            file.write(content(size))
    for algorithm in [*PROGRAMS, *LIBRARY]:
        if algorithm in PROGRAMS and not shutil.which(PROGRAMS[algorithm]):
            tap.skip(algorithm, f"there is no {PROGRAMS[algorithm]}")
            continue
        other = by_program if algorithm in PROGRAMS else by_library
        got = {size: ask(path=f"of {size}", algorithm=algorithm)["hash"] for size in SIZES}
        tap.equal(algorithm, got, {size: other(algorithm, paths[size]) for size in SIZES})


def check_limit(tap, server, ask, folder):
    path = os.path.join(folder, "large")
    with open(path, "wb") as file:
        file.truncate(MOST)
    wanted = by_program("sha256", path)
    tap.equal("a file of 100 MiB", ask(path=path), {"operation": "hash", "algorithm": "sha256",
                                                    "format": "hex", "hash": wanted})
    tap.equal("a file is verified", ask(path=path, operation="verify", expected_hash=wanted)["verified"], True)
    with open(path, "r+b") as file:
        file.truncate(MOST + 1)
    tap.equal("a byte more is refused", server.call("hash-calculator", {"operation": "hash", "path": path}),
              (f"{path} has more than 104857600 bytes, the most that is taken; give a smaller file", True))


def main():
    with Tap() as tap, Place(os.path.abspath(sys.argv[1])) as place:
        folder = place.folder("granted")
        server = Server(place, "--allow-read", folder)

        def ask(**arguments):
            text, is_error = server.call("hash-calculator", {"operation": "hash", **arguments})
            if is_error:
                raise ValueError(f"{arguments}: {text}")
            return json.loads(text)

        check_sizes(tap, ask, folder)
        check_limit(tap, server, ask, folder)
        for path, why in (("/etc/passwd", f"/etc/passwd is in no granted folder; granted: {folder}"),
                          ("../x", '"../x" leads above the folder that it begins in'),
                          ("none", "none does not exist")):
            tap.equal(f"{path} is refused",
                      server.call("hash-calculator", {"operation": "hash", "path": path}), (why, True))
        tap.equal("the server ends well", server.end(), (0, "", ""))


main()
