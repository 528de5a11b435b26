"""PostgreSQL for tests: postgresql.py start|stop|freeze|thaw FOLDER."""
import glob
import os
import signal
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import server  # noqa: E402


class PostgreSQL(server.Server):
    name = "PostgreSQL"
    stop_signal = signal.SIGINT
    password = "s3cret"

    def __init__(self, folder):
        super().__init__(folder)
        folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True)
        self.program = next((os.path.join(one, "postgres") for one in folders
                             if os.path.exists(os.path.join(one, "postgres"))), None)

    def prepare(self):
        data, secret = self.path("data"), self.path("password")
        with open(secret, "w", encoding="utf-8") as file:
            file.write(self.password)
        os.mkdir(data, 0o700)
        for path in (data, secret, self.folder):
            self.own(path)
        subprocess.run(self.prefix + [os.path.join(os.path.dirname(self.program), "initdb"), "-D", data,
                                      "-U", "hexmcp", "--auth=scram-sha-256", f"--pwfile={secret}",
                                      "--encoding=UTF8", "--no-locale", "--no-sync"],
                       check=True, stdout=subprocess.DEVNULL, cwd=self.folder)

    def command(self):
        return [self.program, "-D", self.path("data"), "-k", self.folder, "-c", "listen_addresses=",
                "-c", "fsync=off", "-c", "shared_buffers=32MB", "-c", "max_wal_size=256MB"]

    def ready(self):
        """The server writes its state into the eighth line."""
        try:
            with open(self.path("data", "postmaster.pid"), encoding="utf-8") as file:
                lines = file.read().splitlines()
        except OSError:
            return False
        return len(lines) > 7 and lines[7].strip() == "ready" and lines[0] == str(self.pid())

    def url(self, password=password):
        return f"postgresql://hexmcp:{password}@/postgres?host={self.folder}"


if __name__ == "__main__":
    server.main(PostgreSQL)
