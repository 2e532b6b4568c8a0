// The kernel's costs: events a second of the event queue, compared with std::priority_queue; the
// draws of one span under several layouts (docs/adr/0001-draw-keys.md); log, exp and samples.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>
#include <queue>
#include <vector>

#include "sim/duration_sampler.h"
#include "sim/event_queue.h"
#include "sim/math_exp.h"
#include "sim/math_log.h"
#include "sim/random.h"

namespace groundhog::sim {
namespace {

// As large as the model's.
struct Payload {
  std::array<std::uint64_t, 3> words;
};

struct PendingEvent {
  EventOrder order;
  Payload payload;
};

// The yardstick, with the same order, element and interface.
class StandardQueue {
 public:
  void Push(const EventOrder& order, const Payload& payload) { queue_.push({order, payload}); }
  PendingEvent Pop() {
    const PendingEvent event = queue_.top();
    queue_.pop();
    return event;
  }

 private:
  struct Later {
    bool operator()(const PendingEvent& a, const PendingEvent& b) const {
      return b.order < a.order;
    }
  };
  std::priority_queue<PendingEvent, std::vector<PendingEvent>, Later> queue_;
};

// Delays as a model has them: seven of ten a network hop of 0.5 to 0.6 ms, the others exponential
// with a mean of 100 ms; or all exponential. Few enough to stay in the nearest cache.
std::vector<Duration> Delays(bool mixed) {
  const StreamKey key(1, "delays");
  const DurationSampler think = DurationSampler::Exponential(Milliseconds(100));
  std::vector<Duration> delays;
  for (std::uint64_t i = 0; i < 1024; ++i) {
    const DrawBlock draws = Draw(key, {.ordinal = i});
    const Duration hop = Microseconds(500) + Nanoseconds(draws.BelowMultiply(3, 100'000));
    delays.push_back(mixed && draws.BelowMultiply(2, 10) < 7 ? hop
                                                             : think.Sample(draws.Uniform64(0)));
  }
  return delays;
}

// The hold model (Jones 1986): as many events pending all the time; each step pops one and pushes
// one at a later time. One step is one event.
template <class Queue>
void Hold(benchmark::State& state, bool mixed) {
  const auto pending = static_cast<std::uint64_t>(state.range(0));
  const std::vector<Duration> delays = Delays(mixed);
  Queue queue;
  std::uint64_t sequence = 0;
  const auto push = [&](VirtualTime now, const Payload& payload) {
    const auto source = static_cast<std::uint32_t>(sequence % 61);
    queue.Push(
        {now + delays[sequence % delays.size()], EntityId{source}, EntityId{source}, sequence},
        payload);
    ++sequence;
  };
  while (sequence < pending) {
    push(VirtualTime(), {});
  }
  const auto step = [&] {
    const auto event = queue.Pop();
    push(event.order.time, event.payload);
  };
  for (std::uint64_t i = 0; i < 3 * pending;
       ++i) {  // until the times are distributed as in a long run
    step();
  }
  for (auto _ : state) {
    step();
  }
  state.SetItemsProcessed(state.iterations());
}

void QueueSizes(benchmark::internal::Benchmark* benchmark) {
  benchmark->Arg(64)->Arg(200)->Arg(1'000)->Arg(10'000)->Arg(100'000);
}

void BM_EventQueue(benchmark::State& state, bool mixed) { Hold<EventQueue<Payload>>(state, mixed); }
void BM_StandardQueue(benchmark::State& state, bool mixed) { Hold<StandardQueue>(state, mixed); }

BENCHMARK_CAPTURE(BM_EventQueue, exponential, false)->Apply(QueueSizes);
BENCHMARK_CAPTURE(BM_StandardQueue, exponential, false)->Apply(QueueSizes);
BENCHMARK_CAPTURE(BM_EventQueue, mixed, true)->Apply(QueueSizes);
BENCHMARK_CAPTURE(BM_StandardQueue, mixed, true)->Apply(QueueSizes);

// The seven draws of one span: two candidate hosts, the hop there and back, the service time (52
// bits), its own error, its message.
struct SpanDraws {
  std::uint32_t host;
  std::uint32_t other_host;
  double hop_there;
  double hop_back;
  double service_time;
  double error;
  std::uint32_t message;
};

DrawCounter CounterOf(std::uint64_t span, std::uint16_t purpose) {
  return {.ordinal = span / 7, .path = static_cast<std::uint32_t>(span % 7), .purpose = purpose};
}

SpanDraws BlockPerDraw(StreamKey key, std::uint64_t span) {
  const auto block = [&](std::uint16_t purpose) { return Draw(key, CounterOf(span, purpose)); };
  return {block(1).BelowMultiply(0, 5), block(2).BelowMultiply(0, 5), block(3).Uniform64(0),
          block(4).Uniform64(0),        block(5).Uniform64(0),        block(6).Uniform64(0),
          block(7).BelowMultiply(0, 9)};
}

SpanDraws BlockPerPurposeGroup(StreamKey key, std::uint64_t span) {
  const DrawBlock attempt = Draw(key, CounterOf(span, 1));
  const DrawBlock service = Draw(key, CounterOf(span, 2));
  return {attempt.BelowMultiply(0, 5), attempt.BelowMultiply(1, 5), attempt.Uniform32(2),
          attempt.Uniform32(3),        service.Uniform64(0),        service.Uniform32(2),
          service.BelowMultiply(3, 9)};
}

// All in one block, with 16 bits for each draw that needs no more.
SpanDraws OnePackedBlock(StreamKey key, std::uint64_t span) {
  const DrawBlock block = Draw(key, CounterOf(span, 1));
  const auto half = [&](int word, int shift) { return (block.Word(word) >> shift) & 0xFFFF; };
  return {half(0, 0) * 5 >> 16,          half(0, 16) * 5 >> 16, (half(1, 0) + 0.5) * 0x1p-16,
          (half(1, 16) + 0.5) * 0x1p-16, block.Uniform32(2),    (half(3, 0) + 0.5) * 0x1p-16,
          half(3, 16) * 9 >> 16};
}

// The floor: a sequential generator, which cannot give common random numbers.
SpanDraws SequentialSplitMix(StreamKey key, std::uint64_t span) {
  std::array<std::uint32_t, 8> words;
  for (std::uint64_t i = 0; i < 4; ++i) {
    const std::uint64_t bits = MixBits(key.bits() + (4 * span + i) * 0x9E3779B97F4A7C15);
    words[2 * i] = static_cast<std::uint32_t>(bits);
    words[2 * i + 1] = static_cast<std::uint32_t>(bits >> 32);
  }
  const DrawBlock attempt({words[0], words[1], words[2], words[3]});
  const DrawBlock service({words[4], words[5], words[6], words[7]});
  return {attempt.BelowMultiply(0, 5), attempt.BelowMultiply(1, 5), attempt.Uniform32(2),
          attempt.Uniform32(3),        service.Uniform64(0),        service.Uniform32(2),
          service.BelowMultiply(3, 9)};
}

void BM_SpanDraws(benchmark::State& state, SpanDraws (*draw)(StreamKey, std::uint64_t)) {
  const StreamKey key(1, "journey/checkout");
  std::uint64_t span = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(draw(key, span++));
  }
}

BENCHMARK_CAPTURE(BM_SpanDraws, block_per_draw, BlockPerDraw);
BENCHMARK_CAPTURE(BM_SpanDraws, block_per_purpose_group, BlockPerPurposeGroup);
BENCHMARK_CAPTURE(BM_SpanDraws, one_packed_block, OnePackedBlock);
BENCHMARK_CAPTURE(BM_SpanDraws, sequential_floor, SequentialSplitMix);

std::vector<double> Uniforms() {
  std::vector<double> uniforms;
  for (std::uint64_t i = 0; i < 4096; ++i) {
    uniforms.push_back(Draw(StreamKey(1, "uniforms"), {.ordinal = i}).Uniform64(0));
  }
  return uniforms;
}

template <class Function>
void RunOverUniforms(benchmark::State& state, Function function) {
  const std::vector<double> uniforms = Uniforms();
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(function(uniforms[i++ % 4096]));
  }
}

void BM_Log(benchmark::State& state) {
  RunOverUniforms(state, [](double u) { return Log(u); });
}
void BM_Exp(benchmark::State& state) {
  RunOverUniforms(state, [](double u) { return Exp(20 * u - 10); });
}
void BM_Sample(benchmark::State& state, const DurationSampler& sampler) {
  RunOverUniforms(state, [&](double u) { return sampler.Sample(u); });
}

BENCHMARK(BM_Log);
BENCHMARK(BM_Exp);
BENCHMARK_CAPTURE(BM_Sample, exponential, DurationSampler::Exponential(Milliseconds(10)));
BENCHMARK_CAPTURE(BM_Sample, lognormal,
                  DurationSampler::Lognormal({.p50 = Milliseconds(10), .sigma = 0.5}));
BENCHMARK_CAPTURE(BM_Sample, quantiles,
                  DurationSampler::OfQuantiles({.p50 = Milliseconds(10),
                                                .p95 = Milliseconds(30),
                                                .p99 = Milliseconds(90),
                                                .max = Milliseconds(400)}));

}  // namespace
}  // namespace groundhog::sim
