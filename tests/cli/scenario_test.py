"""groundhog scenario list, show, check and schema."""
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

from groundhog import CliTest, PROGRAM, read, run, with_header

SOURCE = os.environ["GROUNDHOG_SOURCE_DIR"]


class ScenarioTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        self.path = os.path.join(temporary.name, "shown.yaml")

    def show(self, *arguments):
        done = run("scenario", "show", *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def test_what_show_prints_reads_back_to_the_same(self):
        changes = ["--scale", "3", "--set", "services.auth-service.slow=1500us", "--seed", "7"]
        shown = self.show("shop", *changes)
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(shown)
        self.assertEqual(self.show(self.path), shown)

    def digest(self, *arguments):
        path = os.path.join(self.folder, "digest.ghog")
        done = run("record", *arguments, "--quiet", "-o", path)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return run("digest", path).stdout.split()[0]

    def test_what_show_prints_gives_the_same_digest_whatever_options_come_later(self):
        with open(self.path, "w", encoding="utf-8") as file:
            file.write(self.show("shop"))
        digests = set()
        for options in ([], ["--start", "2025-03-05T05:30:00Z"], ["--seed", "7"], ["--scale", "2"],
                        ["--start", "2025-03-05T13:00:00Z", "--seed", "9", "--scale", "2"]):
            with self.subTest(options):
                shown = self.digest(self.path, "--duration", "90m", *options)
                self.assertEqual(shown, self.digest("shop", "--duration", "90m", *options))
                digests.add(shown)
        self.assertEqual(len(digests), 5)

    def test_source_prints_what_was_written(self):
        names = [line.split()[0] for line in run("scenario", "list").stdout.decode().splitlines()]
        for name in names:
            done = run("scenario", "source", name)
            self.assertEqual((done.returncode, done.stderr), (0, b""))
            self.assertEqual(done.stdout, read(os.path.join(SOURCE, "scenarios", f"{name}.yaml")))
        self.assertEqual(run("scenario", "source").stdout, run("scenario", "source", "shop").stdout)
        odd = b"\xef\xbb\xbf# a comment without an end of line\r\nname: x"
        path = os.path.join(self.folder, "odd.yaml")
        with open(path, "wb") as file:
            file.write(odd)
        self.assertEqual(run("scenario", "source", path).stdout, odd)

    def test_source_says_what_it_cannot_print(self):
        huge = os.path.join(self.folder, "huge.yaml")
        with open(huge, "wb") as file:
            file.truncate(17 << 20)
        for wrong, word in (("shp", "did you mean 'shop'"), ("nowhere.yaml", "No such file"),
                            ("nowhere.ghog", "No such file"), (huge, "larger"),
                            (self.folder, "directory")):
            done = run("scenario", "source", wrong)
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertRegex(done.stderr.decode(), rf"\Agroundhog: [^\n]*{word}[^\n]*\n\Z")

    def test_show_adds_each_services_load_as_comments(self):
        comments = [line for line in self.show("shop").splitlines() if line.startswith("#")]
        rows = [line.split() for line in comments if line.startswith("# gateway-service ")]
        # Six journeys of 0.15 to 0.3 a second, all through the gateway; 1.5 times as many at three.
        self.assertEqual([[row[2], row[5]] for row in rows], [["1.50", "2.25"]])
        self.assertEqual(len([line for line in comments if line.endswith("%")]), 12)

    def test_scaling_leaves_the_utilisation(self):
        def utilisation(text):
            return [line.split()[3] for line in text.splitlines()
                    if line.startswith("# ") and line.endswith("%")]
        self.assertEqual(utilisation(self.show("shop", "--scale", "20")),
                         utilisation(self.show("shop")))

    def test_warnings_leave_the_exit_code(self):
        quiet = run("scenario", "check", "shop")
        self.assertEqual((quiet.returncode, quiet.stdout, quiet.stderr), (0, b"", b""))
        done = run("scenario", "check", "shop", "--duration", "12h")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        for line in done.stderr.decode().splitlines():
            self.assertRegex(line, r"\Ashop:\d+:\d+: warning: fault '\S+' never begins: ")
        self.assertIn("fault 'auth-outage' never begins", done.stderr.decode())

    def test_every_shipped_scenario_is_listed_and_shown(self):
        names = [line.split()[0] for line in run("scenario", "list").stdout.decode().splitlines()]
        self.assertEqual(names[0], "shop")
        for name in names:
            self.assertTrue(self.show(name).startswith(f"name: {name}\n"))

    def test_the_schema_is_json_and_the_same_each_time(self):
        first, second = run("scenario", "schema"), run("scenario", "schema")
        self.assertEqual((first.returncode, first.stderr), (0, b""))
        self.assertEqual(first.stdout, second.stdout)
        self.assertIn("scenario", json.loads(first.stdout)["$defs"])


class TraceScenarioTest(CliTest):
    """Every command that takes a scenario also takes a trace, and uses the trace's scenario."""
    OPTIONS = ["--seed", "7", "--start", "2025-01-06T13:00:00Z", "--scale", "2", "--without",
               "search-slow", "--set", "services.auth-service.slow=1500us", "--duration", "80m"]
    RECORD = ["shop", *OPTIONS]

    def record_again(self, *arguments):
        path = self.path("again.ghog")
        self.assert_silent(run("record", *arguments, "--quiet", "-o", path))
        return path

    def test_recording_it_gives_the_same_bytes(self):
        self.assertEqual(read(self.record_again(self.trace)), self.data)

    def test_recording_it_finds_the_truth_as_it_was_found(self):
        exact = self.path("exact.ghog")
        self.assert_silent(run("record", self.trace, "--truth", "exact", "--quiet", "-o", exact))
        self.assertEqual(self.info(exact)["truth"], "exact")
        self.assertNotEqual(self.info(exact)["digest"], self.info(self.trace)["digest"])
        self.assertEqual(read(self.record_again(exact)), read(exact))
        local = self.record_again(exact, "--truth", "local")
        self.assertEqual(self.info(local)["truth"], "local")
        self.assertEqual(read(local), self.data)

    def test_its_name_does_not_matter(self):
        for name in ("trace.yaml", "shop", "x"):
            self.assertEqual(read(self.record_again(self.write(name, self.data))), self.data)

    def test_options_come_after_those_of_the_trace(self):
        more = ["--duration", "30m", "--scale", "2", "--without", "auth-outage", "--without",
                "search-slow"]
        self.assertEqual(read(self.record_again(self.trace, *more)),
                         read(self.record_again("shop", *self.OPTIONS, *more)))

    def test_show_and_check_take_it(self):
        shown = run("scenario", "show", self.trace)
        self.assert_silent(shown)
        self.assertEqual(shown.stdout, run("scenario", "show", *self.RECORD).stdout)
        checked, wanted = (run("scenario", "check", *words)
                           for words in ([self.trace], self.RECORD))
        self.assertEqual((checked.returncode, checked.stderr.count(b": warning: ")),
                         (wanted.returncode, wanted.stderr.count(b": warning: ")))

    def test_source_prints_the_text_inside(self):
        text = b"# why\nname: inside # and how\nservices: {a: {service_time: 1ms}}\n"
        path = self.record_again(self.write("inside.yaml", text), "--duration", "1m")
        done = run("scenario", "source", path)
        self.assert_silent(done)
        self.assertEqual(done.stdout, text)

    def test_a_damaged_header_is_told_and_the_footers_taken(self):
        path = self.path("again.ghog")
        done = run("record", self.damaged(200), "--quiet", "-o", path)
        self.assert_fails(done, 0, "damaged in the header")
        self.assertEqual(read(path), self.data)

    def test_of_an_interrupted_recording_the_duration_is_what_it_covers(self):
        path = self.path("stopped.ghog")
        with subprocess.Popen([PROGRAM, "record", "--duration", "5000d", "--quiet", "-o", path],
                              stderr=subprocess.PIPE) as record:
            while not os.path.exists(path + ".partial") or \
                    os.path.getsize(path + ".partial") < 100_000:
                time.sleep(0.01)
            record.send_signal(signal.SIGINT)
            self.assertEqual(record.wait(60), 130)
        again = self.record_again(path)
        self.assertEqual(self.info(again)["digest"], self.info(path)["digest"])
        self.assertEqual(self.info(again)["overrides"],
                         ["duration=5000d", "duration=" + self.info(path)["duration"]])

    def test_of_an_incomplete_trace_the_duration_is_what_was_asked_for(self):
        path = self.cut(self.footer_offset)
        self.assertEqual(read(self.record_again(path)), self.data)

    def test_a_header_that_says_otherwise_is_believed(self):
        """As from another writer: the recording's seed is used, not the scenario text's."""
        data = with_header(read(self.plain()),
                           lambda entry: entry.replace(b"seed=7\0", b"seed=8\0"))
        info = self.info(self.record_again(self.write("other.ghog", data)))
        self.assertEqual((info["seed"], info["overrides"][0], info["overrides"][-1]),
                         (7, "seed=8", "seed=7"))
        self.assertEqual(info["digest"], self.info(self.trace)["digest"])

    def test_what_is_wrong_with_it_is_told(self):
        no_text = self.sample("tiny")
        done = run("scenario", "show", no_text)
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        told = done.stderr.decode().splitlines()
        self.assertIn("needs the key 'services'", told[0])
        self.assertIn(f"'groundhog scenario source {no_text}' prints", told[-1])
        with open(self.trace, "rb") as file:
            done = subprocess.run(["bash", "-c", f"'{PROGRAM}' scenario show <(cat)"], stdin=file,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assert_fails(done, 2, "is a trace in a pipe; its scenario needs a file")


if __name__ == "__main__":
    unittest.main()
