"""PDF documents for the tests: Ghostscript makes those that are as they should be."""

import media

BOOK = r"""
<< /PageSize [612 792] >> setpagedevice
[ /Title (On small things) /Author (A. Writer) /Subject (Tests) /Keywords (one, two) /DOCINFO pdfmark
[ /Page 1 /View [/Fit] /Title (First chapter) /Count 1 /OUT pdfmark
[ /Page 2 /View [/Fit] /Title (Inside of the first) /OUT pdfmark
[ /Page 3 /View [/Fit] /Title (Second chapter) /OUT pdfmark
/Helvetica findfont 20 scalefont setfont
72 700 moveto (The quick brown fox) show
72 660 moveto (jumps over the lazy dog.) show
[ /Rect [72 600 200 620] /Action << /Subtype /URI /URI (https://example.org/page) >> /Subtype /Link /ANN pdfmark
[ /Rect [72 560 200 580] /Page 3 /View [/Fit] /Subtype /Link /ANN pdfmark
showpage
/Helvetica findfont 20 scalefont setfont
72 700 moveto (Page two has a Fox and a fox and a foxglove.) show
1 0 0 setrgbcolor 0 0 100 100 rectfill
showpage
<< /PageSize [300 400] >> setpagedevice
/Helvetica findfont 20 scalefont setfont
72 300 moveto (The end) show
showpage
"""


def ghostscript(lib, name, postscript):
    source = lib.put(name + ".ps", "%!PS\n" + postscript)
    media.run("gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", "-o", lib.path(name), source)
    return lib.path(name)


def pdf(*objects, root=1):
    """A document of these objects, the first is number 1."""
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + (body if isinstance(body, bytes) else body.encode()) + b"\nendobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + table + b"trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, root, len(out))


def stream(data, more=""):
    data = data.encode()
    return b"<<%s/Length %d>>\nstream\n" % (more.encode(), len(data)) + data + b"\nendstream"


def one_page(content="", resources="", box="0 0 200 100", page="", more=()):
    """A document of one page; `more` objects begin with number 6."""
    return pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
               f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>{resources}>>{page}>>",
               stream(content), "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", *more)


# What a CJK text says by its CMap, and the data of Poppler that turns it into letters.
CJK = (("Japan1", "UniJIS-UCS2-H", "\u65e5\u672c\u8a9e"), ("GB1", "UniGB-UCS2-H", "\u4e2d\u6587"),
       ("CNS1", "UniCNS-UCS2-H", "\u7e41\u9ad4"), ("Korea1", "UniKS-UCS2-H", "\ud55c\uad6d\uc5b4"))


def without_fonts(ordering, cmap, text):
    """A document whose letters are numbers in a set of characters; the font is not in it."""
    codes = text.encode("utf-16-be").hex()
    system = f"<</Registry(Adobe)/Ordering({ordering})/Supplement 2>>"
    return pdf("<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
               "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>",
               stream(f"BT /F 24 Tf 10 50 Td <{codes}> Tj ET"),
               f"<</Type/Font/Subtype/Type0/BaseFont/Some-{cmap}/Encoding/{cmap}/DescendantFonts[6 0 R]>>",
               f"<</Type/Font/Subtype/CIDFontType0/BaseFont/Some/CIDSystemInfo{system}/DW 1000/FontDescriptor 7 0 R>>",
               "<</Type/FontDescriptor/FontName/Some/Flags 4/FontBBox[0 0 1000 1000]/ItalicAngle 0/Ascent 800"
               "/Descent -200/CapHeight 700/StemV 80>>")
