"""Sounds and paths that are meant to do harm to audio-processor, and grants that it has not."""

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

TOOL = "audio-processor"


def wav(channels=1, rate=8000, bits=16, data=b"\0\0" * 8000, size=None, block=None):
    """A WAV file; what its head says can be untrue."""
    block = channels * bits // 8 if block is None else block
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate, rate * block & 0xffffffff, block & 0xffff, bits)
    body = head + b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body


GOOD = wav()


def still_works(tap, lib, after):
    tap.equal(f"after {after} the tool works", lib.call(TOOL, path="good.wav")["duration_s"], 1)


def test_paths(tap, lib):
    outside = os.path.join(os.path.dirname(lib.folder), "outside.wav")
    with open(outside, "wb") as file:
        file.write(GOOD)
    os.symlink(outside, lib.path("link.wav"))
    above = '"../outside.wav" leads above the folder that it begins in'
    other = f"{outside} is in no granted folder; granted: {lib.folder}"
    out = f"link.wav leads out of the granted folder {lib.folder} through a link; links are followed inside of it only"
    for name, path, read, write in (("up and out", "../outside.wav", above, above),
                                    ("absolute", outside, other, other),
                                    ("by a link", "link.wav", out, "link.wav is a symbolic link; give the path of a file")):
        for operation in ("detect", "metadata", "measure"):
            tap.equal(f"{operation} {name}", lib.fails(TOOL, operation=operation, path=path), read)
        tap.equal(f"convert {name}",
                  lib.fails(TOOL, operation="convert", path="good.wav", target_path=path, overwrite=True), write)
    with open(outside, "rb") as file:
        tap.equal("what is outside is as before", file.read(), GOOD)


def test_refused(tap, program):
    with Library(program, write=False) as lib:
        lib.put("good.wav", GOOD)
        tap.equal("a folder that is only read is not written to",
                  lib.fails(TOOL, operation="convert", path="good.wav", target_path="b.flac"),
                  f"b.flac may be read but not changed: {lib.folder} is granted for reading. --allow-write or grants.write "
                  "grants more")
        still_works(tap, lib, "that")
    with Library(program, {"grants": {"write": []}}) as lib:
        path = lib.put("good.wav", GOOD)
        for operation in ("detect", "metadata", "measure", "convert"):
            tap.equal(f"{operation} without a folder",
                      lib.fails(TOOL, operation=operation, path=path, target_format="flac"),
                      "no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or --allow-write "
                      "FOLDER, or set grants.read or grants.write in its configuration")


def test_other_languages(tap, lib):
    secret = lib.put("secret.wav", GOOD)
    for name, text in (("list.mp3", f"#EXTM3U\nfile://{secret}\n"), ("list.wav", f"ffconcat version 1.0\nfile {secret}\n"),
                       ("sheet.flac", f'FILE "{secret}" WAVE\n  TRACK 01 AUDIO\n    INDEX 01 00:00:00\n')):
        lib.put(name, text)
        said = lib.fails(TOOL, path=name)
        tap.check(f"{name}, which names another file, is no sound", said.startswith(f"{name} is no sound in a format"), said)
    lib.put("inside.wav", b"RIFF\0\0\0\0WAVE" + b"\0" * 100)
    said = lib.fails(TOOL, path="inside.wav")
    tap.check("a head alone", said.startswith("inside.wav cannot be read: "), said)


