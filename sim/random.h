// Random draws. Each draw is a pure function of what it is for, never of what was drawn before:
//
//   key     = StreamKey(seed, name)         name: of the entity or journey that draws
//   counter = ordinal 64 | path 32 | attempt 16 | purpose 16 bits
//   block   = Philox4x32-10(counter, key)   four words, which serve several draws of one purpose
//
// So removing a fault or adding a service renumbers nothing, and any thread may draw anything in
// any order (common random numbers). The layout is part of every golden trace: docs/adr/0001 gives
// the reasons for it. Values only; usable in constant expressions and from any thread.
#ifndef GROUNDHOG_SIM_RANDOM_H_
#define GROUNDHOG_SIM_RANDOM_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "sim/name_hash.h"
#include "sim/philox.h"

namespace groundhog::sim {

// One step of SplitMix64 (Steele, Lea, Flood 2014, with Vigna's published constants): a bijection
// of 64-bit words in which every bit of the input changes about half of the output.
constexpr std::uint64_t MixBits(std::uint64_t bits) {
  bits += 0x9E3779B97F4A7C15;
  bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9;
  bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EB;
  return bits ^ (bits >> 31);
}

// Names a stream of draws: MixBits(MixBits(seed) ^ HashName(name)). Different names of one seed
// give different keys unless their FNV hashes collide. Kinds of names share one space, so a caller
// with several kinds prefixes them ("host/auth-service-1", "journey/checkout").
class StreamKey {
 public:
  constexpr StreamKey() = default;
  constexpr StreamKey(std::uint64_t seed, std::string_view name)
      : bits_(MixBits(MixBits(seed) ^ HashName(name))) {}

  constexpr std::uint64_t bits() const { return bits_; }
  constexpr bool operator==(const StreamKey&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

// What a block of draws is for, within its stream.
struct DrawCounter {
  std::uint64_t ordinal = 0;  // of the request, arrival or interval
  std::uint32_t path = 0;     // of the call within its request
  std::uint16_t attempt = 0;  // of that call
  std::uint16_t purpose = 0;  // an enum of the caller: which group of draws
};

// Four random words, and numbers made of them. Two numbers of one block are independent as long as
// they use different words; Uniform64(i) uses words 2i and 2i + 1.
class DrawBlock {
 public:
  constexpr explicit DrawBlock(std::array<std::uint32_t, 4> words) : words_(words) {}

  constexpr std::uint32_t Word(int index) const { return words_[static_cast<std::size_t>(index)]; }

  // (w + 1/2) / 2^32, exactly: uniform in the open interval (0, 1), at least 2^-33 from its ends.
  constexpr double Uniform32(int word) const { return (Word(word) + 0.5) * 0x1p-32; }

  // (n + 1/2) / 2^52 with n the upper 52 bits of words 2 pair + 1 (high) and 2 pair (low), exactly:
  // uniform in the open interval (0, 1), at least 2^-53 from its ends. `pair` is 0 or 1.
  constexpr double Uniform64(int pair) const {
    const std::uint64_t bits = (std::uint64_t{Word(2 * pair + 1)} << 32) | Word(2 * pair);
    return (static_cast<double>(bits >> 12) + 0.5) * 0x1p-52;
  }

  // floor(w * count / 2^32): one of 0 … count − 1, each as likely as the others to within 2^-32.
  // `count` is positive.
  constexpr std::uint32_t BelowMultiply(int word, std::uint32_t count) const {
    return static_cast<std::uint32_t>((std::uint64_t{Word(word)} * count) >> 32);
  }

 private:
  std::array<std::uint32_t, 4> words_;
};

// Counter words, from the first: ordinal's low half, its high half, path, attempt << 16 | purpose.
// Key words: the key's low half, its high half.
constexpr DrawBlock Draw(StreamKey key, DrawCounter counter) {
  return DrawBlock(Philox4x32x10(
      {static_cast<std::uint32_t>(counter.ordinal),
       static_cast<std::uint32_t>(counter.ordinal >> 32), counter.path,
       (static_cast<std::uint32_t>(counter.attempt) << 16) | counter.purpose},
      {static_cast<std::uint32_t>(key.bits()), static_cast<std::uint32_t>(key.bits() >> 32)}));
}

}  // namespace groundhog::sim

#endif  // GROUNDHOG_SIM_RANDOM_H_
