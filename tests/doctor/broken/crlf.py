"""Crlf."""
from server import Server


class Broken(Server):
    line_end = "\r\n"


Broken().run()
