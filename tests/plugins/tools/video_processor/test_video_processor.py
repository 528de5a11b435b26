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
    tap.equal("by the old name of the argument", lib.call(TOOL, file_path="colours.mp4")["path"], "colours.mp4")
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


def coloured(lib, name, colour, space, codec=("-c:v", "libx264"), pixels="yuv420p", size="64x64", full=False):
    """A film of one colour, whose numbers have the meaning of `space`."""
    media.ffmpeg("-f", "lavfi", "-i", f"color={colour}:s={size}:d=0.4:r=10", "-vf",
                 f"scale=out_color_matrix={space}:out_range={'pc' if full else 'tv'},format={pixels}", *codec, "-colorspace",
                 "bt2020nc" if space == "bt2020" else space, "-color_range", "pc" if full else "tv", lib.path(name))


def shown(lib, name, x=32, y=32, **more):
    lib.call(TOOL, operation="extract_frame", path=name, target_path="shown.png", overwrite=True, **more)
    return point(lib.path("shown.png"), x, y)


def close(got, wanted, most=4):
    return all(abs(a - b) <= most for a, b in zip(got, wanted))


def test_colours(tap, lib):
    wanted = (200, 60, 20)
    for name, space, more in (("hd.mp4", "bt709", {}), ("sd.mp4", "smpte170m", {}), ("full.mp4", "bt709", {"full": True}),
                              ("ten.mkv", "bt709", {"pixels": "yuv420p10le", "codec": ("-c:v", "libx265", "-x265-params",
                                                                                       "log-level=none")}),
                              ("fields.mkv", "bt709", {"pixels": "yuv444p", "codec": ("-c:v", "ffv1")})):
        coloured(lib, name, "0xc83c14", space, **more)
        got = shown(lib, name)
        tap.check(f"colours of {name}", close(got, wanted), f"{got}, not {wanted}")
    media.ffmpeg("-f", "lavfi", "-i", "color=0xc83c14:s=1280x720:d=0.2:r=10", "-vf", "scale=out_color_matrix=bt709,format=yuv420p",
                 "-c:v", "libx264", lib.path("untold.mp4"))
    got = shown(lib, "untold.mp4")
    tap.check("a large film that does not say is taken for HD", close(got, wanted), got)
    ten = lib.call(TOOL, path="ten.mkv")
    tap.equal("ten bits are told", (ten["bits"], "hdr" in ten, ten["streams"][0]["pixel_format"]), (10, False, "yuv420p10le"))


def hdr(lib, name, grey, transfer):
    """A film of one grey, as a code of 0 to 1, that says that it is HDR."""
    level = 64 + round(grey * 876)
    media.ffmpeg("-f", "lavfi", "-i", "color=black:s=64x64:d=0.4:r=10", "-vf",
                 f"format=yuv420p10le,lutyuv=y={level}:u=512:v=512", "-c:v", "libx265", "-x265-params",
                 f"log-level=none:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc", lib.path(name))


def test_hdr(tap, lib):
    # What 203 candelas have as a code: PQ 0.581, HLG 0.75, see BT.2408.
    for kind, transfer, white in (("pq", "smpte2084", 0.581), ("hlg", "arib-std-b67", 0.75)):
        greys = []
        for grey in (0, white / 2, white, 1):
            hdr(lib, "hdr.mp4", grey, transfer)
            greys.append(shown(lib, "hdr.mp4"))
        tap.check(f"{kind}: grey stays grey", all(max(grey) - min(grey) <= 3 for grey in greys), greys)
        levels = [grey[0] for grey in greys]
        tap.check(f"{kind}: black, less than half, white, and the brightest is brighter",
                  levels[0] <= 1 and 20 < levels[1] < 130 and 230 <= levels[2] <= 245 and levels[3] > levels[2], levels)
        tap.equal(f"{kind} is told", [lib.call(TOOL, path="hdr.mp4").get(key) for key in ("hdr", "bits")], [kind, 10])
    thumb = lib.call(TOOL, operation="thumbnail", path="hdr.mp4", max_width=32, max_height=32, target_path="hdr.jpg")
    tap.equal("and a thumbnail of it", (thumb["width"], size(lib.path("hdr.jpg"))), (32, (32, 32)))


