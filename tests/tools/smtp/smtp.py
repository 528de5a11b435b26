"""A real mail server for tests: npm's smtp-server, in the versions of package-lock.json."""
import base64
import email
import email.policy
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import npm_server  # noqa: E402


def why_missing():
    """Installs it if it is not there; why it cannot be used, or None."""
    return npm_server.why_missing(HERE)


class Mail(npm_server.NpmServer):
    """with Mail(user="ann", password="x") as mail: mail.port ... mail.next()"""

    def __init__(self, **options):
        super().__init__(HERE, **options)

    def next(self, seconds=10):
        """The next message that it has taken, with the parsed `message`; None if there is none."""
        told = self.line(seconds)
        if told:
            told["data"] = base64.b64decode(told["data"])
            told["message"] = email.message_from_bytes(told["data"], policy=email.policy.default)
        return told
