"""What email-sender must not do, whoever asks. Each fails without the defence it names."""
import os
import sys
import tempfile

from common import TOOL, Library, Tap, configured

BASE = {"to": "ann@example.org", "subject": "s", "body": "b", "dry_run": True}


def headers(tap, library):
    """has_control() and address_read(): without them each puts a header of its own into the message."""
    for name, arguments in (("a line break in the subject", {"subject": "x\r\nBcc: eve@evil.example"}),
                            ("a bare line feed", {"subject": "x\nBcc: eve@evil.example"}),
                            ("a NUL", {"subject": "x\0y"}),
                            ("a line break in an address", {"to": "ann@example.org\r\nBcc: eve@evil.example"}),
                            ("a line break in a name", {"to": "Ann\r\nBcc: e@evil.example <ann@example.org>"}),
                            ("a line break in the sender", {"from": "Hex\r\nX: y <hex@example.org>"}),
                            ("a line break for answers", {"reply_to": "a@example.org\r\nX: y"}),
                            ("a line break in a copy", {"cc": "ann@example.org\r\nBcc: eve@evil.example"}),
                            ("a line break in a blind copy", {"bcc": "Ann\n <ann@example.org>"}),
                            ("a control of C1", {"to": "a\u0085nn@example.org"}),
                            ("a control of C1 in a name", {"to": "A\u0085 <ann@example.org>"}),
                            ("a number for a domain", {"to": "ann@127.0.0.1"}),
                            ("a literal for a domain", {"to": "ann@[127.0.0.1]"}),
                            ("a domain that maps to two lines", {"to": "ann@example.org\u2028x"}),
                            ("two addresses in one", {"to": "ann@example.org, eve@evil.example"}),
                            ("a command", {"to": "ann@example.org> SIZE=1\r\nRCPT TO:<eve@evil.example"})):
        told = library.fails(TOOL, **{**BASE, **arguments})
        tap.check(f"{name} is refused", '"message"' not in told and ("no address" in told or "subject" in told), told)
    name = library.call(TOOL, **{**BASE, "to": '"Eve" <x@y.example>, "Ann <ann@example.org>'})
    tap.check("a name that looks like an address stays a name", name["envelope"]["recipients"] == ["ann@example.org"] and
              '\\"' in name["message"], name["message"])
    looks = library.call(TOOL, **{**BASE, "subject": "=?utf-8?Q?=0D=0ABcc:_eve?="})
    tap.check("a subject that looks encoded is encoded once more", "=?utf-8?B?" in looks["message"], looks["message"])
    wide = library.fails(TOOL, **{**BASE, "to": "ann@evil\uff0eexample"})
    tap.check("a wide dot is a dot", wide.startswith("nothing may be sent to ann@evil.example;"), wide)
    stored = library.call("artifact-store", name="a.txt", text="x", mimeType="text/plain\r\nX-Evil: y")["artifact"]["id"]
    attached = library.call(TOOL, **{**BASE, "artifacts": stored})["message"]
    tap.check("a type that is more than a type is none", "X-Evil" not in attached and
              "Content-Type: application/octet-stream" in attached, attached)
    stored = library.call("artifact-store", name="a\r\nBcc: e", text="x", mimeType="text/plain")["artifact"]["id"]
    told = library.fails(TOOL, **{**BASE, "artifacts": stored})
    tap.check("nor is a name of an artifact", "control character" in told, told)
    parts = library.call(TOOL, **{**BASE, "body": "\r\n.\r\nMAIL FROM:<x@y>\r\n--a-\r\nContent-Type: x"})
    tap.check("a body has no headers", parts["message"].count("Content-Type") == 2 or "Content-Type: text/plain" in
              parts["message"].split("\r\n\r\n")[0], parts["message"])


def recipients(tap, library):
    """settings.recipients: what is not there gets nothing, whatever it looks like."""
    for mail in ("eve@evil.example", "eve@example.org.evil.example", "eve@notexample.org", "ann@sub.example.org",
                 "eve@notexample.net", "eve@example.net"):
        for key in ("to", "cc", "bcc"):
            told = library.fails(TOOL, **{**BASE, key: mail})
            tap.equal(f"{mail} as {key}", told, f"nothing may be sent to {mail}; the operator allows it with "
                      '"recipients" in the settings of hexmcp.email-sender')
    tap.equal("a sender that is not allowed", library.fails(TOOL, **{**BASE, "from": "boss@example.org"}),
              'nothing may be sent as boss@example.org; the operator allows it with "senders" in the settings of '
              "hexmcp.email-sender")
    tap.check("a capital letter makes no other domain", "envelope" in library.fails(TOOL, **{**BASE, "to": "a@EXAMPLE.ORG"}))


def files(tap, library):
    """hexmcp.files/1."""
    outside = library.place.folder("outside")
    with open(os.path.join(outside, "secret.txt"), "w", encoding="utf-8") as file:
        file.write("precious")
    os.symlink(os.path.join(outside, "secret.txt"), library.path("link.txt"))
    for path in ("../outside/secret.txt", os.path.join(outside, "secret.txt"), "link.txt", "/etc/passwd", "/proc/self/environ"):
        told = library.fails(TOOL, **{**BASE, "attachments": [path]})
        tap.check(f"{os.path.basename(path)} by {path[:3]} is not attached", '"message"' not in told, told)
    library.put("a\r\nBcc: eve.txt", "x")
    told = library.fails(TOOL, **{**BASE, "attachments": ["a\r\nBcc: eve.txt"]})
    tap.check("a name with a line break", "control character" in told, told)


def hosts(tap, program, place):
    """hexmcp.net/1 checks the address; a rule for all public hosts does not lead to this machine."""
    for host in ("127.0.0.1", "localhost", "169.254.169.254"):
        smtp = {"host": host, "port": 2525, "tls": "starttls"}
        with Library(program, configured(place, ["*:*"], smtp=smtp)) as library:
            told = library.fails(TOOL, **{**BASE, "dry_run": False})
            tap.check(f"{host} is not public", told.startswith(f"the mail server {host}: ") and "refused" not in told, told)
    for smtp, words in (({"host": "mail.example.org", "tls": "off"}, 'smtp.tls may be "off" for a server on this machine only'),
                        ({"host": "a/b"}, "smtp.host is no name of a host"),
                        ({"host": "a", "password": "text"}, "never the value")):
        with Library(program, configured(place, [], smtp=smtp)) as library:
            told = library.fails(TOOL, **BASE)
            tap.check(f"settings are checked: {words}", words in told, told)


with Tap() as tap, tempfile.TemporaryDirectory() as place:
    with Library(sys.argv[1], configured(place, [], smtp={"host": "mail.example.org"})) as library:
        headers(tap, library)
        recipients(tap, library)
        files(tap, library)
    with Library(sys.argv[1], configured(place, [], smtp={"host": "mail.example.org"}, recipients=[])) as library:
        tap.check("without a list nobody gets anything", "nothing may be sent to" in library.fails(TOOL, **BASE))
    hosts(tap, sys.argv[1], place)
