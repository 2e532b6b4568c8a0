#include "cli/shared/completion_scripts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace groundhog::cli {
namespace {

// In each script @PROGRAM@ is the program and @FUNCTION@ the name of the shell's function. What was
// typed for the program is what is asked, be it a path.

// bash splits words at = and : too, and replaces only what is behind the last of them.
constexpr char kBash[] = R"script(# Completion of @PROGRAM@ for bash.
@FUNCTION@() {
  local words answer kind line word
  read -ra words <<<"${COMP_LINE:0:COMP_POINT}"
  [[ "${COMP_LINE:0:COMP_POINT}" == *[[:space:]] ]] && words+=('')
  local typed="${words[-1]}" before=''
  [[ "$typed" == *[=:]* ]] && before="${typed%"${typed##*[=:]}"}"
  COMPREPLY=()
  answer="$("${words[0]/#\~/$HOME}" __complete "${words[@]:1}" 2>/dev/null)" || return
  {
    IFS= read -r kind
    while IFS= read -r line; do
      word="${line%%$'\t'*}"
      [[ "$word" == *[:/=] ]] && compopt -o nospace
      COMPREPLY+=("${word#"$before"}")
    done
  } <<<"$answer"
  [[ "$kind" == files* ]] || return 0
  compopt -o filenames
  local prefix="${kind#files }"
  while IFS= read -r word; do
    word="$prefix$word"
    COMPREPLY+=("${word#"$before"}")
  done < <(compgen -f -- "${typed#"$prefix"}")
}
complete -F @FUNCTION@ @PROGRAM@
)script";

constexpr char kZsh[] = R"script(#compdef @PROGRAM@
# Completion of @PROGRAM@ for zsh.
@FUNCTION@() {
  local -a answer whole_words open_words
  local line word kind
  answer=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
  kind="${answer[1]}"
  for line in "${(@)answer[2,-1]}"; do
    word="${line%%$'\t'*}"
    line="${line#*$'\t'}"
    line="${word//:/\\:}${line:+:$line}"
    if [[ "$word" == *[:/=] ]]; then
      open_words+=("$line")
    else
      whole_words+=("$line")
    fi
  done
  (( $#whole_words )) && _describe -V '@PROGRAM@' whole_words
  (( $#open_words )) && _describe -V '@PROGRAM@' open_words -S ''
  if [[ "$kind" == files* ]]; then
    compset -P "${(b)${kind#files }}"
    _files
  fi
}
if [[ "$funcstack[1]" == "@FUNCTION@" ]]; then
  @FUNCTION@ "$@"
else
  compdef @FUNCTION@ @PROGRAM@
fi
)script";

constexpr char kFish[] = R"script(# Completion of @PROGRAM@ for fish.
function @FUNCTION@
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -l answer ($program __complete $words[2..] "$typed" 2>/dev/null)
    set -q answer[2]; and printf '%s\n' $answer[2..]
    if string match -q 'files*' -- $answer[1]
        set -l prefix (string sub -s 7 -- $answer[1])
        set -l rest (string sub -s (math 1 + (string length -- "$prefix")) -- "$typed")
        for file in (__fish_complete_path "$rest")
            echo "$prefix$file"
        end
    end
end
complete -c @PROGRAM@ -f -a '(@FUNCTION@)'
)script";

constexpr std::pair<std::string_view, const char*> kScripts[] = {
    {"bash", kBash}, {"zsh", kZsh}, {"fish", kFish}};

}  // namespace

std::vector<std::string> CompletionShells() {
  std::vector<std::string> shells;
  for (const auto& [shell, script] : kScripts) shells.emplace_back(shell);
  return shells;
}

std::string CompletionScript(std::string_view shell, std::string_view program) {
  const std::string name(program);
  for (const auto& [known, script] : kScripts) {
    if (known != shell) continue;
    // zsh loads the function of the file's name.
    const std::string function = absl::StrCat(
        "_", known == "zsh" ? name : absl::StrReplaceAll(name, {{"-", "_"}}) + "_complete");
    return absl::StrReplaceAll(script, {{"@PROGRAM@", name}, {"@FUNCTION@", function}});
  }
  return "";
}

}  // namespace groundhog::cli
