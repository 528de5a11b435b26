"""pdf-processor on documents of Ghostscript and qpdf; the programs of Poppler say what is in them."""

import base64
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
sys.path.insert(0, HERE)
import media  # noqa: E402
import pdfs  # noqa: E402
from library import Library, Tap  # noqa: E402

TOOL = "pdf-processor"
PASSWORD = "correct horse"


def make(lib):
    pdfs.ghostscript(lib, "book.pdf", pdfs.BOOK)
    media.run("qpdf", "--encrypt", PASSWORD, "owner", "256", "--modify=none", "--", lib.path("book.pdf"),
              lib.path("locked.pdf"))
    lines = "\n".join(f"72 {700 - 12 * (n % 50)} moveto (Line {n} of a long text that goes on and on) show"
                      + ("\nshowpage /Helvetica findfont 10 scalefont setfont" if n % 50 == 49 else "")
                      for n in range(2500))
    pdfs.ghostscript(lib, "long.pdf", "/Helvetica findfont 10 scalefont setfont\n" + lines)
    lib.put("empty.pdf", b"")
    lib.put("notes.txt", "no document\n")
    lib.put("damaged.pdf", b"%PDF-1.4\n" + b"nothing of it is here " * 20)


def words(text):
    return text.split()


def test_text(tap, lib):
    result = lib.call(TOOL, path="book.pdf")
    tap.equal("extract_text is the operation without one",
              {key: result[key] for key in ("operation", "path", "pages", "start_page", "end_page", "truncated")},
              {"operation": "extract_text", "path": "book.pdf", "pages": 3, "start_page": 1, "end_page": 3,
               "truncated": False})
    tap.equal("the text is that of pdftotext", words(result["text"]),
              words(media.run("pdftotext", lib.path("book.pdf"), "-").decode()))
    tap.equal("its length", result["length"], len(result["text"]))
    tap.equal("pages are parted", [words(page)[-1] for page in result["text"].split("\f")], ["dog.", "foxglove.", "end"])
    tap.equal("some pages", words(lib.call(TOOL, path="book.pdf", start_page=2, end_page=2)["text"])[:2], ["Page", "two"])
    tap.equal("one page", words(lib.call(TOOL, path="book.pdf", page=3)["text"]), ["The", "end"])
    tap.equal("by glyphs", words(lib.call(TOOL, path="book.pdf", page=3, layout=False)["text"]), ["The", "end"])
    tap.equal("by the old name of the argument", lib.call(TOOL, file_path="book.pdf", page=1)["path"], "book.pdf")
    tap.equal("a page that is not there", lib.fails(TOOL, path="book.pdf", start_page=4),
              "there is no page 4: book.pdf has 3 pages")
    tap.equal("a range that is none", lib.fails(TOOL, path="book.pdf", start_page=3, end_page=2),
              "start_page 3 is behind end_page 2")
    tap.equal("a page and a range", lib.fails(TOOL, path="book.pdf", page=1, end_page=2),
              "page is given together with start_page or end_page; give one page or a range")
    tap.equal("no document", lib.fails(TOOL, path="notes.txt"),
              "notes.txt is no PDF file, by its first bytes; give a PDF file")
    tap.equal("an empty one", lib.fails(TOOL, path="empty.pdf"),
              "empty.pdf is no PDF file, by its first bytes; give a PDF file")
    tap.check("a damaged one", lib.fails(TOOL, path="damaged.pdf").startswith("damaged.pdf is damaged and cannot be opened: "),
              lib.fails(TOOL, path="damaged.pdf"))


def test_long_text(tap, lib):
    oracle = words(media.run("pdftotext", lib.path("long.pdf"), "-").decode())
    result = lib.result(TOOL, path="long.pdf")
    shape = result["structuredContent"]
    tap.check("of a long text the beginning is shown", shape["truncated"] and len(shape["text"]) <= 4096,
              len(shape["text"]))
    tap.equal("and all is a resource", [block["uri"] for block in result["content"] if block["type"] == "resource_link"],
              [shape["uri"]])
    content = lib.raw("resources/read", {"uri": shape["uri"]})["contents"][0]
    text = content.get("text") or base64.b64decode(content["blob"]).decode()
    tap.check("which has it all", words(text) == oracle, len(text))
    shape = lib.call(TOOL, path="long.pdf", target_path="long.txt")
    tap.check("or a file", words(lib.get("long.txt").decode()) == oracle and shape["target_path"] == "long.txt")
    tap.equal("which is not replaced by chance", lib.fails(TOOL, path="long.pdf", target_path="long.txt"),
              "long.txt exists already; give overwrite true to replace it, or another path")
    plan = lib.call(TOOL, path="long.pdf", target_path="other.txt", dry_run=True)
    tap.check("nor made by a dry run", plan["dry_run"] and not os.path.exists(lib.path("other.txt")), plan)
    tap.equal("where no file is written", lib.fails(TOOL, operation="outline", path="long.pdf", target_path="x"),
              "outline writes no file; leave target_path out, or take extract_text, extract_pages or render")


