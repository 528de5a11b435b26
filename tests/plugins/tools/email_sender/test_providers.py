"""email-sender by SendGrid and Amazon SES: what arrives at a service, and what is made of its answer."""
import base64
import email
import email.policy
import hashlib
import hmac
import json
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from common import TOOL, Library, Tap, configured


class Service(ThreadingHTTPServer):
    def __init__(self):
        self.got = []
        self.answer = (202, {"X-Message-Id": "sg-1"}, b"")
        super().__init__(("127.0.0.1", 0), Answer)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://localhost:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    def do_POST(self):  # pylint: disable=invalid-name
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers.items()), body))
        status, headers, text = self.server.answer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(text))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):  # pylint: disable=arguments-differ
        pass


MESSAGE = {"to": ["Ann <ann@example.org>"], "bcc": "eve@example.org", "subject": "Grüße", "body": "<b>Hi</b>", "html": True,
           "attachments": ["a.txt"]}


def sendgrid(tap, program, place, service):
    settings = {"sendgrid": {"key": {"secret": "sendgrid-key"}, "url": service.url + "/v3/mail/send"}}
    hosts = [f"localhost:{service.server_port}"]
    with Library(program, configured(place, hosts, **settings)) as library:
        library.put("a.txt", "attached")
        result = library.call(TOOL, **MESSAGE)
        path, headers, body = service.got.pop()
        tap.equal("SendGrid is asked", (path, headers["Authorization"]), ("/v3/mail/send", "Bearer s3cret-value"))
        tap.equal("with the message", json.loads(body),
                  {"personalizations": [{"to": [{"email": "ann@example.org", "name": "Ann"}],
                                         "bcc": [{"email": "eve@example.org"}]}],
                   "from": {"email": "hex@example.org", "name": "Hex"}, "subject": "Grüße",
                   "content": [{"type": "text/plain", "value": "Hi\n"}, {"type": "text/html", "value": "<b>Hi</b>"}],
                   "attachments": [{"content": base64.b64encode(b"attached").decode(), "type": "text/plain",
                                    "filename": "a.txt"}]})
        tap.equal("its number is told", (result["provider"], result["status"], result["message_id"]),
                  ("sendgrid", "sent", "sg-1"))
        service.answer = (401, {}, b'{"errors":[{"message":"bad key"}]}')
        tap.equal("a refusal is told", library.fails(TOOL, **MESSAGE),
                  'SendGrid answered 401: {"errors":[{"message":"bad key"}]}; nothing was sent')
        service.answer = (302, {"Location": service.url + "/elsewhere"}, b"")
        service.got.clear()
        tap.equal("a redirect is not followed", (library.fails(TOOL, **MESSAGE), [one[0] for one in service.got]),
                  ("SendGrid answered 302: ; nothing was sent", ["/v3/mail/send"]))
        tap.equal("an address that is not ASCII is for SMTP", library.fails(TOOL, **{**MESSAGE, "bcc": "jörg@example.org"}),
                  "jörg@example.org is not ASCII before the @, which sendgrid does not take; send it with provider smtp, or "
                  "to another address")
        tap.check("the key is told nowhere", "s3cret-value" not in json.dumps(result))
    with Library(program, configured(place, [], **settings)) as library:
        library.put("a.txt", "attached")
        count = len(service.got)
        told = library.fails(TOOL, **MESSAGE)
        tap.check("a host that is not granted is not reached", '"sent"' not in told and len(service.got) == count, told)


def signature(headers, body, secret, host):
    """As the documentation of Signature Version 4 has it, written apart from the tool's."""
    date = headers["X-Amz-Date"]
    canonical = "\n".join(["POST", "/v2/email/outbound-emails", "", "content-type:application/json", f"host:{host}",
                           f"x-amz-date:{date}", "", "content-type;host;x-amz-date", hashlib.sha256(body).hexdigest()])
    scope = f"{date[:8]}/eu-central-1/ses/aws4_request"
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    text = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    return (f"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{scope}, SignedHeaders=content-type;host;x-amz-date, "
            f"Signature={hmac.new(key, text.encode(), 'sha256').hexdigest()}")


def ses(tap, program, place, service):
    settings = {"ses": {"region": "eu-central-1", "accessKeyId": "AKIDEXAMPLE", "secretKey": {"secret": "ses-secret-key"},
                        "url": service.url + "/v2/email/outbound-emails"}}
    host = f"localhost:{service.server_port}"
    with Library(program, configured(place, [host], **settings)) as library:
        library.put("a.txt", "attached")
        service.answer = (200, {"Content-Type": "application/json"}, b'{"MessageId":"ses-1"}')
        result = library.call(TOOL, **MESSAGE)
        path, headers, body = service.got.pop()
        told = json.loads(body)
        tap.equal("SES is asked", (path, told["FromEmailAddress"], told["Destination"]),
                  ("/v2/email/outbound-emails", "hex@example.org",
                   {"ToAddresses": ["ann@example.org"], "CcAddresses": [], "BccAddresses": ["eve@example.org"]}))
        message = email.message_from_bytes(base64.b64decode(told["Content"]["Raw"]["Data"]), policy=email.policy.default)
        tap.equal("with the message", (message["Subject"], message.get_body(("html",)).get_content().strip(),
                                       [one.get_filename() for one in message.iter_attachments()]),
                  ("Grüße", "<b>Hi</b>", ["a.txt"]))
        tap.equal("the signature is right", headers["Authorization"], signature(headers, body, "s3cret-value", host))
        tap.equal("its number is told", result["message_id"], "ses-1")
    with Library(program, configured(place, [host], secrets=(), **settings)) as library:
        library.put("a.txt", "attached")
        tap.check("a secret that is not granted is not seen", "ses-secret-key" in library.fails(TOOL, **MESSAGE))


with Tap() as tap, tempfile.TemporaryDirectory() as place:
    with Service() as service:
        sendgrid(tap, sys.argv[1], place, service)
        ses(tap, sys.argv[1], place, service)
        service.shutdown()
