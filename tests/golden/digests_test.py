"""Each golden recording has exactly the digest and the bytes that are committed, for any compiler
and optimisation level. For an intended change run scripts/renew-goldens and record the reason in
docs/adr/."""
import os
import unittest

import golden_cases

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")


class DigestsTest(unittest.TestCase):

    def test_every_case_is_committed(self):
        self.assertEqual(set(golden_cases.read_digests()), set(golden_cases.CASES))

    def test_the_readme_publishes_them(self):
        with open(golden_cases.README, encoding="utf-8") as file:
            tables = golden_cases.README_TABLE.findall(file.read())
        self.assertEqual(tables, [golden_cases.published(golden_cases.read_digests())])

    def test_recordings_are_what_they_were(self):
        committed = golden_cases.read_digests()
        for name, arguments in golden_cases.CASES.items():
            with self.subTest(name):
                self.assertEqual(golden_cases.measure(PROGRAM, arguments), committed.get(name))


if __name__ == "__main__":
    unittest.main()
