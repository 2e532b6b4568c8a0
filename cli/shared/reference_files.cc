#include "cli/shared/reference_files.h"

#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "cli/shared/completion_scripts.h"
#include "cli/shared/man_page.h"
#include "traces/file_output.h"

namespace groundhog::cli {
namespace {

absl::Status WriteFile(const std::filesystem::path& path, std::string_view text) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make ", path.parent_path().string(), ": ", error.message()));
  }
  const absl::StatusOr<std::unique_ptr<traces::FileOutput>> file =
      traces::FileOutput::Open(path.string());
  if (!file.ok()) return file.status();
  if (absl::Status status = (*file)->Write(text); !status.ok()) return status;
  return (*file)->Commit();
}

absl::Status WriteManPages(const Command& command, const std::filesystem::path& directory) {
  absl::Status status = WriteFile(directory / (ManPageName(command) + ".1"), ManPage(command));
  for (const Command* sub : CommandsOf(command)) {
    if (status.ok()) status = WriteManPages(*sub, directory);
  }
  return status;
}

}  // namespace

absl::Status WriteReferenceFiles(const Command& program, const std::string& directory) {
  const std::filesystem::path root = directory;
  const std::string& name = program.get_name();
  absl::Status status = WriteManPages(program, root / "man" / "man1");
  const auto write_script = [&](std::string_view shell, const std::filesystem::path& path) {
    if (status.ok()) status = WriteFile(root / path, CompletionScript(shell, name));
  };
  write_script("bash", "bash-completion/completions/" + name);
  write_script("zsh", "zsh/site-functions/_" + name);
  write_script("fish", "fish/vendor_completions.d/" + name + ".fish");
  return status;
}

}  // namespace groundhog::cli
