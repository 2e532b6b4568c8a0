"""A program with an order that depends on addresses does not pass for one without: the matrix of
scripts/determinism says so and names the first record that differs; and it lets pass what does not
differ."""
import os
import re
import unittest

import matrix

PROGRAM = os.path.join(os.environ["GROUNDHOG_BIN_DIR"], "groundhog")
CANARY = os.path.join(os.environ["GROUNDHOG_BUILD_DIR"], "tests", "golden", "groundhog-canary")
CASES = [matrix.Case("shop", ["shop", "--duration", "1h"]),
         matrix.Case("outage", ["outage", "--duration", "10m"])]
FIRST = re.compile(r"first differing record: 2025-01-06T\S+Z \S+-service [0-9a-f]{32}, in \w+")


def run_matrix(*rows, cases=tuple(CASES)):
    """Whether all was as it must be, and what was printed."""
    said = []
    rows = [matrix.Row("reference", [PROGRAM]), *rows]
    passed = matrix.run_matrix(rows, list(cases), said.append)
    return passed, "\n".join(said)


class CanaryTest(unittest.TestCase):

    def test_the_same_program_passes(self):
        passed, said = run_matrix(matrix.Row("again", [PROGRAM]))
        self.assertTrue(passed, said)
        self.assertNotIn("FAILS", said)

    def test_an_order_by_address_fails_and_its_first_record_is_named(self):
        passed, said = run_matrix(matrix.Row("canary", [CANARY]))
        self.assertFalse(passed, said)
        self.assertIn("FAILS", said)
        self.assertIn("shop: not the same: digest", said)
        self.assertRegex(said, FIRST)

    def test_a_canary_passes_where_it_must_be_caught(self):
        passed, said = run_matrix(matrix.Row("canary", [CANARY], must_differ=True))
        self.assertTrue(passed, said)
        self.assertIn("caught", said)
        self.assertRegex(said, FIRST)

    def test_a_canary_that_nothing_notices_fails(self):
        passed, said = run_matrix(matrix.Row("canary", [PROGRAM], must_differ=True))
        self.assertFalse(passed, said)
        self.assertIn("NOT CAUGHT", said)

    def test_other_bytes_of_the_same_records_fail(self):
        wrapper = ["/bin/sh", "-c", f'exec {PROGRAM} "$@" $([ "$1" = record ] && '
                   'echo --compression none)', "groundhog"]
        passed, said = run_matrix(matrix.Row("without compression", wrapper))
        self.assertFalse(passed, said)
        self.assertIn("shop: not the same: file", said)

    def test_a_program_that_ends_badly_fails(self):
        wrapper = ["/bin/sh", "-c", f'[ "$1" = cat ] && echo oh no >&2 && exit 9; exec {PROGRAM} '
                   '"$@"', "groundhog"]
        passed, said = run_matrix(matrix.Row("breaks", wrapper))
        self.assertFalse(passed, said)
        self.assertIn("exit code 9: oh no", said)

    def test_another_digest_than_the_committed_one_fails(self):
        committed = matrix.golden_recordings()[0].committed
        passed, said = run_matrix(cases=[matrix.Case("quiet", ["quiet"], committed)])
        self.assertFalse(passed, said)
        self.assertIn("committed are " + committed, said)


if __name__ == "__main__":
    unittest.main()
