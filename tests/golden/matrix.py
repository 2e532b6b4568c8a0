"""Makes the same recordings with several builds of the program and in several surroundings, and
holds what each of them gives against what the first gives, which is held against the committed
digests. Used by scripts/determinism and by canary_test.py."""
import dataclasses
import hashlib
import json
import os
import subprocess
import tempfile
import time

import golden_cases

# How long each shipped scenario runs with another seed: past its first fault.
SHIPPED = {"shop": "7h", "quiet": "10m", "outage": "31m", "gray-failure": "21m",
           "retry-storm": "15m", "cascade": "22m", "black-friday": "36m"}
SEEDS = (2, 3, 2**64 - 1)
COLUMNS = ("digest", "file", "lines", "stats")
LINE_SHOWN = 400
EXPLAINED = 3  # of a row's recordings with another digest, the first ones


@dataclasses.dataclass
class Row:
    """A build of the program, or a place to run it."""
    name: str
    command: list  # the program, after what runs it
    options: dict = dataclasses.field(default_factory=dict)  # subprocess.run's
    must_differ: bool = False  # the canary


@dataclasses.dataclass
class Case:
    """A recording, and 'DIGEST SHA256' if these are committed."""
    name: str
    arguments: list  # of groundhog record
    committed: str = None


@dataclasses.dataclass
class Result:
    """What one row gave: for each column the number of recordings that were as expected."""
    row: Row
    same: dict = dataclasses.field(default_factory=lambda: dict.fromkeys(COLUMNS, 0))
    recordings: int = 0
    records: int = 0
    seconds: float = 0
    failures: int = 0  # recordings that ended badly
    explained: int = 0  # recordings whose first difference is named
    findings: list = dataclasses.field(default_factory=list)

    def is_as_it_must_be(self):
        if self.row.must_differ:
            return self.failures == 0 and self.same["digest"] < self.recordings
        return not self.findings


class Failed(Exception):
    """A program that ended with another exit code than 0."""


def golden_recordings():
    """Those whose digests are committed, without compression."""
    committed = golden_cases.read_digests()
    return [Case(name, [*arguments, "--compression", "none"], committed[name])
            for name, arguments in golden_cases.CASES.items()]


def recordings_of_seeds(seeds=SEEDS):
    """Every shipped scenario with each of the seeds, compressed as a user's are."""
    return [Case(f"{name}, seed {seed}", [name, "--seed", str(seed), "--duration", duration])
            for name, duration in SHIPPED.items() for seed in seeds]


def check_all_shipped(row):
    """Refuses a list of scenarios here that is not the program's."""
    listed = {line.split()[0] for line in run(row, "scenario", "list").decode().splitlines()}
    if listed != set(SHIPPED):
        raise Failed(f"other scenarios ship than matrix.py names: {sorted(listed ^ set(SHIPPED))}")


def run(row, *arguments, status=0, read=lambda stream: stream.read()):
    """What `read` makes of its output. A sanitizer's finding ends the program with another exit
    code than `status`."""
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen([*row.command, *arguments], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=errors, **row.options) as process:
            output = read(process.stdout)
        if process.returncode != status:
            errors.seek(0)
            said = errors.read().decode(errors="replace").strip().splitlines()
            raise Failed(f"groundhog {' '.join(arguments)}: exit code {process.returncode}: "
                         f"{' / '.join(said[:4])}")
    return output


def hash_of(stream):
    return hashlib.file_digest(stream, "sha256").hexdigest()


def measure(row, case, path):
    """{column: what the row gives}, and the number of records. The trace stays at `path`. It is
    verified, too: a program must accept what it wrote."""
    # Another day may break what the scenario claims of its own.
    unchecked = ["--no-expect"] if row.must_differ else []
    run(row, "record", *case.arguments, *unchecked, "--quiet", "-o", path)
    run(row, "verify", path)
    stats = run(row, "stats", "--json", path)
    with open(path, "rb") as file:
        file_hash = hash_of(file)
    found = {"digest": run(row, "digest", path).decode().split()[0], "file": file_hash,
             "lines": run(row, "cat", "--truth", path, read=hash_of),
             "stats": hashlib.sha256(stats).hexdigest()}
    return found, json.loads(stats)["records"]