def test_metadata(tap, lib):
    result = lib.call(TOOL, operation="extract_metadata", path="book.pdf")
    tap.equal("extract_metadata",
              [result.get(key) for key in ("pages", "size", "title", "author", "subject", "keywords", "page_width",
                                           "page_height", "password_needed", "attachments")],
              [3, len(lib.get("book.pdf")), "On small things", "A. Writer", "Tests", "one, two", 612, 792, False, False])
    oracle = dict(line.split(":", 1) for line in
                  media.run("pdfinfo", "-isodates", lib.path("book.pdf")).decode().splitlines() if ":" in line)
    tap.equal("the date is that of pdfinfo", result["created"][:19], oracle["CreationDate"].strip()[:19])
    tap.equal("the program, too", result["producer"], oracle["Producer"].strip())
    tap.equal("all is allowed", sorted(result["permissions"]), ["add_notes", "copy", "fill_form", "modify", "print"])


def test_pages(tap, lib):
    result = lib.call(TOOL, operation="extract_pages", path="book.pdf", start_page=2)
    tap.equal("extract_pages", [(page["page"], page["width"], page["height"], words(page["text"])[0])
                                for page in result["content"]], [(2, 612, 792, "Page"), (3, 300, 400, "The")])
    seen, start = 0, 1
    while start:
        part = lib.call(TOOL, operation="extract_pages", path="long.pdf", start_page=start, limit=20)
        seen += len(part["content"])
        tap.check(f"pages from {start} on", len(part["content"]) <= 20 and part["truncated"] == ("next_page" in part))
        start = part.get("next_page")
    tap.equal("all pages in parts", seen, lib.call(TOOL, operation="extract_metadata", path="long.pdf")["pages"])
    tap.equal("a page that is not there", lib.fails(TOOL, operation="extract_pages", path="book.pdf", end_page=7),
              "there is no page 7: book.pdf has 3 pages")


def test_split(tap, lib):
    result = lib.call(TOOL, operation="extract_pages", path="book.pdf", start_page=2, target_path="part.pdf")
    tap.equal("extract_pages into a file",
              {key: result.get(key) for key in ("operation", "pages", "start_page", "end_page", "target_path", "mime_type",
                                                "size", "dry_run", "content")},
              {"operation": "extract_pages", "pages": 3, "start_page": 2, "end_page": 3, "target_path": "part.pdf",
               "mime_type": "application/pdf", "size": len(lib.get("part.pdf")), "dry_run": False, "content": None})
    media.run("qpdf", "--check", lib.path("part.pdf"))
    tap.equal("has the texts of these pages", words(media.run("pdftotext", lib.path("part.pdf"), "-").decode()),
              words(media.run("pdftotext", "-f", "2", lib.path("book.pdf"), "-").decode()))
    sizes = [line.split()[3:6:2] for line in media.run("pdfinfo", "-l", "9", lib.path("part.pdf")).decode().splitlines()
             if "size:" in line and "Page " in line]
    tap.equal("and their sizes", sizes, [["612", "792"], ["300", "400"]])
    lib.call(TOOL, operation="extract_pages", path="book.pdf", page=1, target_path="first.pdf")
    whole = media.run("qpdf", "--qdf", "--object-streams=disable", lib.path("first.pdf"), "-")
    tap.equal("one page", lib.call(TOOL, operation="extract_metadata", path="first.pdf")["pages"], 1)
    tap.check("without what the others say, though it links there", b"foxglove" not in whole and b"Second" not in whole)
    again = lib.call(TOOL, operation="extract_pages", path="book.pdf", page=1, target_path="again.pdf")["size"]
    tap.check("the same each time", lib.get("again.pdf") == lib.get("first.pdf"), again)
    lib.call(TOOL, operation="extract_pages", path="long.pdf", start_page=10, end_page=40, target_path="thirty.pdf")
    tap.equal("more than fit into an answer", lib.call(TOOL, operation="extract_metadata", path="thirty.pdf")["pages"], 31)
    plan = lib.call(TOOL, operation="extract_pages", path="book.pdf", page=1, target_path="plan.pdf", dry_run=True)
    tap.equal("a dry run", (plan["dry_run"], plan["end_page"], os.path.exists(lib.path("plan.pdf"))), (True, 1, False))
    tap.equal("what is there stays",
              lib.fails(TOOL, operation="extract_pages", path="book.pdf", page=1, target_path="part.pdf"),
              "part.pdf exists already; give overwrite true to replace it, or another path")
    tap.equal("a dry run says it, too",
              lib.fails(TOOL, operation="extract_pages", path="book.pdf", page=1, target_path="part.pdf", dry_run=True),
              "part.pdf exists already; give overwrite true to replace it, or another path")
    media.run("qpdf", "--encrypt", "", "owner", "256", "--assemble=n", "--", lib.path("book.pdf"), lib.path("kept.pdf"))
    tap.equal("a protected document is not copied without its protection",
              lib.fails(TOOL, operation="extract_pages", path="kept.pdf", page=1, target_path="free.pdf"),
              "kept.pdf is protected, and a copy of its pages would not be; leave target_path out to get their texts")
    tap.equal("nor is a file of it left", os.path.exists(lib.path("free.pdf")), False)


