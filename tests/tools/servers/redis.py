"""Redis for tests: redis.py start|stop|freeze|thaw FOLDER."""
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import server  # noqa: E402


class Redis(server.Server):
    name = "Redis"
    stop_signal = signal.SIGTERM
    password = "s3cret"

    def __init__(self, folder):
        super().__init__(folder)
        self.program = server.find("redis-server", "/usr/bin")

    def prepare(self):
        self.own(self.folder)

    def command(self):
        return [self.program, "--port", "0", "--unixsocket", self.path("socket"), "--dir", self.folder,
                "--requirepass", self.password, "--appendonly", "yes", "--appendfsync", "everysec",
                "--save", "", "--unixsocketperm", "777"]

    def ready(self):
        try:
            with socket.socket(socket.AF_UNIX) as peer:
                peer.settimeout(1)
                peer.connect(self.path("socket"))
                peer.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while not answer.endswith(b"+PONG\r\n"):
                    part = peer.recv(100)
                    if not part or answer.startswith(b"-"):
                        return False
                    answer += part
                return True
        except OSError:
            return False

    def url(self, password=password):
        return f"redis://:{password}@/0?socket={self.path('socket')}"


if __name__ == "__main__":
    server.main(Redis)
