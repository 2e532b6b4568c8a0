"""Every exit code that a command's help, its manual page, the README or docs/REPLAY.md documents is
produced here, and no other code is documented."""
import json
import os
import re
import resource
import signal
import subprocess
import unittest

from groundhog import CliTest, is_sanitized, run
from help_pages import pages
from replaying import replay, start

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]
# More requests in flight than fit in the memory that the process may use.
RUNAWAY = """
name: away
log_interval: 0s
services:
  web: {concurrency: 1, queue: 0, service_time: 1h, queue_timeout: 1us}
journeys:
  visit: {rate: 100000/s, deadline: 1d, entry: {service: web}}
"""


def codes_of_table(path, title):
    """The codes in the table of a document's section, each once."""
    with open(os.path.join(SOURCE, path), encoding="utf-8") as file:
        section = file.read().split(f"\n## {title}\n")[1].split("\n## ")[0]
    return [int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)]


class ExitCodesTest(CliTest):

    def incomplete(self):
        return self.cut(len(self.data) // 2)

    def interrupted(self, process):
        """The exit code after Ctrl-C, sent when the process has begun to write."""
        for _ in range(10):
            process.stdout.read(10_000)
        process.send_signal(signal.SIGINT)
        with process:
            process.stdout.read()
        return process.returncode

    def record_forever(self):
        program = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
        return subprocess.Popen([program, "record", "--duration", "forever", "-o", "-"], bufsize=0,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def interrupted_copy(self, command):
        """The exit code after Ctrl-C while the reader of the copy waits."""
        process = subprocess.Popen(
            [os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog"), command, self.trace, "-o",
             "-"], bufsize=0, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        return self.interrupted(process)

    def run_away(self):
        scenario = self.write("away.yaml", RUNAWAY.encode())
        limit = 300_000_000
        return run("record", scenario, "-o", self.path("away.ghog"),
                   preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def control(self, command):
        """`ctl` to a replay that waits."""
        path = self.path("ctl.sock")
        process = start(self.trace, "--to", "null:", "--quiet", "--start-paused", "--control",
                        "unix:" + path)
        try:
            return replay("ctl", "--wait", "60s", path, command)
        finally:
            process.kill()
            process.communicate()
            os.unlink(path)

    def tool_drives(self, missing):
        """Of the commands that read a trace and show or write a part of it."""
        trace_id = json.loads(run("cat", self.trace, "--limit", "1").stdout)["trace_id"]
        copy = self.path("copy.ghog")
        drives = {"groundhog tree": {
            0: lambda: run("tree", self.trace, trace_id),
            1: lambda: run("tree", self.trace, "0" * 32),
            2: lambda: run("tree", missing, trace_id),
            3: lambda: run("tree", self.incomplete(), trace_id)}}
        for name in ("convert", "merge", "slice", "recover"):
            drives[f"groundhog {name}"] = {
                0: lambda name=name: run(name, self.trace, "-o", copy),
                2: lambda name=name: run(name, missing, "-o", copy),
                3: lambda name=name: run(name, self.incomplete(), "-o", copy),
                130: lambda name=name: self.interrupted_copy(name)}
        return drives

    def drives(self):
        """{command: {code: what ends with it}}"""
        missing = self.path("missing.ghog")
        max_speed = ["--to", "null:", "--speed", "max", "--quiet"]
        replay_drives = {
            0: lambda: replay(self.trace, *max_speed),
            1: lambda: replay(self.trace, "--to", "null:", "--speed", "100000x",
                              "--fail-if-lateness", "max=0s"),
            2: lambda: replay(missing, *max_speed),
            3: lambda: replay(self.incomplete(), *max_speed),
            130: lambda: self.interrupted(start(self.trace, "--to", "jsonl:-", "--quiet"))}
        record = ["--duration", "10m", "-q", "-o"]
        drives = {
            **self.tool_drives(missing),
            "groundhog": {0: lambda: run("--version"), 2: lambda: run()},
            "groundhog record": {
                0: lambda: run("record", *record, self.path("ten.ghog")),
                1: self.run_away,
                2: lambda: run("record", *record, "/nowhere/ten.ghog"),
                130: lambda: self.interrupted(self.record_forever())},
            "groundhog cat": {
                0: lambda: run("cat", self.trace), 2: lambda: run("cat", missing),
                3: lambda: run("cat", self.incomplete())},
            "groundhog audit": {
                0: lambda: run("audit", self.trace, "-", stdin=run("cat", self.trace).stdout),
                1: lambda: run("audit", self.trace, "-"),
                2: lambda: run("audit", self.trace, missing),
                3: lambda: run("audit", self.incomplete(), "-",
                               stdin=run("cat", self.incomplete()).stdout)},
            "groundhog diff": {
                0: lambda: run("diff", self.trace, self.trace),
                1: lambda: run("diff", self.trace, self.incomplete()),
                2: lambda: run("diff", self.trace, missing),
                3: lambda: run("diff", self.incomplete(), self.incomplete())},
            "groundhog explain": {
                0: lambda: run("explain", self.trace), 2: lambda: run("explain", missing),
                3: lambda: run("explain", self.incomplete())},
            "groundhog digest": {
                0: lambda: run("digest", self.trace), 1: lambda: run("digest", self.incomplete()),
                2: lambda: run("digest", missing)},
            "groundhog verify": {
                0: lambda: run("verify", self.trace), 1: lambda: run("verify", self.incomplete()),
                2: lambda: run("verify", missing)},
            "groundhog stats": {
                0: lambda: run("stats", self.trace), 2: lambda: run("stats", missing),
                3: lambda: run("stats", self.incomplete())},
            "groundhog info": {
                0: lambda: run("info", self.incomplete()), 2: lambda: run("info", missing)},
            "groundhog scenario": {
                0: lambda: run("scenario", "--help"), 2: lambda: run("scenario")},
            "groundhog completion": {
                0: lambda: run("completion", "zsh"), 2: lambda: run("completion", "csh")},
            "groundhog help": {0: lambda: run("help"), 2: lambda: run("help", "xyzzy")},
            "groundhog-replay": replay_drives,
            "groundhog-replay ctl": {
                0: lambda: self.control("status"), 1: lambda: self.control("dance"),
                2: lambda: replay("ctl", self.path("nobody.sock"), "status")},
            "groundhog-replay completion": {
                0: lambda: replay("completion", "zsh"), 2: lambda: replay("completion", "csh")},
            "groundhog-replay help": {
                0: lambda: replay("help"), 2: lambda: replay("help", "xyzzy")}}
        for name in ("list", "show", "source", "check", "schema"):
            drives[f"groundhog scenario {name}"] = {
                0: lambda name=name: run("scenario", name),
                2: lambda name=name: run("scenario", name, "nowhere.yaml")}
        return drives

    def test_every_command_lists_its_codes(self):
        for page in pages():
            with self.subTest(page.command):
                # A command with subcommands leaves its exit codes to these.
                stands_for_others = page.commands != [] and page.command[0] == "groundhog"
                self.assertEqual("Exit codes" in page.sections, not stands_for_others)

    def test_each_code_that_help_lists_is_reached(self):
        drives = self.drives()
        self.assertEqual({" ".join(page.command) for page in pages()}, set(drives))
        for page in pages():
            command = " ".join(page.command)
            self.assertEqual(page.exit_codes, set(drives[command]), command)
            for code, drive in drives[command].items():
                if drive == self.run_away and is_sanitized():
                    continue  # a sanitizer's shadow memory does not fit in any limit
                with self.subTest(command, code=code):
                    done = drive()
                    self.assertEqual(getattr(done, "returncode", done), code)

    def test_documents_list_the_same_codes(self):
        listed = {" ".join(page.command): page.exit_codes for page in pages()}
        self.assertEqual(codes_of_table("README.md", "Exit codes"),
                         sorted(set().union(*listed.values())))
        self.assertEqual(codes_of_table("docs/REPLAY.md", "Exit codes"),
                         sorted(listed["groundhog-replay"]))


if __name__ == "__main__":
    unittest.main()