def test_cjk(tap, lib):
    if not os.path.isdir("/usr/share/poppler/cidToUnicode"):
        tap.skip("Chinese, Japanese and Korean", "poppler-data is not installed")
        return
    for ordering, cmap, text in pdfs.CJK:
        lib.put("cjk.pdf", pdfs.without_fonts(ordering, cmap, text))
        tap.equal(f"text in {ordering} without a font in the document", lib.call(TOOL, path="cjk.pdf")["text"].strip(), text)


def test_render(tap, lib):
    result = lib.result(TOOL, operation="render", path="book.pdf", page=2, dpi=72)
    shape = result["structuredContent"]
    tap.equal("render", (shape["page"], shape["width"], shape["height"], shape["mime_type"]), (2, 612, 792, "image/png"))
    shown = base64.b64decode(next(block["data"] for block in result["content"] if block["type"] == "image"))
    lib.put("shown.png", shown)
    tap.equal("the page has red in its corner", media.run("vips", "getpoint", lib.path("shown.png"), 10, 780).split(),
              [b"255", b"0", b"0"])
    tap.equal("and white elsewhere", media.run("vips", "getpoint", lib.path("shown.png"), 300, 500).split(),
              [b"255", b"255", b"255"])
    lib.call(TOOL, operation="render", path="book.pdf", page=3, dpi=144, target_path="page.png")
    tap.equal("into a file", media.run("vipsheader", "-f", "width", lib.path("page.png")).strip(), b"600")
    ink = float(media.run("vips", "avg", lib.path("page.png")))
    tap.check("with the letters on it", 200 < ink < 254.9, ink)
    plan = lib.call(TOOL, operation="render", path="book.pdf", page=1, dpi=36, dry_run=True)
    tap.equal("a dry run of it", (plan["width"], plan["height"], plan["dry_run"], "uri" in plan), (306, 396, True, False))
    lib.put("poster.pdf", pdfs.one_page(box="0 0 3000 3000"))
    tap.equal("too large", lib.fails(TOOL, operation="render", path="poster.pdf", dpi=200),
              "page 1 would have 8334 x 8334 pixels at 200 dpi, but at most 10000 x 10000 and 40 million are made; give "
              "another dpi")
    tap.check("a resolution that is none", "dpi" in lib.fails(TOOL, operation="render", path="book.pdf", dpi=1))


