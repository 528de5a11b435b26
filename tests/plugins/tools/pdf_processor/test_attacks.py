"""Documents and paths that are meant to do harm to pdf-processor, and grants that it has not."""

import os
import sys
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)
from library import Library, Tap  # noqa: E402
import media  # noqa: E402
import session  # noqa: E402
import pdfs  # noqa: E402

TOOL = "pdf-processor"
GOOD = pdfs.one_page("BT /F 12 Tf 10 50 Td (Hello there) Tj ET")


def still_works(tap, lib, after):
    tap.equal(f"after {after} the tool works", lib.call(TOOL, path="good.pdf")["text"].strip(), "Hello there")


def test_paths(tap, lib):
    outside = os.path.join(os.path.dirname(lib.folder), "outside.pdf")
    with open(outside, "wb") as file:
        file.write(GOOD)
    os.symlink(outside, lib.path("link.pdf"))
    above = '"../outside.pdf" leads above the folder that it begins in'
    other = f"{outside} is in no granted folder; granted: {lib.folder}"
    out = f"link.pdf leads out of the granted folder {lib.folder} through a link; links are followed inside of it only"
    for name, path, read, write in (("up and out", "../outside.pdf", above, above),
                                    ("absolute", outside, other, other),
                                    ("by a link", "link.pdf", out, "link.pdf is a symbolic link; give the path of a file")):
        tap.equal(f"read {name}", lib.fails(TOOL, path=path), read)
        tap.equal(f"write {name}", lib.fails(TOOL, path="good.pdf", target_path=path, overwrite=True), write)
    with open(outside, "rb") as file:
        tap.equal("what is outside is as before", file.read(), GOOD)


def test_refused(tap, program):
    with Library(program, write=False) as lib:
        lib.put("good.pdf", GOOD)
        for operation in ("extract_text", "render"):
            tap.equal(f"{operation} into a folder that is only read",
                      lib.fails(TOOL, operation=operation, path="good.pdf", target_path="b"),
                      f"b may be read but not changed: {lib.folder} is granted for reading. --allow-write or grants.write "
                      "grants more")
        still_works(tap, lib, "that")
    with Library(program, {"grants": {"write": []}}) as lib:
        path = lib.put("good.pdf", GOOD)
        for operation in ("extract_text", "extract_metadata", "extract_pages", "render", "outline", "links", "search"):
            tap.equal(f"{operation} without a folder", lib.fails(TOOL, operation=operation, path=path, query="x"),
                      "no file may be opened: no folder is granted. Start hexmcp with --allow-read FOLDER or --allow-write "
                      "FOLDER, or set grants.read or grants.write in its configuration")


def test_actions(tap, lib):
    """What a document would do when it is opened or clicked on is told, and not done."""
    secret = lib.put("secret.txt", "not for anybody")
    launch = f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F({lib.path('made')})>>>>"
    other = "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/GoToR/F(other.pdf)/D[0/Fit]>>>>"
    script = "<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/JavaScript/JS(app.launchURL\\('http://localhost'\\))>>>>"
    external = f"<</Type/XObject/Subtype/Image/Width 9/Height 9/BitsPerComponent 8/ColorSpace/DeviceRGB/F({secret})/Length 0>>"
    lib.put("acts.pdf", pdfs.one_page("/X Do", "/XObject<</X 9 0 R>>", page="/Annots[6 0 R 7 0 R 8 0 R]",
                                      more=(launch, other, script, external + "\nstream\n\nendstream")))
    tap.equal("links", lib.call(TOOL, operation="links", path="acts.pdf")["links"],
              [{"page": 1, "kind": "program", "name": lib.path("made")},
               {"page": 1, "kind": "document", "name": "other.pdf"}, {"page": 1, "kind": "other"}])
    lib.call(TOOL, operation="render", path="acts.pdf", target_path="acts.png")
    lib.put("acts.txt", lib.call(TOOL, path="acts.pdf")["text"])
    tap.check("a file that it names is not read", b"anybody" not in lib.get("acts.png") + lib.get("acts.txt"))
    tap.check("a program that it names is not run", not os.path.exists(lib.path("made")))


def test_broken(tap, lib):
    files = {
        "the half": GOOD[:len(GOOD) // 2],
        "a circle of pages": pdfs.pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[2 0 R]/Count 1>>"),
        "a million pages": pdfs.pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[]/Count 1000000>>"),
        "no pages": pdfs.pdf("<</Type/Catalog>>"),
        "deep brackets": pdfs.pdf("<</Type/Catalog/Pages 2 0 R>>", "[" * 200000),
        "its own stream": pdfs.pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                   "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
                                   "<</Length 4 0 R>>\nstream\nx\nendstream"),
        "a size that is none": pdfs.one_page(box="0 0 1e300 -1e300"),
    }
    for name, data in files.items():
        lib.put("broken.pdf", data)
        said = {operation: lib.fails(TOOL, operation=operation, path="broken.pdf", target_path=None, query="x")
                for operation in ("extract_text", "render", "outline", "extract_metadata")}
        tap.check(f"{name}: results or errors, no crash", not any("crashed" in text for text in said.values()), said)
    still_works(tap, lib, "broken files")


