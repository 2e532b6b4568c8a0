"""consumer.py ADDRESS INPUT RECORDS TARGETS OUTPUT=BUG...

A small consumer as people write them, on confluent-kafka: reads the topic INPUT, lets through what
is not INFO, renames trace_id, and writes the rest to each OUTPUT, by request. In each OUTPUT it has
one BUG, or "none", with the requests of TARGETS, a JSON object {trace_id: records let through}.
Prints "ready" when it reads, and ends after so many RECORDS.
"""
import collections
import json
import sys
import time

import confluent_kafka

PARTITIONS = 3
HOLD_SECONDS = 15


class Transform:
    """What one output gets of the input."""

    def __init__(self, bug, targets, send):
        self.bug, self.targets, self.send = bug, targets, send
        self.seen = collections.Counter()  # of each target, records let through so far
        self.held = {}
        self.late = []  # (when, record)
        self.kept_wrongly = set()

    def put(self, record):
        request = record["trace_id"]
        is_target = request in self.targets
        if record["level"] == "INFO":
            if self.bug == "wrongly_kept" and is_target and request not in self.kept_wrongly:
                self.kept_wrongly.add(request)
                self.write(record)
            return
        self.seen[request] += is_target
        number = self.seen[request]
        if not is_target or not self.plant(record, number):
            self.write(record)
        if number == 2 and request in self.held:
            self.write(self.held.pop(request))

    def plant(self, record, number):
        """True: the record has been dealt with, wrongly."""
        request = record["trace_id"]
        if self.bug == "late" and number == self.targets[request]:
            self.late.append((time.monotonic() + HOLD_SECONDS, record))
            return True
        if number != 1:
            return False
        if self.bug == "extra":
            self.write({**record, "trace_id": request[::-1], "message": "made up"})
        elif self.bug == "doubled":
            self.write(record)
        elif self.bug == "altered":
            self.write({**record, "latency_ms": record["latency_ms"] + 1})
        elif self.bug == "reordered":
            self.held[request] = record
        elif self.bug == "split":
            self.write(record, 1)
        return self.bug in ("missing", "altered", "reordered", "split")

    def write(self, record, more=0):
        row = dict(record)
        row["traceId"] = row.pop("trace_id")
        self.send(row, (int(row["traceId"][:8], 16) + more) % PARTITIONS)

    def release(self):
        while self.late and self.late[0][0] <= time.monotonic():
            self.write(self.late.pop(0)[1])


def main():
    address, source, count, targets, *outputs = sys.argv[1:]
    producer = confluent_kafka.Producer({"bootstrap.servers": address, "linger.ms": 5,
                                         "enable.idempotence": True})

    def sender(topic):
        def send(row, partition):
            producer.produce(topic, json.dumps(row).encode(), partition=partition)
        return send

    transforms = [Transform(bug, json.loads(targets), sender(topic))
                  for topic, bug in (output.split("=") for output in outputs)]
    consumer = confluent_kafka.Consumer({"bootstrap.servers": address, "group.id": source + "-py"})
    consumer.assign([confluent_kafka.TopicPartition(source, partition, 0)
                     for partition in range(PARTITIONS)])
    print("ready", flush=True)
    read = 0
    while read < int(count) or any(transform.late for transform in transforms):
        message = consumer.poll(0.05)
        producer.poll(0)
        for transform in transforms:
            transform.release()
        if message is None or message.error():
            continue
        read += 1
        for transform in transforms:
            transform.put(json.loads(message.value()))
    if producer.flush(60):
        sys.exit("not everything was sent")
    consumer.close()


main()
