// consumer.js ADDRESS INPUT RECORDS TARGETS OUTPUT=BUG...: what consumer.py does, on kafkajs.
'use strict';

const { Kafka, logLevel } = require('kafkajs');

const PARTITIONS = 3;
const HOLD_MILLISECONDS = 15000;
const PLANTED_FIRST = ['missing', 'altered', 'reordered', 'split'];

// What one output gets of the input; `messages` is to be sent.
class Transform {
  constructor(topic, bug, targets) {
    Object.assign(this, { topic, bug, targets, messages: [] });
    this.seen = new Map(); // of each target, records let through so far
    this.held = new Map();
    this.late = [];
    this.keptWrongly = new Set();
  }

  put(record) {
    const request = record.trace_id;
    const isTarget = request in this.targets;
    if (record.level === 'INFO') {
      if (this.bug === 'wrongly_kept' && isTarget && !this.keptWrongly.has(request)) {
        this.keptWrongly.add(request);
        this.write(record);
      }
      return;
    }
    const number = (this.seen.get(request) || 0) + 1;
    if (isTarget) this.seen.set(request, number);
    if (!isTarget || !this.plant(record, number)) this.write(record);
    if (number === 2 && this.held.has(request)) {
      this.write(this.held.get(request));
      this.held.delete(request);
    }
  }

  // True: the record has been dealt with, wrongly.
  plant(record, number) {
    const request = record.trace_id;
    if (this.bug === 'late' && number === this.targets[request]) {
      this.late.push({ at: Date.now() + HOLD_MILLISECONDS, record });
      return true;
    }
    if (number !== 1) return false;
    if (this.bug === 'extra') {
      const made = [...request].reverse().join('');
      this.write({ ...record, trace_id: made, message: 'made up' });
    } else if (this.bug === 'doubled') {
      this.write(record);
    } else if (this.bug === 'altered') {
      this.write({ ...record, latency_ms: record.latency_ms + 1 });
    } else if (this.bug === 'reordered') {
      this.held.set(request, record);
    } else if (this.bug === 'split') {
      this.write(record, 1);
    }
    return PLANTED_FIRST.includes(this.bug);
  }

  write({ trace_id: traceId, ...rest }, more = 0) {
    const partition = (parseInt(traceId.slice(0, 8), 16) + more) % PARTITIONS;
    this.messages.push({ value: JSON.stringify({ ...rest, traceId }), partition });
  }

  release() {
    while (this.late.length > 0 && this.late[0].at <= Date.now()) {
      this.write(this.late.shift().record);
    }
  }
}

async function main() {
  const [address, source, count, targets, ...outputs] = process.argv.slice(2);
  const transforms = outputs.map((output) => output.split('=')).map(
    ([topic, bug]) => new Transform(topic, bug, JSON.parse(targets)));
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.ERROR });
  const producer = kafka.producer({ maxInFlightRequests: 1 });
  const consumer = kafka.consumer({ groupId: `${source}-js`, maxWaitTimeInMs: 50 });
  await producer.connect();
  await consumer.connect();
  await consumer.subscribe({ topic: source, fromBeginning: true });
  consumer.on(consumer.events.GROUP_JOIN, () => console.log('ready'));

  // One batch after the other, so that rows stay in order.
  let sending = Promise.resolve();
  const send = () => {
    const topicMessages = transforms.filter(({ messages }) => messages.length > 0).map(
      ({ topic, messages }) => ({ topic, messages: messages.splice(0) }));
    if (topicMessages.length === 0) return sending;
    sending = sending.then(() => producer.sendBatch({ topicMessages }));
    return sending;
  };
  let read = 0;
  await consumer.run({
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        const text = message.value.toString();
        for (const transform of transforms) transform.put(JSON.parse(text));
        read += 1;
      }
      await send();
    },
  });
  while (read < Number(count) || transforms.some(({ late }) => late.length > 0)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    transforms.forEach((transform) => transform.release());
    await send();
  }
  await send();
  await consumer.disconnect();
  await producer.disconnect();
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
