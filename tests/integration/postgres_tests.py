"""What the tests with a real PostgreSQL share: a server of scripts/servers, and psql."""
import os
import shutil
import subprocess
import tempfile

SERVERS = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "scripts/servers")


class PostgresServer:
    """A PostgreSQL of its own, with its default settings; `url` is that of an empty database."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="groundhog-postgres-")
        # As root the server runs as another user.
        os.chmod(self.folder, 0o755)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def run(self, *arguments):
        return subprocess.run([SERVERS, *arguments, "--dir", self.folder], check=True, timeout=300,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True).stdout

    def start(self):
        """The first time, or after pause: with the rows and at the URL that it had."""
        self.url = self.run("start", "postgres").splitlines()[-1]

    def pause(self):
        """Stops it, as a machine that is shut down would."""
        self.run("stop", "postgres", "--keep")

    def stop(self):
        self.run("stop", "postgres")
        shutil.rmtree(self.folder)

    def psql(self, *arguments, stdin=subprocess.DEVNULL, url=None):
        return subprocess.run(
            ["psql", "-d", url or self.url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             *arguments],
            check=True, timeout=300, stdin=stdin, stdout=subprocess.PIPE).stdout
