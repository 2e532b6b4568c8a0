"""Every command that reads traces, on a trace without a record and on one of a single record; with
a reader that has gone; and with an address in place of a file."""
import json
import os
import subprocess
import unittest

from groundhog import CliTest, PROGRAM, run
from replaying import REPLAY


class SmallTracesTest(CliTest):
    RECORD = ["shop", "--duration", "1m"]

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.empty, cls.single = cls.path("empty.ghog"), cls.path("single.ghog")
        cls.out = cls.path("out.ghog")
        cls.copy("record", "--duration", "1ms", to=cls.empty)
        first, second = (json.loads(line)["timestamp"]
                         for line in run("cat", cls.trace, "--limit", "2").stdout.splitlines())
        assert first < second
        cls.copy("slice", cls.trace, "--until", second, to=cls.single)
        cls.line = run("cat", cls.single).stdout

    @classmethod
    def copy(cls, *arguments, to):
        done = run(*arguments, "-q", "-o", to)
        assert done.returncode == 0, done.stderr

    def answer(self, *arguments, code=0, **options):
        """What a command prints; it has no complaint."""
        done = run(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (code, b""))
        return done.stdout

    def test_counts(self):
        self.assertEqual(self.line.count(b"\n"), 1)
        for path, count in ((self.empty, 0), (self.single, 1)):
            with self.subTest(path):
                self.assertEqual(self.info(path)["records"], count)
                self.assertEqual(self.answer("cat", "-q", path).count(b"\n"), count)
                stats = json.loads(self.answer("stats", "-q", "--json", path))
                self.assertEqual(stats["records"], count)
                self.assertEqual(sum(one["records"] for one in stats["days"]), count)
                self.assertIn(b"sound and complete, %d record" % count,
                              self.answer("verify", path))
                for page in ("info", "stats"):
                    self.assertTrue(self.answer(page, "-q", path))

    def test_copies(self):
        for path in (self.empty, self.single):
            digest = self.info(path)["digest"]
            for command in ("convert", "slice", "recover"):
                with self.subTest(path=path, command=command):
                    self.copy(command, path, to=self.out)
                    self.assertEqual(self.info(self.out)["digest"], digest)
                    self.assertTrue(self.answer("digest", self.out).decode().startswith(digest))

    def test_differences(self):
        for path in (self.empty, self.single):
            self.assertTrue(json.loads(self.answer("diff", "--json", path, path))["identical"])
        for pair in ((self.empty, self.single), (self.single, self.empty)):
            report = json.loads(self.answer("diff", "--json", *pair, code=1))
            self.assertFalse(report["identical"])
            self.assertTrue(self.answer("diff", *pair, code=1))

    def test_a_request(self):
        trace_id = json.loads(self.line)["trace_id"]
        self.assertIn(trace_id.encode(), self.answer("tree", self.single, trace_id))
        self.assert_fails(run("tree", self.empty, trace_id), 1, "no request")

    def test_a_pipeline(self):
        # A trace that asks for nothing proves nothing.
        for path, output, code in ((self.empty, b"", 1), (self.single, self.line, 0),
                                   (self.single, b"", 1), (self.empty, self.line, 1),
                                   (self.single, self.line * 2, 1)):
            with self.subTest(path=path, output=output):
                done = run("audit", "--json", path, "-", stdin=output)
                self.assertEqual(done.returncode, code, done.stderr)
                json.loads(done.stdout)

    def test_explanations(self):
        for path in (self.empty, self.single):
            report = json.loads(self.answer("explain", "--json", path))
            self.assertEqual(report["incidents"], [])

    def test_a_reader_that_has_gone_changes_no_answer_and_is_no_error(self):
        trace_id = json.loads(self.line)["trace_id"]
        for arguments, code in (
                (["info"], 0), (["info", "--json"], 0), (["stats"], 0), (["stats", "--json"], 0),
                (["verify"], 0), (["digest"], 0), (["cat"], 0), (["tree", trace_id], 0),
                (["diff", self.empty], 1), (["explain"], 0), (["audit", "/dev/null"], 1),
                (["convert", "-o", "-"], 0), (["slice", "-o", "-"], 0),
                (["recover", "-o", "-"], 0)):
            with self.subTest(arguments):
                reader, writer = os.pipe()
                os.close(reader)
                command, *rest = arguments
                done = run(command, self.single, *rest, stdout=writer)
                os.close(writer)
                self.assertEqual((done.returncode, done.stderr), (code, b""))


class AddressTest(CliTest):
    RECORD = ["shop", "--duration", "1m"]
    ADDRESS = "https://example.com/traces/day.ghog"

    def test_of_a_trace(self):
        hint = f"curl -fsSL {self.ADDRESS}"
        for arguments in (["info"], ["cat"], ["stats"], ["verify"], ["digest"],
                          ["tree", "12345678"],
                          ["slice", "-o", "-"], ["convert", "-o", "-"], ["recover", "-o", "-"],
                          ["explain"], ["audit", "-"], ["diff", self.trace]):
            command, *rest = arguments
            with self.subTest(command):
                self.assert_fails(run(command, self.ADDRESS, *rest), 2, hint, "write - in its")
        self.assert_fails(run("diff", self.trace, self.ADDRESS), 2, hint)
        self.assert_fails(run("audit", self.trace, self.ADDRESS), 2, hint)
        self.assert_fails(run("audit", self.trace, os.devnull, self.ADDRESS), 2, hint)
        done = subprocess.run([REPLAY, self.ADDRESS, "--to", "null:"], stdin=subprocess.DEVNULL,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertRegex(done.stderr.decode(), rf"\Agroundhog-replay: [^\n]*{hint}[^\n]*\n\Z")

    def test_of_a_scenario(self):
        for command in (["record", "-o", "-"], ["scenario", "check"]):
            with self.subTest(command):
                done = run(*command, "http://example.com/day.yaml", stdout=subprocess.PIPE)
                self.assert_fails(done, 2, "curl -fsSL http://example.com/day.yaml",
                                  "write /dev/stdin in its place")
        # And that is true.
        scenario = run("scenario", "show", "quiet").stdout
        done = run("record", "/dev/stdin", "--duration", "1s", "-q", "-o", self.path("x.ghog"),
                   stdin=scenario)
        self.assertEqual((done.returncode, done.stderr), (0, b""))

    def test_a_file_of_such_a_name_is_a_file(self):
        folder = self.path("https:/example.com")
        os.makedirs(folder)
        path = os.path.join(folder, "day.ghog")
        os.link(self.trace, path)
        done = subprocess.run([PROGRAM, "verify", "https://example.com/day.ghog"], cwd=self.folder,
                              stdin=subprocess.DEVNULL, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""))


if __name__ == "__main__":
    unittest.main()