def test_rotation(tap, lib):
    for turned in (90, 180, 270):
        media.ffmpeg("-i", lib.path("lying.mp4"), "-c", "copy", "-metadata:s:v", f"rotate={turned}", lib.path("turned.mp4"))
        media.ffmpeg("-i", lib.path("turned.mp4"), "-frames:v", "1", lib.path("oracle.png"))
        lib.call(TOOL, operation="extract_frame", path="turned.mp4", target_path="turned.png", overwrite=True)
        width, height = size(lib.path("oracle.png"))
        places = ((5, 5), (width - 6, 5), (5, height - 6), (width - 6, height - 6))
        tap.check(f"turned by {turned} degrees", size(lib.path("turned.png")) == (width, height) and all(
            near(point(lib.path("oracle.png"), *at), point(lib.path("turned.png"), *at)) for at in places))
        tap.check(f"and {turned} is told", lib.call(TOOL, path="turned.mp4")["rotation"] in (turned, 360 - turned))


def test_times(tap, lib):
    # Pictures at 0, 0.1, ... 0.9 s, then at 1, 2 and 3 s: each has its own grey.
    media.ffmpeg("-f", "lavfi", "-i", "color=black:s=64x64:r=10:d=1.3", "-vf",
                 "geq=lum='16+N*16':cb=128:cr=128,setpts='if(lt(N,10),N*0.1,N-9)/TB'", "-vsync", "vfr", "-c:v", "libx264", "-qp", "0",
                 "-pix_fmt", "yuv420p", "-bf", "2", lib.path("varying.mp4"))
    media.ffmpeg("-i", lib.path("varying.mp4"), "-c", "copy", lib.path("varying.mkv"))
    for name in ("varying.mp4", "varying.mkv"):
        for asked, its_own, number in ((0, 0, 0), (0.55, 0.5, 5), (1.9, 1, 10), (2.0, 2, 11), (3.05, 3, 12)):
            result = lib.call(TOOL, operation="extract_frame", path=name, timestamp_seconds=asked, target_path="at.png",
                              overwrite=True)
            grey = point(lib.path("at.png"), 32, 32)[0]
            tap.check(f"{name} at {asked} s is the picture of {its_own} s",
                      abs(result["timestamp_seconds"] - its_own) < 0.002 and abs(grey - number * 16 * 255 / 219) < 4,
                      f"{result['timestamp_seconds']} {grey}")
        tap.equal(f"{name}: that distances vary is told", lib.call(TOOL, path=name)["variable_frame_rate"], True)
    tap.equal("and that they do not", lib.call(TOOL, path="colours.mp4")["variable_frame_rate"], False)


def test_cover_and_cut(tap, lib):
    lib.put("red.png", media.png(50, 40, [b"\xff\0\0" * 50] * 40))
    media.ffmpeg("-f", "lavfi", "-i", "sine=d=5", "-i", lib.path("red.png"), "-map", "0", "-map", "1", "-c:a", "aac", "-c:v", "copy",
                 "-disposition:v", "attached_pic", lib.path("cover.m4a"))
    result = lib.call(TOOL, path="cover.m4a")
    tap.equal("a cover", ("fps" in result, [stream.get("cover") for stream in result["streams"]], result["duration_s"] > 4.9),
              (False, [None, True], True))
    tap.check("is what is seen at any time", all(near(shown(lib, "cover.m4a", 20, 20, timestamp_seconds=at), (255, 0, 0))
                                                for at in (0, 3)))
    media.ffmpeg(*COLOURS, "-c:v", "libx264", "-g", "5", "-pix_fmt", "yuv420p", "-an", "-movflags", "+faststart", lib.path("fast.mp4"))
    media.ffmpeg(*COLOURS, "-c:v", "libx264", "-g", "5", "-pix_fmt", "yuv420p", "-an", lib.path("slow.mkv"))
    for whole, kept in (("fast.mp4", 0.8), ("slow.mkv", 0.6)):
        data = lib.get(whole)
        lib.put("cut-" + whole, data[:int(len(data) * kept)])
        tap.equal(f"the beginning of {whole} has its metadata", lib.call(TOOL, path="cut-" + whole)["width"], 160)
        tap.check(f"the beginning of {whole} is seen", near(shown(lib, "cut-" + whole, 80, 45), (255, 0, 0)))
        said = lib.fails(TOOL, operation="extract_frame", path="cut-" + whole, timestamp_seconds=2.9)
        tap.check(f"the end of {whole}: the last picture that is there, or a clear error", "crashed" not in said and
                  ("timestamp_seconds" in said or "it may be damaged or cut" in said), said[:200])


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
            for test in (test_detect, test_metadata, test_frame, test_colours, test_hdr, test_rotation, test_times,
                         test_cover_and_cut, test_thumbnail):
                test(tap, lib)


main()