def test_lies(tap, lib):
    files = {
        "more data than there is": wav(size=0xfffffff0),
        "65535 channels": wav(channels=65535, block=0xfffe),
        "no channels": wav(channels=0),
        "no rate": wav(rate=0),
        "a rate of four thousand million": wav(rate=0xffffffff),
        "samples of 65535 bits": wav(bits=65535),
        "a block of nothing": wav(block=0),
        "half a FLAC": None,
        "an Ogg of zeros": b"OggS" + b"\0" * 5000,
        "an MP3 of ones": b"\xff\xfb\x90\x44" * 3000,
        "an ID3 tag of 256 MiB": b"ID3\4\0\0\x7f\x7f\x7f\x7f" + b"TIT2" * 100,
    }
    media.ffmpeg("-f", "lavfi", "-i", "sine=d=1", lib.path("good.flac"))
    files["half a FLAC"] = lib.get("good.flac")[:9000]
    for name, data in files.items():
        lib.put("lie", data)
        said = [lib.fails(TOOL, operation=operation, path="lie", target_path="lie.out" if operation == "convert" else None,
                          target_format="wav", overwrite=True) for operation in ("metadata", "measure", "convert")]
        tap.check(f"{name}: results or errors, no crash",
                  not any("crashed" in text or "ended" in text or "limit" in text for text in said), said)
    size = os.path.getsize(lib.path("lie.out")) if os.path.exists(lib.path("lie.out")) else 0
    tap.check("and no large results", size < 10 * 1024 * 1024, size)
    with open(lib.path("long.wav"), "wb") as file:
        file.write(GOOD)
        file.truncate(501 * 1024 * 1024)
    tap.equal("a file that is too long", lib.fails(TOOL, path="long.wav"),
              "long.wav has more than 524288000 bytes, the most that is taken; give a smaller file")
    still_works(tap, lib, "lies")


def test_inside(tap, lib):
    lib.put("crowd.wav", wav(channels=200, data=b"\0" * 400 * 10))
    for operation in ("metadata", "measure", "convert"):
        tap.equal(f"{operation} of 200 channels",
                  lib.fails(TOOL, operation=operation, path="crowd.wav", target_format="wav"),
                  "crowd.wav says that it has 200 channels at 8000 Hz; give an intact file")
    odd = struct.pack("<4f", float("nan"), float("inf"), float("-inf"), 0.5) * 4000
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 3, 1, 8000, 32000, 4, 32)
    body = head + b"data" + struct.pack("<I", len(odd)) + odd
    lib.put("odd.wav", b"RIFF" + struct.pack("<I", len(body) + 4) + b"WAVE" + body)
    measured = lib.call(TOOL, operation="measure", path="odd.wav")
    tap.equal("samples that are no numbers are silent", (measured["peak_dbfs"], measured["rms_dbfs"], measured["clipped_samples"]),
              (-6.02, -12.04, 0))
    for end in ("mp3", "ogg", "opus", "flac"):
        lib.call(TOOL, operation="convert", path="odd.wav", target_path="odd." + end, sample_rate=16000)
        loud = lib.call(TOOL, operation="measure", path="odd." + end)["peak_dbfs"]
        tap.check(f"and do {end} no harm", -12 < loud <= 0, loud)


def test_crash_and_cancel(tap, lib):
    media.ffmpeg("-f", "lavfi", "-i", "anoisesrc=d=600:r=44100:a=0.3", lib.path("noise.wav"))

    def kill():
        time.sleep(0.4)
        media.crash(lib.server)

    killer = threading.Thread(target=kill)
    killer.start()
    said = lib.fails(TOOL, operation="convert", path="noise.wav", target_path="crash.ogg")
    killer.join()
    tap.check("a crash of the reader is told", "hexmcp.audio-processor crashed with signal 11" in said, said)
    tap.check("half a file has not the name", not os.path.exists(lib.path("crash.ogg")))
    still_works(tap, lib, "a crash")
    for left in [name for name in os.listdir(lib.folder) if name.endswith(".tmp")]:
        os.unlink(lib.path(left))
    ident = lib.server.start("tools/call", {"name": TOOL, "arguments": {
        "operation": "convert", "path": "noise.wav", "target_path": "cancelled.ogg"}, "_meta": CLAIM})
    time.sleep(0.3)
    lib.server.send(json.dumps({"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": ident}}))
    still_works(tap, lib, "a cancelled call")
    for _ in range(100):
        left = [name for name in os.listdir(lib.folder) if name.endswith(".tmp") or name.startswith("cancelled")]
        if not left:
            break
        time.sleep(0.1)
    tap.equal("a cancelled call leaves nothing", left, [])


def main():
    with Tap() as tap:
        lost = media.missing("ffmpeg")
        if lost:
            tap.skip("attacks on audio-processor", f"the program {lost} is not installed")
            return
        test_refused(tap, sys.argv[1])
        with Library(sys.argv[1]) as lib:
            lib.put("good.wav", GOOD)
            for test in (test_paths, test_other_languages, test_lies, test_inside, test_crash_and_cancel):
                test(tap, lib)


main()
