"""video-processor on videos that FFmpeg made; vips looks at the pictures."""

import base64
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from library import Library, Tap  # noqa: E402
import media  # noqa: E402

TOOL = "video-processor"
# One second each of red, green and blue, 160 x 90 at 10 pictures a second, with a tone.
COLOURS = ("-f", "lavfi", "-i",
           "color=red:s=160x90:r=10:d=1[a];color=0x00ff00:s=160x90:r=10:d=1[b];color=blue:s=160x90:r=10:d=1[c];"
           "[a][b][c]concat=n=3", "-f", "lavfi", "-i", "sine=d=3", "-shortest")
FILES = (("mp4", "mp4", "video/mp4", ("h264", "aac"), ("-c:v", "libx264", "-c:a", "aac", "-pix_fmt", "yuv420p", "-bf", "2")),
         ("mov", "mov", "video/quicktime", ("mpeg4", "aac"), ("-c:v", "mpeg4", "-c:a", "aac")),
         ("mkv", "mkv", "video/x-matroska", ("hevc", "flac"), ("-c:v", "libx265", "-x265-params", "log-level=none", "-c:a", "flac")),
         ("webm", "webm", "video/webm", ("vp9", "opus"), ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libopus")),
         ("avi", "avi", "video/x-msvideo", ("mjpeg", "mp3"), ("-c:v", "mjpeg", "-pix_fmt", "yuvj420p")))


def size(path):
    return tuple(int(media.run("vipsheader", "-f", side, path)) for side in ("width", "height"))


def point(path, x, y):
    return [int(float(value)) for value in media.run("vips", "getpoint", path, x, y).split()]


def near(got, wanted):
    return all(abs(a - b) < 40 for a, b in zip(got, wanted))


def make(lib):
    for end, _, _, _, codec in FILES:
        media.ffmpeg(*COLOURS, *codec, "-metadata", "title=Colours", lib.path("colours." + end))
    # The left half is red: turned by 90 degrees clockwise it is the upper half.
    media.ffmpeg("-f", "lavfi", "-i", "color=blue:s=160x90:d=1,drawbox=0:0:80:90:red:fill", "-c:v", "libx264", "-pix_fmt",
                 "yuv420p", lib.path("lying.mp4"))
    media.ffmpeg("-i", lib.path("lying.mp4"), "-c", "copy", "-metadata:s:v", "rotate=270", lib.path("standing.mp4"))
    media.ffmpeg("-f", "lavfi", "-i", "color=red:s=180x144:d=1,setsar=16/11", "-c:v", "libx264", "-pix_fmt", "yuv420p",
                 lib.path("wide.mp4"))
    media.ffmpeg("-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", lib.path("tone.m4a"))
    media.ffmpeg("-f", "lavfi", "-i", "color=red:s=16x16:d=0.2", "-c:v", "libx264", "-pix_fmt", "yuv420p", "-movflags",
                 "use_metadata_tags", "-metadata", "location=+48.8577+002.295/", lib.path("place.mp4"))
    lib.put("notes.txt", "no video\n")
    lib.put("empty.mp4", b"")
    lib.put("other.avi", lib.get("colours.mkv"))
    lib.put("cut.mp4", lib.get("colours.mp4")[:2000])


def test_detect(tap, lib):
    for end, name, mime, _, _ in FILES:
        result = lib.call(TOOL, operation="detect", path="colours." + end)
        tap.equal(f"detect {end}", (result["format"], result["mime_type"], result["name_fits"]), (name, mime, True))
    tap.equal("detect by the content", lib.call(TOOL, operation="detect", path="other.avi"),
              {"operation": "detect", "path": "other.avi", "format": "mkv", "mime_type": "video/x-matroska",
               "size": len(lib.get("other.avi")), "name_fits": False})
    tap.equal("detect of a text", lib.fails(TOOL, operation="detect", path="notes.txt"),
              "notes.txt is no video in a format that is known here, by its first bytes; give an MP4, MOV, MKV, WebM or AVI file")
    tap.equal("of nothing", lib.fails(TOOL, path="empty.mp4"), "empty.mp4 is empty; give a video file")
    tap.equal("detect writes nothing", lib.fails(TOOL, operation="detect", path="colours.mp4", target_path="x.png"),
              "detect writes nothing; leave target_path out, or take thumbnail or extract_frame")


def test_metadata(tap, lib):
    for end, name, _, codecs, _ in FILES:
        result = lib.call(TOOL, path="colours." + end)
        tap.equal(f"metadata of {end}",
                  [result[key] for key in ("format", "width", "height", "aspect", "resolution", "fps", "rotation")]
                  + [2.9 < result["duration_s"] < 3.2, tuple(result["codecs"]), result["stream_count"]],
                  [name, 160, 90, "16:9", "below 240p", 10, 0, True, codecs, 2])
    result = lib.call(TOOL, path="colours.mp4")
    tap.equal("its streams", [(s["type"], s["codec"], s.get("pixel_format"), s.get("channels")) for s in result["streams"]],
              [("video", "h264", "yuv420p", None), ("audio", "aac", None, 1)])
    tap.equal("its title", (result["tags"].get("title"), result["has_location"]), ("Colours", False))
    place = lib.call(TOOL, path="place.mp4")
    tap.equal("that there is a place is told", place["has_location"], True)
    tap.check("where it is, is not", "48.8577" not in str(place), place)
    standing = lib.call(TOOL, path="standing.mp4")
    tap.equal("as a person sees it", (standing["width"], standing["height"], standing["aspect"]), (90, 160, "9:16"))
    tap.equal("pixels that are not square", (lib.call(TOOL, path="wide.mp4")["width"]), 262)
    sound = lib.call(TOOL, path="tone.m4a")
    tap.equal("sound alone", (sound["format"], "width" in sound, sound["codecs"]), ("m4a", False, ["aac"]))
    tap.equal("the beginning alone", lib.fails(TOOL, path="cut.mp4")[:25], "cut.mp4 cannot be read: I")
    tap.equal("without a path", lib.fails(TOOL), "there is no video to work on; give path")
    tap.equal("two paths", lib.fails(TOOL, path="a", source_path="b"), "path and source_path differ; give one of them")


def test_frame(tap, lib):
    for end, *_ in FILES:
        for second, colour in ((0, (255, 0, 0)), (1.55, (0, 255, 0)), (2.9, (0, 0, 255))):
            name = f"{end}-{second}.png"
            result = lib.call(TOOL, operation="extract_frame", path="colours." + end, timestamp_seconds=second, target_path=name)
            tap.check(f"{end} at {second} s", size(lib.path(name)) == (160, 90) and near(point(lib.path(name), 80, 45), colour),
                      f"{result} {point(lib.path(name), 80, 45)}")
            tap.check(f"{end} at {second} s: its own time", second - 0.11 < result["timestamp_seconds"] <= second + 0.01, result)
    lib.call(TOOL, operation="extract_frame", path="standing.mp4", target_path="standing.png")
    lib.call(TOOL, operation="extract_frame", path="lying.mp4", target_path="lying.png")
    tap.equal("a video that is turned", (size(lib.path("standing.png")), size(lib.path("lying.png"))), ((90, 160), (160, 90)))
    oracle = lib.path("oracle.png")
    media.ffmpeg("-i", lib.path("standing.mp4"), "-frames:v", "1", oracle)
    tap.check("is turned as FFmpeg turns it",
              all(near(point(oracle, *at), point(lib.path("standing.png"), *at)) for at in ((45, 20), (45, 140))),
              [point(oracle, 45, 20), point(lib.path("standing.png"), 45, 20)])
    lib.call(TOOL, operation="extract_frame", path="wide.mp4", target_path="wide.png")
    tap.equal("square pixels", size(lib.path("wide.png")), (262, 144))
    tap.equal("behind the end", lib.fails(TOOL, operation="extract_frame", path="standing.mp4", timestamp_seconds=9),
              "timestamp_seconds is 9.000, but standing.mp4 lasts 1.000 s; give less")
    tap.equal("of sound", lib.fails(TOOL, operation="extract_frame", path="tone.m4a"),
              "tone.m4a has no pictures, only sound or text")
    tap.equal("into what", lib.fails(TOOL, operation="extract_frame", path="lying.mp4", target_path="x.gif"),
              "target_path must end in .png, .jpg or .jpeg")
    tap.equal("name and format differ",
              lib.fails(TOOL, operation="extract_frame", path="lying.mp4", target_path="x.jpg", target_format="png"),
              "target_path ends as a file of jpeg, but target_format is png; change one of them")
    tap.equal("what is there stays", lib.fails(TOOL, operation="extract_frame", path="lying.mp4", target_path="wide.png"),
              "wide.png exists already; give overwrite true to replace it, or another path")


def test_thumbnail(tap, lib):
    result = lib.result(TOOL, operation="thumbnail", path="colours.webm", timestamp_seconds=1.5, max_width=80, max_height=80)
    shape = result["structuredContent"]
    tap.equal("thumbnail", (shape["width"], shape["height"], shape["format"], shape["mime_type"]), (80, 45, "jpeg", "image/jpeg"))
    data = base64.b64decode(next(block["data"] for block in result["content"] if block["type"] == "image"))
    lib.put("shown.jpg", data)
    tap.check("it is shown at once", size(lib.path("shown.jpg")) == (80, 45) and near(point(lib.path("shown.jpg"), 40, 20), (0, 255, 0)),
              point(lib.path("shown.jpg"), 40, 20))
    content = lib.raw("resources/read", {"uri": shape["uri"]})["contents"][0]
    tap.equal("and a resource", base64.b64decode(content["blob"]), data)
    media.ffmpeg("-f", "lavfi", "-i", "testsrc=s=640x480:d=0.2", "-c:v", "libx264", "-pix_fmt", "yuv420p", lib.path("test.mp4"))
    low, high = (lib.call(TOOL, operation="thumbnail", path="test.mp4", target_path=f"{quality}.jpg", quality=quality)["size"]
                 for quality in (10, 95))
    tap.check("less quality is fewer bytes", low < high / 2, (low, high))
    tap.equal("never larger", [lib.call(TOOL, operation="thumbnail", path="colours.mp4")[side] for side in ("width", "height")],
              [160, 90])
    plan = lib.call(TOOL, operation="thumbnail", path="test.mp4", target_path="plan.png", dry_run=True)
    tap.equal("a dry run", (plan["width"], plan["height"], plan["format"], plan["dry_run"], os.path.exists(lib.path("plan.png"))),
              (480, 360, "png", True, False))
    tap.check("a size that is none", "max_width" in lib.fails(TOOL, operation="thumbnail", path="test.mp4", max_width=5))


def main():
    with Tap() as tap:
        lost = media.missing("ffmpeg", "vips", "vipsheader")
        if lost:
            tap.skip("video-processor", f"the program {lost} is not installed")
            return
        with Library(sys.argv[1]) as lib:
            make(lib)
            for test in (test_detect, test_metadata, test_frame, test_thumbnail):
                test(tap, lib)


main()
