"""MariaDB for tests: mariadb.py start|stop|freeze|thaw FOLDER."""
import os
import socket
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import server  # noqa: E402


class MariaDB(server.Server):
    """On a socket in its folder and, if it is given one, on a port of 127.0.0.1."""
    name = "MariaDB"
    stop_signal = 15
    password = "s3cret"

    def __init__(self, folder, port=0, options=()):
        super().__init__(folder)
        self.prefix, self.ids = server.throwaway_user("mysql")
        self.program = server.find("mariadbd", "/usr/sbin", "/usr/libexec")
        self.port = port
        self.options = list(options)

    def prepare(self):
        data = self.path("data")
        os.mkdir(data, 0o700)
        for path in (data, self.folder):
            self.own(path)
        subprocess.run(self.prefix + [server.find("mariadb-install-db"), "--no-defaults", f"--datadir={data}",
                                      "--auth-root-authentication-method=normal", "--skip-test-db"],
                       check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self.folder)
        with open(self.path("first.sql"), "w", encoding="utf-8") as file:
            file.write("CREATE DATABASE IF NOT EXISTS hexmcp;\n"
                       f"CREATE USER IF NOT EXISTS 'hexmcp'@'%' IDENTIFIED BY '{self.password}';\n"
                       "GRANT ALL ON hexmcp.* TO 'hexmcp'@'%';\n")
        os.chmod(self.path("first.sql"), 0o644)

    def command(self):
        network = [f"--port={self.port}", "--bind-address=127.0.0.1"] if self.port else ["--skip-networking"]
        return [self.program, "--no-defaults", f"--datadir={self.path('data')}",
                f"--socket={self.path('socket')}", f"--pid-file={self.path('pid')}",
                f"--init-file={self.path('first.sql')}", "--innodb-flush-log-at-trx-commit=0",
                "--innodb-buffer-pool-size=16M", "--skip-name-resolve", *network, *self.options]

    def ready(self):
        """It says hello once all is read."""
        with socket.socket(socket.AF_UNIX) as one:
            try:
                one.settimeout(1)
                one.connect(self.path("socket"))
                return len(one.recv(16)) > 0
            except OSError:
                return False

    def run(self, sql):
        """As root of the database; what the program printed."""
        done = subprocess.run([server.find("mariadb"), "--no-defaults", "-u", "root",
                               f"--socket={self.path('socket')}", "-N", "-B", "hexmcp"],
                              input=sql, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout


if __name__ == "__main__":
    server.main(MariaDB)
