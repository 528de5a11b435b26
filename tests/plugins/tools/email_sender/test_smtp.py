"""email-sender against a real mail server."""
import sys
import tempfile

from common import TOOL, Library, Mail, Tap, certificate, configured, why_missing


def texts(tap, library, mail):
    result = library.call(TOOL, to="ann@example.org", subject="Grüße an alle, die dies hier lesen wollen und können",
                          body="Liebe Ann,\n\n.ein Punkt am Anfang\nÜber=\n" + "lang " * 60 + "\nEnde ")
    got = mail.next()
    message = got["message"]
    tap.equal("the envelope", (got["from"], got["to"], got["secure"], got["user"], got["name"]),
              ("hex@example.org", ["ann@example.org"], True, "hexmcp", "example.org"))
    tap.equal("the result", {key: result[key] for key in ("operation", "provider", "status", "envelope", "response")},
              {"operation": "send", "provider": "smtp", "status": "sent",
               "envelope": {"from": "hex@example.org", "recipients": ["ann@example.org"]},
               "response": "250 taken as 4711"})
    tap.equal("the headers", (message["From"], message["To"], message["Subject"], message["MIME-Version"]),
              ("Hex <hex@example.org>", "ann@example.org", "Grüße an alle, die dies hier lesen wollen und können", "1.0"))
    tap.equal("Message-ID is that of the result", message["Message-ID"], f"<{result['message_id']}>")
    tap.equal("the date is one", message["Date"].datetime.strftime("%Y-%m-%dT%H:%M:%SZ"), result["timestamp"])
    tap.equal("the text", message.get_content().replace("\r\n", "\n"),
              "Liebe Ann,\n\n.ein Punkt am Anfang\nÜber=\n" + "lang " * 60 + "\nEnde \n")
    tap.check("no line is too long", max(map(len, got["data"].split(b"\r\n"))) <= 78)
    tap.check("all is ASCII", all(byte < 128 for byte in got["data"]))


def parts(tap, library, mail):
    library.put("report.txt", "a report")
    library.put("sub/Übersicht 2024.pdf", bytes(range(256)) * 50)
    html = "<html><head><title>no</title></head><body><p>Hello &amp; <b>welcome</b></p><p>Second<br>line</p></body></html>"
    result = library.call(TOOL, to=["Ann Example <ann@example.org>", "Zoë \"Z\" <zoe@mail.example.net>"],
                          cc=["bob@example.org"], bcc=["eve@example.org"], subject="Report", body=html, html=True,
                          attachments=["report.txt", "sub/Übersicht 2024.pdf"], reply_to="office@example.org")
    got = mail.next()
    message = got["message"]
    tap.equal("all get it", (got["to"], result["envelope"]["recipients"]),
              (["ann@example.org", "zoe@mail.example.net", "bob@example.org", "eve@example.org"],) * 2)
    tap.equal("names are kept", [(one.display_name, one.addr_spec) for one in message["To"].addresses],
              [("Ann Example", "ann@example.org"), ('Zoë "Z"', "zoe@mail.example.net")])
    tap.check("nobody sees who got a blind copy", b"eve@" not in got["data"])
    tap.equal("answers go elsewhere", message["Reply-To"], "office@example.org")
    tap.equal("there are two versions of the text", [part.get_content_type() for part in message.walk()],
              ["multipart/mixed", "multipart/alternative", "text/plain", "text/html", "text/plain", "application/pdf"])
    tap.equal("the page is as it was given", message.get_body(("html",)).get_content().strip(), html)
    tap.equal("its text is without marks", message.get_body(("plain",)).get_content().replace("\r\n", "\n").strip(),
              "Hello & welcome\nSecond\nline")
    tap.equal("files have names, types and content",
              [(one.get_filename(), one.get_content_type(), one.get_content()) for one in message.iter_attachments()],
              [("report.txt", "text/plain", "a report"),
               ("Übersicht 2024.pdf", "application/pdf", bytes(range(256)) * 50)])
    library.call(TOOL, to="ann@example.org", subject="x", body="<p>a</p>", html=True, text="the text")
    tap.equal("a text may be given", mail.next()["message"].get_body(("plain",)).get_content().strip(), "the text")


