// Owns a file descriptor and closes it.
#ifndef GROUNDHOG_SINKS_KAFKA_DESCRIPTOR_H_
#define GROUNDHOG_SINKS_KAFKA_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace groundhog::sinks {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}  // negative: none
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { Close(); }

  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }

  void Close() {
    if (number_ >= 0) ::close(number_);
    number_ = -1;
  }

 private:
  int number_ = -1;
};

}  // namespace groundhog::sinks

#endif  // GROUNDHOG_SINKS_KAFKA_DESCRIPTOR_H_
