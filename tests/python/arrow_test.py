"""read_arrow gives what the records say, in the types that the README promises."""
import io
import os
import subprocess
import sys
import unittest
from unittest import mock

import pyarrow
import pyarrow.compute
import pyarrow.feather
import pyarrow.parquet

from package import (PACKAGE, SAMPLES, FolderTest, golden_files, groundhog_trace, read_all,
                     tiny_entries, trace_bytes)
from groundhog_trace import ARROW_COLUMNS, _arrow

NAME = pyarrow.dictionary(pyarrow.int32(), pyarrow.string())
OF_TRUTH = ("cause", "root", "hops", "also", "span", "parent_span", "call_path", "attempt",
            "queue_wait_ns", "clock_skew_ns", "template")


def expected_columns(records):
    """What a table of these records should hold, as to_pydict has it."""
    columns = {name: [getattr(record, name) for record in records]
               for name in ("service", "level", "host", "message", "latency_ms", "dependency",
                            "error_code", "time_ns", "duration_ns")}
    columns["timestamp"] = [record.timestamp_ns for record in records]
    columns["trace_id"] = [bytes.fromhex(record.trace_id) for record in records]
    columns["slots"] = [list(record.truth.slots) for record in records]
    for name in OF_TRUTH:
        columns[name] = [getattr(record.truth, name) for record in records]
    return columns


def found_columns(table):
    place = table.column_names.index("timestamp")
    as_numbers = table["timestamp"].cast(pyarrow.int64())
    return table.set_column(place, "timestamp", as_numbers).to_pydict()


class ArrowTest(FolderTest):

    def assert_same(self, path):
        """Returns the table."""
        with groundhog_trace.open(path) as trace:
            table = trace.read_arrow().read_all()
            table.validate(full=True)
            found, expected = found_columns(table), expected_columns(list(trace))
        for name in ARROW_COLUMNS:
            self.assertEqual(found[name], expected[name], name)
        return table

    def test_samples(self):
        for sample in SAMPLES:
            with self.subTest(sample):
                self.assert_same(self.sample(*sample))

    def test_hours_of_shop_with_an_incident(self):
        table = self.assert_same(self.record("shop", "--duration", "7h"))
        self.assertGreater(table["cause"].null_count, 0)
        self.assertIn("user-replicas-down/1", table["cause"].unique().to_pylist())

    def test_types_are_those_promised(self):
        self.assertEqual(tuple(_arrow.TYPES), ARROW_COLUMNS)
        with groundhog_trace.open(golden_files()[0]) as trace:
            schema = trace.read_arrow().schema
        self.assertEqual(schema.field("timestamp").type, pyarrow.timestamp("ns", "UTC"))
        self.assertEqual(schema.field("trace_id").type, pyarrow.binary(16))
        self.assertEqual(schema.field("message").type, pyarrow.string())
        for name in ("latency_ms", "time_ns", "duration_ns", "queue_wait_ns", "clock_skew_ns"):
            self.assertEqual(schema.field(name).type, pyarrow.int64())
        for name in ("service", "level", "host", "dependency", "error_code", "cause", "root",
                     "also", "call_path", "template"):
            self.assertEqual(schema.field(name).type, NAME)

    def test_columns_are_those_wanted_in_their_order(self):
        wanted = ["latency_ms", "service"]
        with groundhog_trace.open(golden_files()[0]) as trace:
            table = trace.read_arrow(wanted).read_all()
            self.assertEqual(table.column_names, wanted)
            self.assertEqual(table.num_rows, 18)
            for columns in (["hostname"], ["service", "x"]):
                with self.assertRaisesRegex(ValueError, "no column"):
                    trace.read_arrow(columns)

    def test_batches_are_chunks(self):
        with groundhog_trace.open(self.sample("golden", "zstd", 5)) as trace:
            self.assertEqual([batch.num_rows for batch in trace.read_arrow()], [5, 5, 5, 3])

    def test_goes_to_parquet_and_feather_and_back(self):
        with groundhog_trace.open(self.record("shop", "--duration", "15h")) as trace:
            path = self.path("day.parquet")
            with pyarrow.parquet.ParquetWriter(path, trace.read_arrow().schema) as writer:
                for batch in trace.read_arrow():
                    writer.write_batch(batch)
            table = trace.read_arrow().read_all()
            self.assertTrue(pyarrow.parquet.read_table(path).equals(table))
            # Feather wants the same dictionaries in all batches.
            path = self.path("day.feather")
            pyarrow.feather.write_feather(table, path)
            self.assertEqual(pyarrow.feather.read_table(path).num_rows, table.num_rows)

    def test_causes_of_a_trace_without_a_footer_are_found_as_they_come(self):
        path = self.record("shop", "--duration", "7h")
        with groundhog_trace.open(path) as trace:
            causes = trace.read_arrow(["cause"]).read_all()["cause"].to_pylist()
        with subprocess.Popen(["cat", path], stdout=subprocess.PIPE) as process:
            with groundhog_trace.open(process.stdout) as trace:
                self.assertEqual(trace.read_arrow(["cause"]).read_all()["cause"].to_pylist(),
                                 causes)

    def test_long_messages_are_given_in_small_batches(self):
        header, chunk, footer = tiny_entries()
        header["header"]["templates"][0] = {"text": "{}" + "x" * (9 << 20), "slots": [64]}
        header["header"]["templates"][1]["text"] = "{}" + "y" * (9 << 20)
        data = trace_bytes(header, chunk, footer, words=4 << 20)
        expected = [record.message for record in read_all(io.BytesIO(data))]
        with groundhog_trace.open(io.BytesIO(data)) as trace:
            batches = list(trace.read_arrow(["slots", "message", "service"]))
        self.assertEqual([batch.num_rows for batch in batches], [1, 1])
        self.assertEqual([text for batch in batches for text in batch["message"].to_pylist()],
                         expected)
        self.assertEqual([batch["slots"].to_pylist() for batch in batches], [[[3]], [[]]])

    def test_without_pyarrow_says_what_to_install(self):
        with groundhog_trace.open(golden_files()[0]) as trace:
            with mock.patch.dict(sys.modules, {"pyarrow": None}):
                for name in ("_arrow", "_arrow_messages"):
                    sys.modules.pop(f"groundhog_trace.{name}", None)
                with self.assertRaisesRegex(ImportError, r"groundhog-trace\[arrow\]"):
                    trace.read_arrow()

    def test_the_rest_does_not_import_pyarrow(self):
        script = ("import sys, groundhog_trace\n"
                  "with groundhog_trace.open(sys.argv[1]) as trace: trace.stats(), list(trace)\n"
                  "sys.exit('pyarrow' in sys.modules)")
        subprocess.run([sys.executable, "-c", script, golden_files()[0]], check=True,
                       env=dict(os.environ, PYTHONPATH=PACKAGE))


if __name__ == "__main__":
    unittest.main()
