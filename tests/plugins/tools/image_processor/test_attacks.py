"""Pictures and paths that are meant to do harm to image-processor, and grants that it has not."""

import json
import os
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import media  # noqa: E402
from library import CLAIM, Library, Tap  # noqa: E402

TOOL = "image-processor"
SECRET = "not for anybody"


def test_paths(tap, lib):
    outside = os.path.join(os.path.dirname(lib.folder), "outside.png")
    with open(outside, "wb") as file:
        file.write(media.png(2, 2, [b"\0" * 6] * 2))
    lib.put("inside.png", media.png(2, 2, [b"\0" * 6] * 2))
    os.symlink(outside, lib.path("link.png"))
    above = '"../outside.png" leads above the folder that it begins in'
    other = f"{outside} is in no granted folder; granted: {lib.folder}"
    out = f"link.png leads out of the granted folder {lib.folder} through a link; links are followed inside of it only"
    for name, path, read, write in (("up and out", "../outside.png", above, above),
                                    ("absolute", outside, other, other),
                                    ("by a link", "link.png", out, "link.png is a symbolic link; give the path of a file")):
        tap.equal(f"read {name}", lib.fails(TOOL, path=path), read)
        tap.equal(f"write {name}",
                  lib.fails(TOOL, operation="rotate", path="inside.png", target_path=path, overwrite=True), write)
    with open(outside, "rb") as file:
        tap.equal("what is outside is as before", file.read(), lib.get("inside.png"))
    os.unlink(lib.path("link.png"))


def test_refused(tap, program):
    with Library(program, write=False) as lib:
        lib.put("a.png", media.png(2, 2, [b"\0" * 6] * 2))
        for operation in ("resize", "convert", "crop", "rotate", "thumbnail"):
            tap.equal(f"{operation} into a folder that is only read",
                      lib.fails(TOOL, operation=operation, path="a.png", target_path="b.png", width=1, height=1),
                      f"b.png may be read but not changed: {lib.folder} is granted for reading. --allow-write or grants.write "
                      "grants more")
        tap.equal("and is read", lib.call(TOOL, path="a.png")["width"], 2)
    with Library(program, {"grants": {"write": []}}) as lib:
        path = lib.put("a.png", b"x")
        for operation in ("detect", "metadata", "resize", "convert", "crop", "rotate", "thumbnail"):
            tap.equal(f"{operation} without a folder",
                      lib.fails(TOOL, operation=operation, path=path, width=1, height=1, target_format="png"),
                      "no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or --allow-write "
                      "FOLDER, or set grants.read or grants.write in its configuration")


def test_other_languages(tap, lib):
    """Formats that name other files: libvips has readers for them, which must not be reached."""
    secret = lib.put("secret.txt", SECRET)
    files = {
        "svg.png": f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="file://{secret}"/></svg>',
        "mvg.png": f"push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 'label:@{secret}'\npop graphic-context\n",
        "pdf.png": "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n",
        "ppm.png": "P3 1 1 255 0 0 0\n",
        "csv.png": "1,2,3\n",
    }
    for name, text in files.items():
        lib.put(name, text)
        tap.equal(f"{name} is no picture", lib.fails(TOOL, operation="convert", path=name, target_format="png"),
                  f"{name} is no picture in a format that is known here, by its first bytes; give a PNG, JPEG, GIF, "
                  "WebP, TIFF, AVIF or HEIC file")


def test_bombs(tap, lib):
    rows = [b"\0" * 100]
    flat = media.png(1, 1, rows)
    wide = flat[:16] + struct.pack(">II", 60000, 60000) + flat[24:29]
    wide = media.png(1, 1, rows).replace(flat[8:33], media.png_chunk(b"IHDR", wide[16:29]))
    lib.put("bomb.png", wide)
    for operation in ("metadata", "thumbnail"):
        tap.equal(f"{operation} of a PNG that says 60000 x 60000", lib.fails(TOOL, operation=operation, path="bomb.png"),
                  "bomb.png has 60000 x 60000 pixels, but at most 10000 x 10000 are taken; give a smaller picture")
    media.run("vips", "black", lib.path("b.v"), 20000, 100)
    media.run("vips", "copy", lib.path("b.v"), lib.path("wide.jpg"))
    tap.equal("a JPEG that is really wide", lib.fails(TOOL, path="wide.jpg"),
              "wide.jpg has 20000 x 100 pixels, but at most 10000 x 10000 are taken; give a smaller picture")
    with open(lib.path("long.png"), "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.truncate(101 * 1024 * 1024)
    tap.equal("a file that is too long", lib.fails(TOOL, operation="detect", path="long.png"),
              "long.png has more than 104857600 bytes, the most that is taken; give a smaller file")
    line = b"\0" * (10000 * 8)
    lib.put("deep.png", media.png(10000, 10000, [line] * 10000, depth=16, colour=6))
    tap.equal("the largest picture of 16 bits is turned in memory",
              lib.call(TOOL, operation="rotate", path="deep.png", target_path="deep-turned.png", level=1)["width"], 10000)
    tap.equal("and the server is well", lib.call(TOOL, operation="detect", path="deep.png")["format"], "png")


def test_crash(tap, lib):
    media.run("vips", "gaussnoise", lib.path("n.v"), 3000, 3000)
    media.run("vips", "copy", lib.path("n.v"), lib.path("noise.jpg") + "[Q=100]")

    def kill():
        time.sleep(0.4)
        media.crash(lib.server)

    killer = threading.Thread(target=kill)
    killer.start()
    said = lib.fails(TOOL, operation="convert", path="noise.jpg", target_path="noise.png", level=9)
    killer.join()
    tap.check("a crash of the reader is told", "hexmcp.image-processor crashed with signal 11" in said, said)
    tap.check("half a file is not left behind", not os.path.exists(lib.path("noise.png")))
    tap.equal("the next call works", lib.call(TOOL, path="noise.jpg")["width"], 3000)


def test_cancel(tap, lib):
    ident = lib.server.start("tools/call", {"name": TOOL, "arguments": {
        "operation": "convert", "path": "noise.jpg", "target_path": "cancelled.png", "level": 9}, "_meta": CLAIM})
    time.sleep(0.3)
    lib.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled",
                                "params": {"requestId": ident}}))
    tap.equal("after a cancelled call the next one works", lib.call(TOOL, path="noise.jpg")["width"], 3000)
    tap.check("and nothing was written", not os.path.exists(lib.path("cancelled.png")))


def main():
    with Tap() as tap:
        lost = media.missing("vips")
        if lost:
            tap.skip("attacks on image-processor", f"the program {lost} is not installed")
            return
        test_refused(tap, sys.argv[1])
        with Library(sys.argv[1]) as lib:
            for test in (test_paths, test_other_languages, test_bombs, test_crash, test_cancel):
                test(tap, lib)


main()