def test_outline_and_links(tap, lib):
    tap.equal("outline", lib.call(TOOL, operation="outline", path="book.pdf")["entries"],
              [{"title": "First chapter", "level": 1, "page": 1}, {"title": "Inside of the first", "level": 2, "page": 2},
               {"title": "Second chapter", "level": 1, "page": 3}])
    part = lib.call(TOOL, operation="outline", path="book.pdf", offset=1, limit=1)
    tap.equal("outline in parts", (part["entries"][0]["title"], part["total"], part["next_offset"]),
              ("Inside of the first", 3, 2))
    tap.equal("no outline", lib.call(TOOL, operation="outline", path="long.pdf")["total"], 0)
    found = lib.call(TOOL, operation="links", path="book.pdf")
    tap.equal("links", sorted(found["links"], key=lambda link: link["kind"]),
              [{"page": 1, "kind": "page", "target_page": 3},
               {"page": 1, "kind": "uri", "uri": "https://example.org/page"}])
    part = lib.call(TOOL, operation="links", path="book.pdf", limit=1)
    tap.equal("links in parts", (len(part["links"]), part["total"], part["next_offset"]), (1, 2, 1))
    tap.equal("a page without links", lib.call(TOOL, operation="links", path="book.pdf", page=2)["total"], 0)


def test_search(tap, lib):
    found = lib.call(TOOL, operation="search", path="book.pdf", query="fox")
    tap.equal("search", [match["page"] for match in found["matches"]], [1, 2, 2, 2])
    tap.equal("the line it is in", found["matches"][0]["line"].strip(), "The quick brown fox")
    first = found["matches"][0]
    tap.check("where it is", 200 < first["x"] < 260 and 60 < first["y"] < 95 and 10 < first["height"] < 40, first)
    tap.equal("letters as they are",
              lib.call(TOOL, operation="search", path="book.pdf", query="Fox", case_sensitive=True)["total"], 1)
    tap.equal("whole words", lib.call(TOOL, operation="search", path="book.pdf", query="fox", whole_words=True)["total"], 3)
    tap.equal("nothing", lib.call(TOOL, operation="search", path="book.pdf", query="wolf"),
              {"operation": "search", "path": "book.pdf", "pages": 3, "query": "wolf", "matches": [], "total": 0,
               "offset": 0})
    tap.equal("for what", lib.fails(TOOL, operation="search", path="book.pdf"),
              "query is missing or empty; give it")


def test_password(tap, lib, program):
    tap.equal("without the password", lib.fails(TOOL, path="locked.pdf"),
              'locked.pdf is protected by a password; give password {"secret": "pdf-password"}, which the operator sets '
              "with secrets.sources and grants.secrets")
    tap.equal("with one that was not granted", lib.fails(TOOL, path="locked.pdf", password={"secret": "pdf-password"}),
              'no secret pdf-password was granted to this tool; the operator grants it with "grants.secrets" and '
              '"secrets.sources" of the configuration')
    tap.check("never as a text", "password" in lib.fails(TOOL, path="locked.pdf", password=PASSWORD))
    config = {"grants": {"secrets": ["pdf-password"]}, "secrets": {"sources": {"pdf-password": {"env": "PDF_PASSWORD"}}}}
    asked = {"secret": "pdf-password"}
    for value, title, said in (
            (PASSWORD, "the right one", None),
            ("wrong", "a wrong one", "the secret pdf-password is not the password of locked.pdf; give another one"),
            ("\u043f\u0430\u0440\u043e\u043b\u044c", "one of other letters",
             "the secret pdf-password has letters that are not in Latin-1; such passwords cannot be used here")):
        with Library(program, dict(config, grants=dict(config["grants"])), environment={"PDF_PASSWORD": value}) as other:
            other.put("locked.pdf", lib.get("locked.pdf"))
            if said:
                tap.equal(title, other.fails(TOOL, path="locked.pdf", password=asked), said)
                continue
            result = other.call(TOOL, operation="extract_metadata", path="locked.pdf", password=asked)
            tap.equal(title, (result["title"], result["password_needed"], "modify" in result["permissions"]),
                      ("On small things", True, False))


def main():
    with Tap() as tap:
        lost = media.missing("gs", "qpdf", "pdftotext", "pdfinfo", "vips")
        if lost:
            tap.skip("pdf-processor", f"the program {lost} is not installed")
            return
        with Library(sys.argv[1]) as lib:
            make(lib)
            for test in (test_text, test_long_text, test_metadata, test_pages, test_split, test_cjk, test_render, test_outline_and_links,
                         test_search):
                test(tap, lib)
            test_password(tap, lib, sys.argv[1])


main()