def letters(tap, library, mail):
    """Addresses that are not ASCII: domains as xn--..., the rest by SMTPUTF8."""
    result = library.call(TOOL, to=["Jörg <ann@bücher.example>", "  ann@EXAMPLE.org "], subject="x", body="y")
    got = mail.next()
    tap.equal("a domain travels as xn--", (result["envelope"]["recipients"], got["message"]["To"].addresses[0].addr_spec),
              (["ann@xn--bcher-kva.example", "ann@example.org"], "ann@xn--bcher-kva.example"))
    tap.equal("the server reads it", got["to"], ["ann@bücher.example", "ann@example.org"])
    tap.check("all is ASCII, so SMTPUTF8 is not asked for", all(byte < 128 for byte in got["data"]))
    result = library.call(TOOL, to="Jörg <jörg@example.org>", subject="x", body="y")
    got = mail.next()
    tap.equal("letters before the @ are kept", (result["envelope"]["recipients"], got["to"]), (["jörg@example.org"],) * 2)
    tap.check("also in the header", "<jörg@example.org>".encode() in got["data"], got["data"])
    quoted = library.call(TOOL, to='"Ann \\"A\\" E" <ann@example.org>', subject="x", body="y", dry_run=True)["message"]
    tap.check("a quoted name is quoted once", 'To: "Ann \\"A\\" E" <ann@example.org>' in quoted, quoted)


def artifacts(tap, library, mail):
    stored = library.call("artifact-store", name="Übersicht.csv", text="a,b\n", mimeType="text/csv")["artifact"]["id"]
    library.put("report.txt", "a report")
    library.call(TOOL, to="ann@example.org", subject="x", body="y", attachments="report.txt",
                 artifacts=[stored, f"hexmcp://artifact/{stored}"])
    message = mail.next()["message"]
    tap.equal("artifacts are attached behind the files", [
        (one.get_filename(), one.get_content_type(), one.get_content()) for one in message.iter_attachments()],
        [("report.txt", "text/plain", "a report"), ("Übersicht.csv", "text/csv", "a,b\n"),
         ("Übersicht.csv", "text/csv", "a,b\n")])
    told = library.fails(TOOL, to="ann@example.org", subject="x", body="y", artifacts="no-such")
    tap.check("one that is not there is said", told.startswith("the artifact no-such cannot be attached: "), told)


def dry(tap, library, mail):
    result = library.call(TOOL, to="ann@example.org", bcc="eve@example.org", subject="x", body="y", dry_run=True)
    tap.equal("a dry run says what would be sent", (result["status"], result["truncated"], result["bytes"]),
              ("dry_run", False, len(result["message"])))
    tap.check("the message is all there", result["message"].endswith("\r\n\r\ny") and "To: ann@example.org" in
              result["message"] and "eve" not in result["message"], result["message"])
    large = library.call(TOOL, to="ann@example.org", subject="x", body="y" * 50000, dry_run=True)
    tap.equal("a long one is cut, and says so", (large["truncated"], len(large["message"])), (True, 16384))
    tap.equal("nothing was sent", mail.next(0.5), None)


def wrong(tap, library):
    def fails(**more):
        return library.fails(TOOL, **{"to": "ann@example.org", "subject": "s", "body": "b", **more})
    for name, arguments, text in (
            ("an address", {"to": "ann"}, "to[0] is no address: write it as name@example.org or Name <name@example.org>, "
                                          "one address alone"),
            ("an empty list", {"to": []}, "to is missing; give an address or several"),
            ("a subject", {"subject": ""}, "subject is missing or empty; give it"),
            ("an address for answers", {"reply_to": "jörg@example.org"},
             "reply_to: jörg@example.org is not ASCII before the @, and those who answer may not be able to write it; give "
             "another address"),
            ("a missing >", {"to": "Ann <ann@example.org"}, 'to[0] is no address: it has a "<" without a ">" at its end'),
            ("no address", {"to": "  "}, "to[0] is no address: it is empty"),
            ("an account", {"provider": "ses"}, 'the operator has set up no account of ses; see "ses" in the settings of '
                                                "hexmcp.email-sender"),
            ("text without html", {"text": "x"}, "text is for those who read no HTML; give it with html true"),
            ("an operation", {"operation": "receive"}, None)):
        told = fails(**arguments)
        tap.check(f"{name} is wrong", told == text if text else "operation" in told, told)
    tap.check("a file must be there", "none.txt" in fails(attachments=["none.txt"]), fails(attachments=["none.txt"]))
    library.put("large.bin", b"x" * (10 * 1024 * 1024 + 1))
    tap.check("files are limited", "large.bin" in fails(attachments=["large.bin"]), fails(attachments=["large.bin"]))


