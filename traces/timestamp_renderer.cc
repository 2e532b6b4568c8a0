#include "traces/timestamp_renderer.h"

#include <algorithm>

#include "text/time_text.h"
#include "traces/put.h"

namespace groundhog::traces {

char* TimestampRenderer::Put(std::int64_t unix_milliseconds, char* out) {
  std::int64_t second = unix_milliseconds / 1'000;
  std::int64_t millisecond = unix_milliseconds % 1'000;
  if (millisecond < 0) {
    millisecond += 1'000;
    --second;
  }
  if (second != cached_second_ || cached_date_[0] == '\0') {
    cached_second_ = second;
    std::int64_t days = second / 86'400;
    int of_day = static_cast<int>(second % 86'400);
    if (of_day < 0) {
      of_day += 86'400;
      --days;
    }
    const text::CivilDate date = text::CivilFromDays(days);
    const int year = static_cast<int>(std::clamp<std::int64_t>(date.year, 0, 9'999));
    char* at = PutTwoDigits(year / 100, cached_date_.data());
    at = PutTwoDigits(year % 100, at);
    *at++ = '-';
    at = PutTwoDigits(date.month, at);
    *at++ = '-';
    at = PutTwoDigits(date.day, at);
    *at++ = 'T';
    at = PutTwoDigits(of_day / 3'600, at);
    *at++ = ':';
    at = PutTwoDigits(of_day / 60 % 60, at);
    *at++ = ':';
    at = PutTwoDigits(of_day % 60, at);
    *at = '.';
  }
  out = traces::Put({cached_date_.data(), cached_date_.size()}, out);
  *out++ = static_cast<char>('0' + millisecond / 100);
  out = PutTwoDigits(static_cast<int>(millisecond % 100), out);
  *out++ = 'Z';
  return out;
}

}  // namespace groundhog::traces
