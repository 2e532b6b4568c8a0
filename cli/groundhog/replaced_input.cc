#include "cli/groundhog/replaced_input.h"

#include <filesystem>
#include <system_error>

namespace groundhog::cli {
namespace {

namespace fs = std::filesystem;

// By device and inode.
bool AreOneFile(const fs::path& output, const std::string& input) {
  std::error_code error;
  return fs::is_regular_file(output, error) &&
         fs::equivalent(input == "-" ? "/dev/stdin" : input, output, error);
}

}  // namespace

bool WouldReplace(const std::string& output, const std::string& input) {
  return output != "-" && AreOneFile(output, input);
}

bool WouldGrowIn(const std::string& output, const std::string& input) {
  std::error_code error;
  const fs::path target = fs::weakly_canonical(output, error);
  return output != "-" && !error && AreOneFile(target.string() + ".partial", input);
}

}  // namespace groundhog::cli
