"""scripts/demo-view: what it shows depends on the records, not on how they arrive; and how it
changes the replay's speed."""
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import unittest

VIEW = os.path.join(os.environ["GROUNDHOG_SOURCE_DIR"], "scripts", "demo-view")
RECORDS, SECONDS, PARTITIONS = 20_000, 4 * 3600, 3
FAULT = {"name": "down/1", "kind": "error_rate", "target": "a-service",
         "start": "2025-01-06T02:00:00.000000000Z", "end": "2025-01-06T02:30:00.000000000Z"}
INFO = {"start": "2025-01-06T00:00:00.000000000Z", "records": RECORDS,
        "last_time": "2025-01-06T03:59:59.000000000Z", "faults": [FAULT]}


def stamp(milliseconds):
    seconds, rest = divmod(milliseconds, 1000)
    return (f"2025-01-06T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            f".{rest:03}Z")


def records():
    """By partition; a tenth of them ERRORs."""
    partitions = [[] for _ in range(PARTITIONS)]
    for i in range(RECORDS):
        level = "ERROR" if i % 10 == 0 else "INFO"
        partitions[i * 7 % PARTITIONS].append(
            json.dumps({"service": "a-service", "level": level, "message": f"m{i}",
                        "timestamp": stamp(i * SECONDS * 1000 // RECORDS)},
                       separators=(",", ":")))
    return partitions


def arrival(seed, partitions):
    """The records as some run of kcat might print them."""
    draws, lines = random.Random(seed), []
    ahead = [list(reversed(one)) for one in partitions]
    while any(ahead):
        number = draws.randrange(PARTITIONS)
        for _ in range(draws.randrange(400)):
            if ahead[number]:
                lines.append(f"{number} {ahead[number].pop()}\n")
    return "".join(lines).encode()


class DemoViewTest(unittest.TestCase):

    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = temporary.name
        with open(self.path("info.json"), "w", encoding="utf-8") as file:
            json.dump(INFO, file)

    def path(self, name):
        return os.path.join(self.folder, name)

    def view(self, data, *options):
        done = subprocess.run(
            [sys.executable, VIEW, "--count", self.path("count"), "--info", self.path("info.json"),
             "--speed", "120x", "--partitions", str(PARTITIONS), *options],
            input=data, stdout=subprocess.PIPE, check=True, timeout=120)
        return done.stdout.decode().splitlines()

    def test_the_same_lines_however_they_arrive(self):
        runs = [self.view(arrival(seed, records()), "--slow", "10x") for seed in (1, 2, 3)]
        self.assertEqual(runs[0], runs[1])
        self.assertEqual(runs[0], runs[2])
        with open(self.path("count"), encoding="ascii") as file:
            self.assertEqual(int(file.read()), RECORDS)

    def test_one_line_a_second_in_order_with_the_true_mix_of_levels(self):
        lines = self.view(arrival(1, records()), "--slow", "10x")
        times = [line.split()[0] for line in lines]
        self.assertEqual(times, sorted(times))
        shown = [line for line in lines if "--->" not in line]
        # 224 minutes at 120x and 16 at 10x.
        self.assertAlmostEqual(len(shown), 224 * 60 / 120 + 16 * 60 / 10, delta=6)
        errors = sum(" ERROR " in line for line in shown)
        self.assertTrue(8 <= errors <= 36, errors)  # of some 208 with a tenth, four sigma

    def test_an_incident_is_announced_when_it_begins_and_ends(self):
        lines = self.view(arrival(1, records()))
        announced = [line.strip() for line in lines if "--->" in line]
        self.assertEqual(announced,
                         ["02:00:00 ---> incident down/1 begins: error rate at a-service",
                          "02:30:00 ---> incident down/1 ends"])

    def test_what_a_jump_passes_over_is_not_announced(self):
        kept = [[line for line in one if not '"2025-01-06T01:0' < line[line.index('"2025'):]
                 < '"2025-01-06T02:15'] for one in records()]
        lines = self.view(arrival(1, kept))
        self.assertEqual([line.strip() for line in lines if "--->" in line],
                         ["02:30:00 ---> incident down/1 ends"])

    def directed(self, *states):
        """Its commands to a replay that reports these (time, pace), one after the other."""
        path, asked = self.path("control"), []
        server = socket.socket(socket.AF_UNIX)
        self.addCleanup(server.close)
        server.bind(path)
        server.listen()
        process = subprocess.Popen(
            [sys.executable, VIEW, "--count", self.path("count"), "--info", self.path("info.json"),
             "--speed", "120x", "--slow", "10x", "--control", path], stdin=subprocess.PIPE)
        client, _ = server.accept()
        with client, client.makefile("rw", encoding="ascii") as stream:
            for time, pace in states:
                while (command := stream.readline().strip()) != "status":
                    asked.append(command)
                    stream.write("ok\n")
                    stream.flush()
                stream.write(f"ok state=playing time=2025-01-06T{time} pace={pace}\n")
                stream.flush()
            client.settimeout(0.5)
            try:
                asked += [word for word in [stream.readline().strip()] if word != "status"]
            except OSError:
                pass
        process.stdin.close()
        process.wait(60)
        return asked

    def test_slows_down_where_an_incident_begins_and_speeds_up_again(self):
        self.assertEqual(self.directed(("01:50:00Z", "120x"), ("01:59:00Z", "120x"),
                                       ("02:10:00Z", "10x"), ("02:14:00Z", "10x")),
                         ["speed 10x", "speed 120x"])

    def test_somebody_else_s_speed_stands(self):
        self.assertEqual(self.directed(("01:50:00Z", "240x")), [])
        self.assertEqual(self.directed_again(("01:59:00Z", "120x"), ("02:05:00Z", "20x")),
                         ["speed 10x"])

    def directed_again(self, *states):
        os.unlink(self.path("control"))
        return self.directed(*states)


if __name__ == "__main__":
    unittest.main()
