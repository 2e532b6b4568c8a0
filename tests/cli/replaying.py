"""How the tests of groundhog-replay run it."""
import datetime
import json
import os
import subprocess

from groundhog import CliTest

REPLAY = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog-replay")
REPORT_KEYS = ["trace_digest", "records_read", "records_sent", "messages_acknowledged",
               "messages_failed", "alerts_acknowledged", "messages_forgotten", "bytes",
               "duration_ms", "speed_asked", "speed_reached", "seeks", "paused_ms", "slipped_ms",
               "lateness_ms", "ack_ms", "resumed_at", "payload_xxh128", "complete"]
# In seconds: far longer than any wait here takes on the slowest machine.
PATIENCE_SECONDS = 120


def replay(*arguments, stdin=subprocess.DEVNULL, **options):
    """Runs groundhog-replay and returns what subprocess.run does, with bytes for the outputs."""
    options["input" if isinstance(stdin, bytes) else "stdin"] = stdin
    options.setdefault("stdout", subprocess.PIPE)
    return subprocess.run([REPLAY, *arguments], stderr=subprocess.PIPE, check=False,
                          timeout=PATIENCE_SECONDS, **options)


def start(*arguments, **options):
    options.setdefault("stdin", subprocess.DEVNULL)
    # Unbuffered: what a readline read ahead would be lost to communicate.
    return subprocess.Popen([REPLAY, *arguments], bufsize=0, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, **options)


def milliseconds(line):
    text = json.loads(line)["timestamp"].replace("Z", "+00:00")
    return round(datetime.datetime.fromisoformat(text).timestamp() * 1000)


class ReplayTest(CliTest):

    def report(self, name="report.json"):
        with open(self.path(name), encoding="utf-8") as file:
            return json.load(file)

    def assert_refused(self, done, *words, code=2):
        """One line on stderr with all the words, no data on stdout."""
        message = done.stderr.decode()
        self.assertEqual(done.returncode, code, message)
        self.assertEqual(done.stdout, b"")
        self.assertRegex(message, r"\Agroundhog-replay: [^\n]+\n\Z")
        for word in words:
            self.assertIn(word, message)
