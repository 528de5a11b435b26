"""Videos and paths that are meant to do harm to video-processor, and grants that it has not."""

import json
import os
import struct
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from library import CLAIM, Library, Tap  # noqa: E402
import media  # noqa: E402

TOOL = "video-processor"
OPERATIONS = ("detect", "metadata", "thumbnail", "extract_frame")


def still_works(tap, lib, after):
    tap.equal(f"after {after} the tool works", lib.call(TOOL, path="good.mp4")["width"], 160)


def test_paths(tap, lib):
    outside = os.path.join(os.path.dirname(lib.folder), "outside.mp4")
    with open(outside, "wb") as file:
        file.write(lib.get("good.mp4"))
    os.symlink(outside, lib.path("link.png"))
    above = '"../outside.mp4" leads above the folder that it begins in'
    other = f"{outside} is in no granted folder; granted: {lib.folder}"
    out = f"link.png leads out of the granted folder {lib.folder} through a link; links are followed inside of it only"
    for name, path, said in (("up and out", "../outside.mp4", above), ("absolute", outside, other), ("by a link", "link.png", out)):
        for operation in OPERATIONS:
            tap.equal(f"{operation} {name}", lib.fails(TOOL, operation=operation, path=path), said)
    for name, path, said in (("up and out", "../outside.png", above.replace("mp4", "png")),
                             ("absolute", outside[:-3] + "png", other.replace("mp4", "png", 1)),
                             ("by a link", "link.png", "link.png is a symbolic link; give the path of a file")):
        for operation in ("thumbnail", "extract_frame"):
            tap.equal(f"{operation} to a target {name}",
                      lib.fails(TOOL, operation=operation, path="good.mp4", target_path=path, overwrite=True), said)
    with open(outside, "rb") as file:
        tap.equal("what is outside is as before", file.read(), lib.get("good.mp4"))


def test_refused(tap, program, good):
    with Library(program, write=False) as lib:
        lib.put("good.mp4", good)
        tap.equal("a folder that is only read is not written to",
                  lib.fails(TOOL, operation="thumbnail", path="good.mp4", target_path="b.png"),
                  f"b.png may be read but not changed: {lib.folder} is granted for reading. --allow-write or grants.write "
                  "grants more")
        still_works(tap, lib, "that")
    with Library(program, {"grants": {"write": []}}) as lib:
        path = lib.put("good.mp4", good)
        for operation in OPERATIONS:
            tap.equal(f"{operation} without a folder", lib.fails(TOOL, operation=operation, path=path),
                      "no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or --allow-write "
                      "FOLDER, or set grants.read or grants.write in its configuration")


def elsewhere(film, path):
    """The film with its data said to be in the file at `path`, by an alias as QuickTime writes them."""
    place = path.encode() + b"\0" * (len(path) % 2)
    alias = (b"alis" + b"\0" * 4 + b"\0" * 10 + bytes([4]) + b"disk".ljust(27, b"\0") + b"\0" * 12 + bytes([7])
             + b"own.mov".ljust(63, b"\0") + b"\0" * 16 + struct.pack(">HH", 1, 1) + b"\0" * 16
             + struct.pack(">HH", 2, len(path)) + place + b"\xff\xff\0\0")
    entry = film.index(b"url \0\0\0\1") - 4
    new = struct.pack(">I", len(alias) + 4) + alias
    more = len(new) - 12
    data = bytearray(film[:entry] + new + film[entry + 12:])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        at = data.rindex(name, 0, entry + 4) - 4  # the one that holds it is the last before it
        data[at:at + 4] = struct.pack(">I", struct.unpack(">I", data[at:at + 4])[0] + more)
    return bytes(data)