def servers(tap, program, place):
    key, cert, file = certificate(place)
    smtp = {"host": "localhost", "user": "hexmcp", "password": {"secret": "mail-password"}, "caFile": file}

    def attempt(mail, hosts=None, secrets=("mail-password",), **more):
        config = configured(place, [f"localhost:{mail.port}"] if hosts is None else hosts, secrets,
                            smtp={**smtp, "port": mail.port, **more})
        with Library(program, config) as library:
            return library.fails(TOOL, to="ann@example.org", subject="s", body="b", timeout_ms=5000)

    with Mail(key=key, cert=cert, secure=True, user="hexmcp", password="s3cret-value") as mail:
        tap.check("implicit TLS", '"status": "sent"' in attempt(mail, tls="implicit") and mail.next()["secure"])
        told = attempt(mail, tls="implicit", caFile="/etc/ssl/certs/ca-certificates.crt")
        tap.equal("a certificate that nobody vouches for", told,
                  "the certificate of the mail server localhost does not fit; nothing was sent")
        tap.check("a host that is not granted", "localhost" in attempt(mail, hosts=[]) and mail.next(0.3) is None)
        tap.check("a secret that is not granted", "mail-password" in attempt(mail, secrets=(), tls="implicit"))
    other_key, other_cert, other_file = certificate(place, "other.example")
    with Mail(key=other_key, cert=other_cert, user="hexmcp", password="s3cret-value") as mail:
        tap.equal("a certificate for another host", attempt(mail, caFile=other_file),
                  "the certificate of the mail server localhost does not fit; nothing was sent")
    with Mail(key=key, cert=cert, ascii=True, user="hexmcp", password="s3cret-value") as mail:
        with Library(program, configured(place, [f"localhost:{mail.port}"], smtp={**smtp, "port": mail.port})) as library:
            tap.equal("a server without SMTPUTF8", library.fails(TOOL, to="jörg@example.org", subject="s", body="b"),
                      "the mail server localhost does not take addresses that are not ASCII before the @ (it offers no "
                      "SMTPUTF8); nothing was sent")
            tap.equal("which takes nothing", mail.next(0.3), None)
            library.call(TOOL, to="ann@example.org", subject="s", body="b")
            tap.equal("but other addresses", mail.next()["to"], ["ann@example.org"])
    with Mail(key=key, cert=cert, user="hexmcp", password="another") as mail:
        told = attempt(mail)
        tap.check("a wrong password", told.startswith("the mail server localhost refuses user and password (535 ") and
                  "s3cret-value" not in told, told)
    with Mail(plain=True) as mail:
        tap.equal("a server without TLS", attempt(mail, user="", password={"secret": "mail-password"}),
                  "the mail server localhost offers no TLS (STARTTLS), which is demanded; nothing was sent")
    with Mail(key=key, cert=cert, refuse="ann@example.org", user="hexmcp", password="s3cret-value") as mail:
        told = attempt(mail)
        tap.check("a recipient that is refused", "550 No such user here" in told and told.endswith("nothing was sent"), told)
    with Mail(key=key, cert=cert, slow=8000, user="hexmcp", password="s3cret-value") as mail:
        tap.equal("a server that does not confirm", attempt(mail),
                  "the mail server localhost did not answer in time; the message was handed over but not confirmed: it "
                  "may have been sent")
    with Mail(key=key, cert=cert, user="hexmcp", password="s3cret-value") as mail:
        config = configured(place, [f"localhost:{mail.port}"], smtp={**smtp, "port": mail.port}, maxPerHour=1)
        with Library(program, config) as library:
            library.call(TOOL, to="ann@example.org", subject="s", body="b")
            tap.equal("one too many within an hour", library.fails(TOOL, to="ann@example.org", subject="s", body="b"),
                      "1 message may be sent within an hour, and so many were; send it later")


def main(tap, program):
    reason = why_missing()
    if reason:
        tap.skip("a mail server takes what the tool sends", reason)
        return
    with tempfile.TemporaryDirectory() as place:
        key, cert, file = certificate(place)
        with Mail(key=key, cert=cert, user="hexmcp", password="s3cret-value") as mail:
            smtp = {"host": "localhost", "port": mail.port, "user": "hexmcp", "password": {"secret": "mail-password"},
                    "caFile": file}
            with Library(program, configured(place, [f"localhost:{mail.port}"], smtp=smtp)) as library:
                texts(tap, library, mail)
                parts(tap, library, mail)
                letters(tap, library, mail)
                artifacts(tap, library, mail)
                dry(tap, library, mail)
                wrong(tap, library)
        servers(tap, program, place)


with Tap() as tap:
    main(tap, sys.argv[1])
