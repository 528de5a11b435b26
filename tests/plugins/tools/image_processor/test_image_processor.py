"""image-processor on pictures that other programs made; vips and ffmpeg look at what it makes."""

import base64
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import media  # noqa: E402
from library import Library, Tap  # noqa: E402

TOOL = "image-processor"


def header(path, field):
    return media.run("vipsheader", "-f", field, path).decode().strip()


def size(path):
    return int(header(path, "width")), int(header(path, "height"))


def make(lib):
    """photo.jpg is stored lying, 160 x 100, and seen standing; gradient.png is 300 x 200."""
    rows = [b"".join(bytes((x * 255 // 299, y * 255 // 199, 90)) for x in range(300))
            for y in range(200)]
    lib.put("gradient.png", media.png(300, 200, rows))
    media.run("vips", "resize", lib.path("gradient.png"), lib.path("plain.jpg"), "0.5")
    with open(lib.path("plain.jpg"), "rb") as file:
        plain = file.read()
    lib.put("photo.jpg", media.with_exif(plain, media.exif(orientation=6)))
    lib.put("clear.png", media.png(4, 4, [b"\xff\0\0\0" * 4] * 4, colour=6))
    for end in ("webp", "tiff", "avif", "gif", "heic"):
        media.run("vips", "copy", lib.path("gradient.png"), lib.path("gradient." + end))
    media.ffmpeg("-f", "lavfi", "-i", "testsrc=size=80x60:rate=5:duration=1", lib.path("moving.gif"))
    lib.put("wrong-name.png", plain)
    lib.put("notes.txt", "no picture at all\n")
    lib.put("empty.png", b"")
    lib.put("cut.jpg", plain[:len(plain) // 2])


def test_detect(tap, lib):
    for end, name in (("png", "png"), ("webp", "webp"), ("tiff", "tiff"), ("avif", "avif"), ("gif", "gif"),
                      ("heic", "heic")):
        result = lib.call(TOOL, operation="detect", path="gradient." + end)
        tap.equal(f"detect {end}", (result["format"], result["mime_type"], result["name_fits"]),
                  (name, "image/" + name, True))
    tap.equal("detect tells the content from the name", lib.call(TOOL, operation="detect", path="wrong-name.png"),
              {"operation": "detect", "path": "wrong-name.png", "format": "jpeg", "mime_type": "image/jpeg",
               "size": len(lib.get("wrong-name.png")), "name_fits": False})
    tap.equal("detect needs no more than the first bytes",
              lib.call(TOOL, operation="detect", path="cut.jpg")["format"], "jpeg")
    tap.equal("detect of a text", lib.fails(TOOL, operation="detect", path="notes.txt"),
              "notes.txt is no picture in a format that is known here, by its first bytes; give a PNG, JPEG, "
              "GIF, WebP, TIFF, AVIF or HEIC file")
    tap.equal("detect of nothing", lib.fails(TOOL, operation="detect", path="empty.png"),
              "empty.png is empty; give a picture")
    tap.equal("detect writes nothing", lib.fails(TOOL, operation="detect", path="photo.jpg", target_path="x.png"),
              "detect writes nothing; leave target_path out, or take another operation")


def test_metadata(tap, lib):
    photo = lib.call(TOOL, path="photo.jpg")
    tap.equal("metadata is the operation without one", photo["operation"], "metadata")
    tap.equal("the sizes are those that a person sees", (photo["width"], photo["height"], photo["orientation"]),
              (100, 150, 6))
    tap.equal("colours", photo["colour"],
              {"space": "rgb", "channels": 3, "bits": 8, "alpha": False, "profile": False})
    tap.equal("EXIF", (photo["exif"].get("Make"), photo["exif"].get("DateTimeOriginal")),
              ("Canon", "2024:05:06 07:08:09"))
    tap.equal("that there is a place is told", photo["has_location"], True)
    tap.check("where it is, is not", not any(tag.startswith("GPS") for tag in photo["exif"]), photo["exif"])
    asked = lib.call(TOOL, path="photo.jpg", include_location=True)
    tap.check("unless asked", "48" in asked["exif"].get("GPSLatitude", ""), asked["exif"])
    tap.equal("of a file that is not turned", [lib.call(TOOL, path="gradient.avif")[k] for k in
                                               ("format", "width", "height", "pages", "orientation", "has_location")],
              ["avif", 300, 200, 1, 1, False])
    tap.equal("pages of an animation", lib.call(TOOL, path="moving.gif")["pages"], 5)
    tap.equal("alpha", lib.call(TOOL, path="clear.png")["colour"]["alpha"], True)
    tap.equal("a page that is not there", lib.fails(TOOL, path="moving.gif", page=9),
              "moving.gif cannot be read: gifload_buffer: bad page number; it may be damaged or cut, or page too high")
    tap.equal("a page where there are none", lib.fails(TOOL, path="gradient.png", page=2),
              "gradient.png has one picture; leave page out")
    tap.equal("without a path", lib.fails(TOOL), "there is no picture to work on; give path")
    tap.equal("two paths", lib.fails(TOOL, path="a.png", source_path="b.png"),
              "path and source_path differ; give one of them")
    tap.equal("source_path is path", lib.call(TOOL, source_path="gradient.png")["width"], 300)


def test_resize(tap, lib):
    result = lib.call(TOOL, operation="resize", path="gradient.png", width=150, target_path="half.png")
    tap.equal("resize by width", result,
              {"operation": "resize", "path": "gradient.png", "format": "png", "mime_type": "image/png",
               "width": 150, "height": 100, "source": {"format": "png", "width": 300, "height": 200, "pages": 1},
               "dry_run": False, "size": len(lib.get("half.png")), "target_path": "half.png"})
    tap.equal("the file has that size", size(lib.path("half.png")), (150, 100))
    lib.call(TOOL, operation="resize", path="gradient.png", width=90, height=90, target_path="box.jpg")
    tap.equal("resize into a box", size(lib.path("box.jpg")), (90, 60))
    lib.call(TOOL, operation="resize", path="gradient.png", width=20, height=90, maintain_aspect_ratio=False,
             target_path="exact.webp")
    tap.equal("resize to an exact size", size(lib.path("exact.webp")), (20, 90))
    lib.call(TOOL, operation="resize", path="photo.jpg", height=300, target_path="large.jpg")
    tap.equal("resize makes larger, and turns before", size(lib.path("large.jpg")), (200, 300))
    tap.equal("resize without a size", lib.fails(TOOL, operation="resize", path="gradient.png"),
              "resize needs width, height or both")
    tap.equal("one side alone is not exact",
              lib.fails(TOOL, operation="resize", path="gradient.png", width=5, maintain_aspect_ratio=False),
              "without maintain_aspect_ratio resize needs both width and height")
    tap.equal("a side that would become huge",
              lib.fails(TOOL, operation="resize", path="gradient.png", height=9000, target_path="huge.png"),
              "the result would have 13500 x 9000 pixels, but at most 10000 x 10000 are made; give a smaller "
              "width or height")
    tap.equal("what is there stays", lib.fails(TOOL, operation="resize", path="gradient.png", width=5,
                                               target_path="half.png"),
              "half.png exists already; give overwrite true to replace it, or another path")
    lib.call(TOOL, operation="resize", path="gradient.png", width=5, target_path="half.png", overwrite=True)
    tap.equal("unless overwrite is given", size(lib.path("half.png")), (5, 3))


def test_convert(tap, lib):
    for end in ("png", "jpg", "gif", "webp", "tiff", "avif"):
        lib.call(TOOL, operation="convert", path="gradient.webp", target_path="converted." + end)
        tap.equal(f"convert to {end}", size(lib.path("converted." + end)), (300, 200))
    results = [lib.call(TOOL, operation="convert", path="gradient.png", target_format="jpeg", quality=quality)["size"]
               for quality in (20, 95)]
    tap.check("less quality is fewer bytes", results[0] < results[1] / 2, results)
    lib.call(TOOL, operation="convert", path="clear.png", target_path="flat.jpg", background="#00ff00")
    point = media.run("vips", "getpoint", lib.path("flat.jpg"), 1, 1).decode().split()
    tap.check("the background is behind what was clear", int(point[1]) > 250 and int(point[0]) < 5, point)
    lib.call(TOOL, operation="convert", path="gradient.png", target_path="same.webp", lossless=True)
    media.run("vips", "subtract", lib.path("gradient.png"), lib.path("same.webp"), lib.path("difference.v"))
    tap.equal("lossless is the same", media.run("vips", "deviate", lib.path("difference.v")).decode().strip(),
              "0.000000")
    lib.call(TOOL, operation="convert", path="moving.gif", page=3, target_path="third.png")
    tap.equal("convert one page", size(lib.path("third.png")), (80, 60))
    result = lib.call(TOOL, operation="resize", path="gradient.heic", width=30)
    tap.equal("HEIC becomes JPEG", (result["format"], result["width"], result["height"]), ("jpeg", 30, 20))
    tap.equal("convert to what", lib.fails(TOOL, operation="convert", path="gradient.png"),
              "convert needs target_format, or a target_path that ends in .png, .jpg, .gif, .webp, .tiff or .avif")
    tap.equal("name and format differ",
              lib.fails(TOOL, operation="convert", path="gradient.png", target_format="png", target_path="x.jpg"),
              "target_path ends as a file of jpeg, but target_format is png; change one of them")
    tap.equal("HEIC is not written", lib.fails(TOOL, operation="convert", path="gradient.png", target_path="x.heic"),
              "heic cannot be written; take png, jpeg, gif, webp, tiff or avif")
    tap.check("half a file is no picture",
              lib.fails(TOOL, operation="convert", path="cut.jpg", target_path="whole.png").startswith(
                  "cut.jpg cannot be decoded or encoded: VipsJpeg: "),
              lib.fails(TOOL, operation="convert", path="cut.jpg", target_path="whole.png"))
    tap.check("and nothing is written", not os.path.exists(lib.path("whole.png")))


def test_what_goes_along(tap, lib):
    def fields(name, **more):
        lib.call(TOOL, operation="convert", path="photo.jpg", target_path=name, overwrite=True, **more)
        return media.run("vipsheader", "-a", lib.path(name)).decode()

    place = b"".join(part.to_bytes(4, "little") + b"\1\0\0\0" for part in (48, 51, 29))
    tap.check("the original has a place", place in lib.get("photo.jpg"))
    kept = fields("kept.jpg")
    tap.check("the camera goes along", "Canon" in kept, kept)
    tap.check("the place does not", "GPSLatitude" not in kept and place not in lib.get("kept.jpg"), kept)
    tap.check("the picture is turned only once", "exif-ifd0-Orientation: 6" not in kept, kept)
    none = fields("kept.jpg", keep_metadata="none")
    tap.check("nothing goes along if nothing is wanted", "Canon" not in none and b"Canon" not in lib.get("kept.jpg"),
              none)
    place = (place, b"".join(part.to_bytes(4, "big") + b"\0\0\0\1" for part in (48, 51, 29)))
    for end in ("png", "webp", "avif"):
        for keep, camera, there in (("no_location", True, False), ("none", False, False), ("all", True, True)):
            fields("kept." + end, keep_metadata=keep)
            data = lib.get("kept." + end)
            tap.equal(f"{end}, {keep}: camera and place", (b"Canon" in data, any(form in data for form in place)),
                      (camera, there))
    everything = fields("kept.jpg", keep_metadata="all")
    tap.check("all goes along if all is wanted", "GPSLatitude" in everything, everything)


def test_crop_and_rotate(tap, lib):
    lib.call(TOOL, operation="crop", path="gradient.png", x=100, y=50, width=30, height=20, target_path="part.png")
    tap.equal("crop", size(lib.path("part.png")), (30, 20))
    tap.equal("crop takes the right place",
              media.run("vips", "getpoint", lib.path("part.png"), 0, 0),
              media.run("vips", "getpoint", lib.path("gradient.png"), 100, 50))
    tap.equal("crop outside", lib.fails(TOOL, operation="crop", path="gradient.png", x=290, y=0, width=30, height=20),
              "the area of 30 x 20 pixels at 290, 0 leaves the picture, which has 300 x 200; give an area inside of it")
    tap.equal("crop without a size", lib.fails(TOOL, operation="crop", path="gradient.png", x=1),
              "crop needs width and height, and x and y unless they are 0")
    for degrees, seen, corner in ((90, (200, 300), (0, 199)), (180, (300, 200), (299, 199)), (270, (200, 300), (299, 0))):
        name = f"turned{degrees}.png"
        lib.call(TOOL, operation="rotate", path="gradient.png", degrees=degrees, target_path=name)
        tap.equal(f"rotate by {degrees}", size(lib.path(name)), seen)
        tap.equal(f"rotate by {degrees}: upper left", media.run("vips", "getpoint", lib.path(name), 0, 0),
                  media.run("vips", "getpoint", lib.path("gradient.png"), *corner))
    tap.check("rotate by anything", "degrees" in lib.fails(TOOL, operation="rotate", path="gradient.png", degrees=45))


def test_thumbnail(tap, lib):
    result = lib.result(TOOL, operation="thumbnail", path="photo.jpg", max_width=60, max_height=60)
    shape = result["structuredContent"]
    tap.equal("thumbnail", (shape["width"], shape["height"], shape["format"]), (40, 60, "jpeg"))
    shown = next(block for block in result["content"] if block["type"] == "image")
    data = base64.b64decode(shown["data"])
    tap.equal("it is shown at once", (shown["mimeType"], len(data)), ("image/jpeg", shape["size"]))
    lib.put("shown.jpg", data)
    tap.equal("as a picture of that size", size(lib.path("shown.jpg")), (40, 60))
    link = next(block for block in result["content"] if block["type"] == "resource_link")
    tap.equal("and kept as a resource", (link["uri"], link["mimeType"]), (shape["uri"], "image/jpeg"))
    content = lib.raw("resources/read", {"uri": shape["uri"]})["contents"][0]
    tap.equal("which can be read", base64.b64decode(content["blob"]), data)
    small = lib.call(TOOL, operation="thumbnail", path="clear.png")
    tap.equal("it is never made larger", (small["width"], small["height"], small["format"]), (4, 4, "png"))
    tap.check("a size that is none", "max_width" in lib.fails(TOOL, operation="thumbnail", path="photo.jpg", max_width=0))


def test_dry_run(tap, lib):
    plan = lib.call(TOOL, operation="resize", path="photo.jpg", width=50, target_path="plan.png", dry_run=True)
    tap.equal("a dry run says what would be", (plan["width"], plan["height"], plan["format"], plan["dry_run"]),
              (50, 75, "png", True))
    tap.check("and makes nothing", not os.path.exists(lib.path("plan.png")))
    tap.equal("and says what would fail", lib.fails(TOOL, operation="rotate", path="photo.jpg", dry_run=True,
                                                    target_path="gradient.png"),
              "gradient.png exists already; give overwrite true to replace it, or another path")
    tap.check("a colour that is none", "background" in lib.fails(TOOL, path="photo.jpg", background="red"))


def test_progress(tap, lib):
    media.run("vips", "gaussnoise", lib.path("noise.v"), 2500, 2500)
    media.run("vips", "copy", lib.path("noise.v"), lib.path("noise.jpg") + "[Q=100]")
    lib.call(TOOL, operation="convert", path="noise.jpg", target_path="noise.png", level=9)
    done = [report["progress"] for report in lib.progress if report.get("message") == "pixels"]
    tap.check("long work tells how far it is", done and done == sorted(done) and done[-1] <= 100, lib.progress)


def main():
    with Tap() as tap:
        lost = media.missing("vips", "vipsheader", "ffmpeg")
        if lost:
            tap.skip("image-processor", f"the program {lost} is not installed")
            return
        with Library(sys.argv[1]) as lib:
            make(lib)
            for test in (test_detect, test_metadata, test_resize, test_convert, test_what_goes_along,
                         test_crop_and_rotate, test_thumbnail, test_dry_run, test_progress):
                test(tap, lib)


main()
