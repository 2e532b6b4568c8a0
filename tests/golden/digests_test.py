"""Each golden recording has the digest and the very bytes that are committed, whatever compiler and
optimisation this program was built with. A change that is meant is renewed by scripts/renew-goldens
and recorded in docs/adr/."""
import os
import unittest

import golden_cases

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")


class DigestsTest(unittest.TestCase):

    def test_every_case_is_committed(self):
        self.assertEqual(set(golden_cases.read_digests()), set(golden_cases.CASES))

    def test_recordings_are_what_they_were(self):
        committed = golden_cases.read_digests()
        for name, arguments in golden_cases.CASES.items():
            with self.subTest(name):
                self.assertEqual(golden_cases.measure(PROGRAM, arguments), committed.get(name))


if __name__ == "__main__":
    unittest.main()
