"""Real media for the tests of the media tools, made by real programs, and parts of files made by hand."""

import os
import shutil
import signal
import struct
import subprocess
import zlib


def run(*command):
    """What the program wrote; an exception with its words if it failed."""
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, timeout=100)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


def ffmpeg(*arguments):
    return run("ffmpeg", "-nostdin", "-loglevel", "error", "-y", *arguments)


def missing(*programs):
    """The first program that is not there, or None."""
    return next((name for name in programs if not shutil.which(name)), None)


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows, depth=8, colour=2, more=b""):
    """A PNG of these rows (bytes each, without filter); colour 0 grey, 2 RGB, 6 RGBA."""
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    return (b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + more + png_chunk(b"IDAT", data)
            + png_chunk(b"IEND", b""))


def exif(make="Canon", orientation=1, latitude=(48, 51, 29)):
    """The body of an EXIF block: a maker, an orientation, an exposure date and a place."""
    def entry(tag, kind, count, value):
        return struct.pack("<HHI", tag, kind, count) + value

    def word(value):
        return struct.pack("<I", value)

    maker = make.encode() + b"\0"
    date = b"2024:05:06 07:08:09\0"
    place = b"".join(struct.pack("<II", part, 1) for part in latitude)
    first = 8 + 2 + 4 * 12 + 4
    inner = first + len(maker)
    gps = inner + 2 + 12 + 4 + len(date)
    ifd0 = struct.pack("<H", 4) + entry(0x10F, 2, len(maker), word(first)) \
        + entry(0x112, 3, 1, struct.pack("<HH", orientation, 0)) \
        + entry(0x8769, 4, 1, word(inner)) + entry(0x8825, 4, 1, word(gps)) + word(0)
    exif_ifd = struct.pack("<H", 1) + entry(0x9003, 2, len(date), word(inner + 18)) + word(0) + date
    gps_ifd = struct.pack("<H", 2) + entry(1, 2, 2, b"N\0\0\0") \
        + entry(2, 5, 3, word(gps + 2 + 24 + 4)) + word(0) + place
    return b"II*\0" + word(8) + ifd0 + maker + exif_ifd + gps_ifd


def with_exif(jpeg, block):
    """The JPEG file with this EXIF block in place of its own."""
    rest = jpeg[2:]
    while rest[:2] in (b"\xff\xe0", b"\xff\xe1"):
        rest = rest[2 + struct.unpack(">H", rest[2:4])[0]:]
    body = b"Exif\0\0" + block
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + rest


def helpers(server):
    """The processes that the server has started for plugins."""
    with open(f"/proc/{server.process.pid}/task/{server.process.pid}/children", encoding="ascii") as file:
        return [int(pid) for pid in file.read().split()]


def crash(server):
    """Ends the helpers of the server as a damaged file would that finds a hole in a parser."""
    for pid in helpers(server):
        os.kill(pid, signal.SIGSEGV)
