"""How tests record scenarios that are to be refused, and what a refusal looks like."""
import concurrent.futures
import os
import re
import tempfile
import unittest

import scenario_schema as shared

PLACE = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<text>.+)$")


class Refusals(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name

    def record(self, number, text):
        """The result of recording a scenario, and whether it wrote a file."""
        folder = os.path.join(self.folder, str(number))
        os.mkdir(folder)
        path = os.path.join(folder, "bad.yaml")
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        done = shared.run("record", path, "-o", os.path.join(folder, "x.ghog"))
        return done, os.listdir(folder)

    def record_all(self, texts):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            return list(pool.map(self.record, range(len(texts)), texts))

    def assert_refused(self, outcome):
        """Returns the lines as (line, column, text)."""
        done, files = outcome
        message = done.stderr.decode()
        self.assertEqual((done.returncode, done.stdout), (2, b""), message)
        self.assertEqual(files, ["bad.yaml"], "nothing is written")
        places = []
        for line in message.splitlines():
            place = PLACE.match(line)
            if place is None:
                self.assertRegex(line, r"\Aand \d+ more\Z")
                continue
            self.assertTrue(place["file"].endswith("/bad.yaml"))
            places.append((int(place["line"]), int(place["column"]), place["text"]))
        self.assertTrue(places)
        self.assertLessEqual(len(places), 10)
        return places