def test_circles(tap, lib):
    outline = pdfs.pdf("<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                       "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>", "<</First 5 0 R/Last 5 0 R/Count 2>>",
                       "<</Title(a)/Next 6 0 R/First 6 0 R/Dest[3 0 R/Fit]>>", "<</Title(b)/Next 5 0 R/First 5 0 R>>")
    lib.put("circle.pdf", outline)
    said = lib.fails(TOOL, operation="outline", path="circle.pdf")
    tap.check("an outline in a circle has an end", '"entries"' in said or "may lead in a circle" in said, said[:300])
    form = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 6 0 R>>>>/Length 5>>\nstream\n/X Do\nendstream"
    lib.put("form.pdf", pdfs.one_page("/X Do", "/XObject<</X 6 0 R>>", more=(form,)))
    tap.equal("a form that draws itself", lib.call(TOOL, operation="render", path="form.pdf", target_path="form.png")["width"],
              267)
    still_works(tap, lib, "circles")


def test_long_outline(tap, lib):
    count = 100001
    items = [f"<</Title(a)/Next {number + 1} 0 R>>" for number in range(5, 5 + count)]
    lib.put("wide.pdf", pdfs.pdf("<</Type/Catalog/Pages 2 0 R/Outlines 4 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
                                 "<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>",
                                 f"<</First 5 0 R/Last {4 + count} 0 R/Count {count}>>", *items))
    tap.equal("an outline of a hundred thousand and one", lib.fails(TOOL, operation="outline", path="wide.pdf"),
              "the outline of wide.pdf has more than 100000 entries; it may lead in a circle")


def bomb():
    """Ten forms, each of which draws the next ten times."""
    forms = [f"<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X {number + 1} 0 R>>>>/Length 60>>\nstream\n"
             + "/X Do " * 10 + "\nendstream" for number in range(6, 16)]
    return pdfs.one_page("/X Do", "/XObject<</X 6 0 R>>", more=forms + [
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 10>>\nstream\n0 0 9 9 re\nendstream"])


def test_bomb(tap, lib):
    lib.put("bomb.pdf", bomb())
    began, session.PATIENCE = time.time(), 90
    said = lib.fails(TOOL, operation="render", path="bomb.pdf", target_path="bomb.png")
    tap.equal("what draws itself for ever is ended", said,
              'plugin hexmcp.pdf-processor used more than 20 s of processor time for a call, which is what "cpuSeconds" '
              "grants, and was ended while this call ran")
    tap.note(f"after {time.time() - began:.0f} s")
    still_works(tap, lib, "a bomb")


def test_crash(tap, lib):
    lib.put("bomb.pdf", bomb())

    def kill():
        time.sleep(0.5)
        media.crash(lib.server)

    killer = threading.Thread(target=kill)
    killer.start()
    said = lib.fails(TOOL, operation="render", path="bomb.pdf", target_path="crash.png")
    killer.join()
    tap.check("a crash of the reader is told", "hexmcp.pdf-processor crashed with signal 11" in said, said)
    still_works(tap, lib, "a crash")


def test_size(tap, lib, program):
    big = b"%PDF-1.4\n" + b"%" * (10 * 1024 * 1024)
    lib.put("big.pdf", big)
    tap.equal("above 10 MiB", lib.fails(TOOL, path="big.pdf"),
              "big.pdf has more than 10485760 bytes, the most that is taken; give a smaller file")
    with Library(program, {"plugins": {"settings": {"hexmcp.pdf-processor": {"maxFileMiB": 1}}}}) as other:
        other.put("big.pdf", big[:1024 * 1024 + 1])
        tap.equal("above what the operator says", other.fails(TOOL, path="big.pdf"),
                  "big.pdf has more than 1048576 bytes, the most that is taken; give a smaller file")


def main():
    with Tap() as tap:
        test_refused(tap, sys.argv[1])
        with Library(sys.argv[1]) as lib:
            lib.put("good.pdf", GOOD)
            for test in (test_paths, test_actions, test_broken, test_circles, test_long_outline, test_crash, test_bomb):
                test(tap, lib)
            test_size(tap, lib, sys.argv[1])


main()
