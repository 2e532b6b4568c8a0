"""What the tests with a real PostgreSQL share: a server of scripts/servers, psql, replays into a
database of a test's own, and a proxy that loses the answer to COMMIT."""
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

BIN = os.environ["GROUNDHOG_BIN_DIR"]
SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
SERVERS = os.path.join(SOURCE, "scripts/servers")
PATIENCE_SECONDS = 120


def groundhog(*arguments):
    return subprocess.run([os.path.join(BIN, "groundhog"), *arguments], check=True, timeout=300,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


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

    def run(self, *arguments, prefix=()):
        return subprocess.run([*prefix, SERVERS, *arguments, "--dir", self.folder], check=True,
                              timeout=300, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              text=True).stdout

    def start(self, *prefix):
        """The first time, or after pause: with the rows and at the URL that it had. `prefix`: a
        command that runs another."""
        self.url = self.run("start", "postgres", prefix=prefix).splitlines()[-1]

    def pause(self):
        """Stops it, as a machine that is shut down would."""
        self.run("stop", "postgres", "--keep")

    def crash(self):
        """Ends all its processes where they are; the next start recovers."""
        os.kill(self.pid(), signal.SIGQUIT)
        self.pause()

    def pid(self):
        with open(os.path.join(self.folder, "postgres/data/postmaster.pid"),
                  encoding="ascii") as file:
            return int(file.readline())

    def stop(self):
        self.run("stop", "postgres")
        shutil.rmtree(self.folder)

    def psql(self, *arguments, stdin=subprocess.DEVNULL, url=None):
        return subprocess.run(
            ["psql", "-d", url or self.url, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
             *arguments],
            check=True, timeout=300, stdin=stdin, stdout=subprocess.PIPE).stdout

    def address(self):
        """HOST:PORT"""
        return self.url.split("@")[1].split("/")[0]


class PostgresTest(unittest.TestCase):
    """Each test has a database of its own, and a user who owns it and has no other right."""

    databases = 0
    RECORDING = ["shop", "--duration", "4h"]  # some 100,000 records
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        cls.server = PostgresServer()
        cls.addClassCleanup(cls.server.stop)
        cls.server.psql("-c", "create role ann login password 'ann-secret'")
        temporary = tempfile.TemporaryDirectory()
        cls.addClassCleanup(temporary.cleanup)
        cls.folder = temporary.name
        cls.trace = os.path.join(cls.folder, "trace.ghog")
        groundhog("record", *cls.RECORDING, "--quiet", "-o", cls.trace)
        cls.records = groundhog("cat", cls.trace).count(b"\n")

    def setUp(self):
        self.commands = 0
        PostgresTest.databases += 1
        self.database = f"test_{PostgresTest.databases}"
        self.server.psql("-c", f"create database {self.database} owner ann")
        self.url = self.url_of("ann:ann-secret")

    def url_of(self, user, address=None, database=None):
        return f"postgres://{user}@{address or self.server.address()}/{database or self.database}"

    def sql(self, *statements):
        """As the owner of everything; the last one's answer."""
        arguments = [word for sql in statements for word in ("-c", sql)]
        url = self.server.url.rsplit("/", 1)[0] + "/" + self.database
        return self.server.psql(*arguments, url=url).decode().strip()

    def command(self, *arguments, to=None, trace=None):
        # Others may run beside it: each has its report.
        self.commands += 1
        self.report_path = os.path.join(self.folder, f"{self.database}-{self.commands}.json")
        return [os.path.join(BIN, "groundhog-replay"), trace or self.trace, "--to", to or self.url,
                "--report", self.report_path, "--quiet", *arguments]

    def report(self):
        """Of the command made last."""
        with open(self.report_path, encoding="utf-8") as file:
            return json.load(file)

    def replay(self, *arguments, code=0, to=None, trace=None):
        done = subprocess.run(self.command(*arguments, to=to, trace=trace), check=False,
                              timeout=PATIENCE_SECONDS, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertNotIn("secret", done.stderr)
        return done.stderr

    def start(self, *arguments, to=None):
        process = subprocess.Popen(self.command(*arguments, to=to), stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.end_quietly, process)
        return process

    @staticmethod
    def end_quietly(process):
        if process.poll() is None:
            process.kill()
        if not process.stderr.closed:
            process.communicate()

    def end(self, process, code=0):
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
        self.assertEqual(process.returncode, code, said)
        self.assertNotIn("secret", said)
        return said

    def assert_one_line(self, said, *words):
        self.assertRegex(said, r"\Agroundhog-replay: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, said)

    def load_lines(self, lines):
        """Into a table `wanted` of JSON objects, each with its number."""
        path = os.path.join(self.folder, "lines")
        with open(path, "wb") as file:
            file.write(lines)
        with open(path, "rb") as file:
            self.server.psql(
                "-c", "set client_min_messages = warning; drop table if exists wanted",
                "-c", "create table wanted (number bigint generated always as identity, "
                "line jsonb)",
                "-c", r"copy wanted (line) from stdin with (format csv, quote e'\x01', "
                r"delimiter e'\x02')",
                url=self.server.url.rsplit("/", 1)[0] + "/" + self.database, stdin=file)

    def assert_rows_are(self, lines):
        """The table logs has exactly these lines, each once and in their order."""
        self.load_lines(lines)
        differences = self.sql("""
            select count(*) from (
              select row_number() over (order by position, ctid) as number, service, level, message,
                timestamp, latency_ms, trace_id, dependency, error_code, hostname from logs) as got
            full join (
              select number, line->>'service' as service, line->>'level' as level,
                line->>'message' as message, (line->>'timestamp')::timestamptz as timestamp,
                (line->>'latency_ms')::bigint as latency_ms, line->>'trace_id' as trace_id,
                line->>'dependency' as dependency, line->>'error_code' as error_code,
                line->>'hostname' as hostname from wanted) as wanted using (number)
            where got is distinct from wanted""")
        self.assertEqual(self.sql("select count(*) from logs"), str(lines.count(b"\n")))
        self.assertEqual(differences, "0")

    def assert_all_there_once(self):
        self.assert_rows_are(groundhog("cat", self.trace))
        self.assertEqual(
            self.sql("select count(distinct position), min(position), max(position) from logs"),
            f"{self.records}|0|{self.records - 1}")


class CommitProxy:
    """Between a client and the server. Once, at the COMMIT number `at`, the client loses its
    connection: after the server has got the COMMIT (`passes`), or before; then the server's end
    stays open for as long as the proxy lives, as when a network breaks."""

    COMMIT = b"Q\x00\x00\x00\x0bcommit\x00"

    def __init__(self, target, at, passes):
        host, port = target.split(":")
        self.target = (host, int(port))
        self.commits_left = at
        self.passes = passes
        self.losses = 0
        self.ends = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(self.target)
            self.ends += [client, server]
            threading.Thread(target=self.pump_up, args=(client, server), daemon=True).start()
            threading.Thread(target=self.pump_down, args=(server, client), daemon=True).start()

    def pump_up(self, client, server):
        try:
            while data := client.recv(1 << 16):
                if data.endswith(self.COMMIT):
                    self.commits_left -= 1
                    if self.commits_left == 0:
                        self.lose(client, server, data)
                        return
                server.sendall(data)
        except OSError:
            pass
        self.close(client, server)

    def lose(self, client, server, data):
        self.losses += 1
        # What comes back from now on has nowhere to go.
        client.shutdown(socket.SHUT_RDWR)
        if self.passes:
            server.sendall(data)

    def pump_down(self, server, client):
        try:
            while data := server.recv(1 << 16):
                client.sendall(data)
        except OSError:
            return  # the client has gone; the server's end stays
        self.close(client, server)

    @staticmethod
    def close(*ends):
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def stop(self):
        self.listener.close()
        for end in self.ends:
            end.close()