def first_difference(reference, expected_path, path):
    """What `groundhog diff` says of the first record that differs."""
    try:
        said = run(reference, "diff", "--json", "--summary", expected_path, path, status=1)
    except Failed as failure:
        return [f"  {failure}"]
    first = json.loads(said)["first"]
    if first is None:
        return ["  groundhog diff: all records are equal"]
    where = (f"  first differing record: {first['time']} {first['service']} {first['trace_id']}, "
             f"in {', '.join(first['differs_in']) or 'being there'}")
    shown = [f"    {side}: {json.dumps(first[key])[:LINE_SHOWN]}"
             for side, key in (("expected", "a"), ("here", "b"))]
    return [where, *shown]


def findings_of(case, found, expected):
    """Sentences about what is not as expected; empty: nothing."""
    other = [column for column in COLUMNS if found[column] != expected[column]]
    if not other:
        return []
    findings = [f"{case.name}: not the same: {', '.join(other)}"]
    if "digest" in other:
        findings.append(f"  digest {found['digest']}, not {expected['digest']}")
    elif "file" in other:
        findings.append("  the records are the same, the bytes of the file are not; when only "
                        "compressed files differ, libzstd is another version")
    return findings


class Matrix:
    """Runs rows; the first is the reference, whose traces are kept in `folder`."""

    def __init__(self, reference, cases, folder):
        self.reference, self.cases, self.folder = reference, cases, folder
        self.expected = {}  # by case name: columns

    def judge_reference(self, case, found):
        self.expected[case.name] = found
        if case.committed in (None, f"{found['digest']} {found['file']}"):
            return []
        return [f"{case.name}: digest and SHA-256 {found['digest']} {found['file']}; committed are "
                f"{case.committed}"]

    def judge(self, case, found, path, result):
        if case.name not in self.expected:
            return [f"{case.name}: the first row gave nothing to compare with"]
        expected = self.expected[case.name]
        findings = findings_of(case, found, expected)
        if found["digest"] != expected["digest"] and result.explained < EXPLAINED:
            result.explained += 1
            findings += first_difference(self.reference, self.reference_path(case), path)
        return findings

    def reference_path(self, case):
        return os.path.join(self.folder, f"reference-{self.cases.index(case)}.ghog")

    def run_row(self, row):
        is_reference = row is self.reference
        result = Result(row)
        began = time.monotonic()
        for case in self.cases:
            result.recordings += 1
            path = self.reference_path(case) if is_reference else self.folder + "/other.ghog"
            try:
                found, records = measure(row, case, path)
            except Failed as failure:
                result.failures += 1
                result.findings.append(f"{case.name}: {failure}")
                continue
            result.records += records
            result.findings += (self.judge_reference(case, found) if is_reference else
                                self.judge(case, found, path, result))
            expected = self.expected.get(case.name, {})
            for column in COLUMNS:
                result.same[column] += found[column] == expected.get(column)
        result.seconds = time.monotonic() - began
        return result


def table_head(cases):
    return (f"{'':<38}{'records':>12}" + "".join(f"{column:>9}" for column in COLUMNS) +
            f"{'time':>9}   of {len(cases)} recordings each")


def table_line(result):
    counts = "".join(f"{result.same[column]:>9}" for column in COLUMNS)
    verdict = "" if result.is_as_it_must_be() else "  FAILS"
    if result.row.must_differ and not result.failures:
        verdict = "  caught" if result.is_as_it_must_be() else "  NOT CAUGHT"
    return f"{result.row.name:<38}{result.records:>12,}{counts}{result.seconds:>7.0f} s{verdict}"


def say_at_once(words):
    print(words, flush=True)


def run_matrix(rows, cases, say=say_at_once):
    """Prints one table, a line as soon as a row is done, then what was not as expected; returns
    whether all was as it must be. The first row is the reference."""
    with tempfile.TemporaryDirectory(prefix="groundhog-matrix-") as folder:
        check_all_shipped(rows[0])
        matrix = Matrix(rows[0], cases, folder)
        say(table_head(cases))
        results = []
        for row in rows:
            results.append(matrix.run_row(row))
            say(table_line(results[-1]))
    for result in results:
        if result.findings:
            say(f"\n{result.row.name}:")
            is_caught = result.row.must_differ and result.is_as_it_must_be()
            for finding in result.findings[:5 if is_caught else None]:
                say(f"  {finding}")
    return all(result.is_as_it_must_be() for result in results)
