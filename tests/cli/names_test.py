"""Names and values with control characters in them, or very long ones, in what groundhog says: one
line, with nothing in it that acts on a terminal."""
import os
import unittest

from groundhog import CliTest, run

HOSTILE = "two\nlines\x1b[31m\x07"
SHOWN = "two\\x0alines\\x1b[31m\\x07"
MESSAGE_MAX = 400  # bytes of a message about a value of any length


class NamesTest(CliTest):
    RECORD = ["shop", "--duration", "10m", "--chunk-records", "1000"]

    def assert_shown(self, data, name=SHOWN):
        """One line or several, each of them printable, and the name whole in one of them."""
        lines = data.decode().splitlines()
        self.assertTrue(any(name in line for line in lines), lines)
        for line in lines:
            self.assertTrue(line.isprintable(), line)
        return lines

    def test_a_file_s_name_stays_on_its_line(self):
        sound = self.write(HOSTILE, self.data)
        cut = self.write("cut" + HOSTILE, self.data[:len(self.data) // 2])
        none = self.path("none" + HOSTILE)
        done = run("verify", sound)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(len(self.assert_shown(done.stdout)), 1)
        self.assertEqual(len(self.assert_shown(run("digest", sound).stdout)), 1)
        for command in ("verify", "stats", "cat", "digest", "explain", "tree"):
            arguments = ["0123456789abcdef"] if command == "tree" else []
            for path in (cut, none):
                with self.subTest(command, path=path):
                    done = run(command, path, *arguments)
                    self.assertNotEqual(done.returncode, 0)
                    self.assert_shown(done.stderr)
                    lines = done.stderr.splitlines()
                    self.assertEqual(len(lines), done.stderr.count(b"groundhog: "))
        done = run("cat", sound, "--from", "5m", "--until", "5m1ns")
        self.assert_fails(done, 0, SHOWN, "no record matches")

    def test_what_is_written_is_told_on_its_line(self):
        out = self.path("out" + HOSTILE)
        for command in (["slice", self.trace], ["convert", self.trace], ["merge", self.trace],
                        ["recover", self.trace], ["record", "shop", "--duration", "1m"]):
            with self.subTest(command):
                done = run(*command, "-o", out)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assert_shown(done.stderr)
        os.unlink(out)
        done = run("convert", self.trace, "-o", os.path.join(out, "x"))
        self.assert_fails(done, 2, SHOWN)
        self.assert_fails(run("scenario", "check", out + ".yaml"), 2, SHOWN)

    def test_values_are_shown_on_their_line(self):
        for option in ("--service", "--from", "--level", "--trace-id", "--no-such"):
            with self.subTest(option):
                self.assert_fails(run("cat", self.trace, option, HOSTILE), 2, option)
        self.assert_fails(run("cat", self.trace, "--service", HOSTILE), 2, SHOWN)
        self.assert_fails(run("explain", self.trace, HOSTILE), 2)

    def test_long_values_are_shortened(self):
        long = "x" * 10_000
        fields = f"--fields={long}=a"
        for arguments in (["cat", self.trace, "--service", long],
                          ["cat", self.trace, "--from", long],
                          ["cat", self.trace, "--until", long],
                          ["cat", self.trace, "--level", long],
                          ["cat", self.trace, "--trace-id", long], ["cat", self.trace, f"--{long}"],
                          ["cat", self.trace, long], [long], ["explain", self.trace, long],
                          ["tree", self.trace, long], ["help", long], ["completion", long],
                          ["record", long, "-o", self.path("x.ghog")],
                          ["record", "--expect", "a" * 10_000],
                          ["record", "--seed", long, "-o", self.path("x.ghog")],
                          ["record", "--set", long, "-o", self.path("x.ghog")],
                          ["record", "--without", long, "-o", self.path("x.ghog")],
                          ["audit", self.trace, "-", "--key", long],
                          ["audit", self.trace, "-", "--keep", f"{long}=1"],
                          ["audit", self.trace, "-", "--keep", f"latency_ms={long}"],
                          ["audit", self.trace, "-", fields]):
            with self.subTest(arguments=[word[:30] for word in arguments]):
                done = run(*arguments)
                self.assertEqual(done.returncode, 2, done.stderr[:1000])
                self.assertEqual(done.stderr.count(b"\n"), 1)
                self.assertLess(len(done.stderr), MESSAGE_MAX + len(self.trace), done.stderr[:1000])


if __name__ == "__main__":
    unittest.main()
