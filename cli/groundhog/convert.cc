// groundhog convert: store a trace's records in another way.
#include <memory>

#include "cli/groundhog/commands.h"
#include "cli/groundhog/copying.h"
#include "cli/groundhog/writer_options.h"
#include "cli/shared/exit_codes.h"
#include "cli/shared/program.h"

namespace groundhog::cli {

void AddConvertCommand(CLI::App& program, Selection& selection) {
  CLI::App* command =
      AddCommand(program, "convert", "Store a trace in another way: compression, size of chunks",
                 "groundhog convert day.ghog -o small.ghog --level 19\n"
                 "groundhog convert day.ghog -o plain.ghog --compression none\n"
                 "groundhog convert day.ghog -o fine.ghog --chunk-records 1000\n"
                 "groundhog record -o - | groundhog convert - -o small.ghog --level 19");
  AddNotes(*command, "Records, header and digest stay the same.");
  AddExitCodes(*command, {{kExitDone, "copied; also when the reader of its pipe stops reading"},
                          {kExitIncomplete,
                           "copied, but the trace is incomplete or damaged: the copy has what can "
                           "be read, see 'groundhog recover'"},
                          {kExitInterrupted,
                           "stopped by Ctrl-C, SIGTERM or a closed terminal; what was copied is a "
                           "shorter valid trace; a file that was there before stays"}});
  const auto options = std::make_shared<CopyOptions>();
  AddCopyOptions(*command, *options);
  AddWriterOptions(*command, options->output.writer);
  SetRun(*command, selection, [options, command] {
    return OnCopy(*command, *options, [&](traces::Reader& reader) {
      return Copying(*options, reader).Run(std::nullopt);
    });
  });
}

}  // namespace groundhog::cli
