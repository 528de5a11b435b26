"""Orphan."""
import subprocess

from server import Server


class Broken(Server):
    def begin(self):
        subprocess.Popen(["sleep", "60"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL, start_new_session=True)


Broken().run()