def test_other_files(tap, lib):
    """Lists that name other files, and a film whose data is said to be in another one."""
    other = lib.path("good.mp4")
    unknown = (" is no video in a format that is known here, by its first bytes; give an MP4, MOV, MKV, WebM or AVI file")
    for name, text in (("list.mp4", f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{other}\n#EXT-X-ENDLIST\n"),
                       ("concat.mp4", f"ffconcat version 1.0\nfile '{other}'\n"),
                       ("dash.mp4", f'<?xml version="1.0"?><MPD><BaseURL>file://{other}</BaseURL></MPD>'),
                       ("sdp.mov", "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n")):
        lib.put(name, text)
        for operation in ("metadata", "thumbnail"):
            tap.equal(f"{operation} of {name}", lib.fails(TOOL, operation=operation, path=name), name + unknown)
    media.ffmpeg("-f", "lavfi", "-i", "color=red:s=32x32:d=0.2", "-c:v", "mpeg4", lib.path("own.mov"))
    lib.put("elsewhere.mov", elsewhere(lib.get("own.mov"), lib.path("own.mov")))
    tap.equal("a film that is elsewhere is not fetched", lib.fails(TOOL, operation="extract_frame", path="elsewhere.mov"),
              "elsewhere.mov cannot be decoded: Invalid data found when processing input; it may be damaged or cut")
    lib.put("hidden.mp4", b"\0\0\0\x14ftypisom\0\0\0\0isom" + f"#EXTM3U\nfile://{other}\n".encode())
    said = lib.fails(TOOL, path="hidden.mp4")
    tap.check("a list behind the head of an MP4 is no list", said.startswith("hidden.mp4 cannot be read: "), said)


def avi_of(lib, width, height):
    """A film of Motion JPEG that says to be of this size, in its head and in its pictures."""
    media.ffmpeg("-f", "lavfi", "-i", "color=red:s=64x48:d=0.1", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", lib.path("small.avi"))
    data = bytearray(lib.get("small.avi"))
    at = data.index(b"strf") + 8
    data[at + 4:at + 12] = struct.pack("<ii", width, height)
    at = 0
    while (at := data.find(b"\xff\xc0", at)) >= 0:
        data[at + 5:at + 9] = struct.pack(">HH", height & 0xffff, width & 0xffff)
        at += 9
    return bytes(data)


def test_bombs(tap, lib):
    lib.put("bomb.avi", avi_of(lib, 65500, 65500))
    for operation in ("metadata", "thumbnail", "extract_frame"):
        said = lib.fails(TOOL, operation=operation, path="bomb.avi", target_path=None)
        tap.check(f"{operation} of a film of 65500 x 65500: a result or an error", "crashed" not in said and "ended" not in said, said)
    tap.check("it is not decoded", lib.fails(TOOL, operation="extract_frame", path="bomb.avi").startswith(
        ("bomb.avi cannot be ", "the pictures of bomb.avi have 65500 x 65500 pixels")),
              lib.fails(TOOL, operation="extract_frame", path="bomb.avi"))
    good = lib.get("good.mp4")
    for name, data in (("half", good[:len(good) // 2]), ("ones", good[:40] + b"\xff" * 5000),
                       ("a box of nothing", b"\0\0\0\x14ftypisom\0\0\0\0isom" + b"\0\0\0\0moov" * 10),
                       ("boxes in boxes", b"\0\0\0\x14ftypisom\0\0\0\0isom" + b"".join(
                           struct.pack(">I", 80000 - 8 * n) + b"moov" for n in range(9000))),
                       ("matroska of zeros", b"\x1a\x45\xdf\xa3" + b"\0" * 5000),
                       ("matroska of ones", b"\x1a\x45\xdf\xa3" + b"\xff" * 5000),
                       ("avi of nothing", b"RIFF\xff\xff\xff\xffAVI LIST\xff\xff\xff\xff")):
        lib.put("broken", data)
        said = [lib.fails(TOOL, operation=operation, path="broken") for operation in ("metadata", "thumbnail")]
        tap.check(f"{name}: results or errors, no crash", not any("crashed" in text or "ended its" in text for text in said), said)
    with open(lib.path("long.mp4"), "wb") as file:
        file.write(good)
        file.truncate(1024 * 1024 * 1024 + 1)
    tap.equal("a file that is too long", lib.fails(TOOL, path="long.mp4"),
              "long.mp4 has more than 1073741824 bytes, the most that is taken; give a smaller file")
    os.unlink(lib.path("long.mp4"))
    media.ffmpeg("-f", "lavfi", "-i", "testsrc=s=64x48:d=0.2", "-c:v", "cinepak", lib.path("rare.avi"))
    tap.equal("a decoder that is not wanted", lib.fails(TOOL, operation="thumbnail", path="rare.avi"),
              "the pictures of rare.avi are coded as cinepak, which is not decoded here; convert it to h264 elsewhere")
    still_works(tap, lib, "broken files")


def test_large_pictures(tap, lib):
    media.ffmpeg("-f", "lavfi", "-i", "color=red:s=8208x8192:d=0.1:r=10", "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", lib.path("large.avi"))
    tap.equal("a film that says that it is too large", lib.fails(TOOL, operation="thumbnail", path="large.avi"),
              "the pictures of large.avi have 8208 x 8192 pixels, but at most 67108864 are decoded; give a smaller video")
    data = bytearray(lib.get("large.avi"))
    at = data.index(b"strf") + 8
    data[at + 4:at + 12] = struct.pack("<ii", 64, 64)
    lib.put("lies.avi", bytes(data))
    said = lib.fails(TOOL, operation="thumbnail", path="lies.avi")
    tap.check("one that says less", said.startswith("lies.avi cannot be decoded: ") or said.startswith(
        "the pictures of lies.avi have 8208 x 8192 pixels"), said)
    still_works(tap, lib, "large pictures")


def test_crash_and_cancel(tap, lib):
    # One key picture alone, at the beginning: the last is found by decoding all.
    media.ffmpeg("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=30:d=60", "-c:v", "libx264", "-preset", "ultrafast", "-g", "100000",
                 "-sc_threshold", "0", "-pix_fmt", "yuv420p", lib.path("long.mkv"))

    def kill():
        time.sleep(0.4)
        media.crash(lib.server)

    killer = threading.Thread(target=kill)
    killer.start()
    said = lib.fails(TOOL, operation="thumbnail", path="long.mkv", timestamp_seconds=59.5, target_path="crash.png")
    killer.join()
    tap.check("a crash of the reader is told", "hexmcp.video-processor crashed with signal 11" in said, said)
    tap.check("and nothing is written", not os.path.exists(lib.path("crash.png")))
    still_works(tap, lib, "a crash")
    ident = lib.server.start("tools/call", {"name": TOOL, "arguments": {
        "operation": "thumbnail", "path": "long.mkv", "timestamp_seconds": 59.5, "target_path": "cancelled.png"}, "_meta": CLAIM})
    time.sleep(0.3)
    lib.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": ident}}))
    still_works(tap, lib, "a cancelled call")
    lib.call(TOOL, operation="thumbnail", path="long.mkv", timestamp_seconds=59.5, target_path="last.png")
    tap.check("long work tells that it goes on", any("looking" in report.get("message", "") for report in lib.progress), lib.progress)
    tap.check("the cancelled one wrote nothing", not os.path.exists(lib.path("cancelled.png")))


def main():
    with Tap() as tap:
        lost = media.missing("ffmpeg")
        if lost:
            tap.skip("attacks on video-processor", f"the program {lost} is not installed")
            return
        with Library(sys.argv[1]) as lib:
            media.ffmpeg("-f", "lavfi", "-i", "testsrc=s=160x90:d=1", "-c:v", "libx264", "-pix_fmt", "yuv420p",
                         lib.path("good.mp4"))
            for test in (test_paths, test_other_files, test_bombs, test_large_pictures, test_crash_and_cancel):
                test(tap, lib)
            test_refused(tap, sys.argv[1], lib.get("good.mp4"))


main()
