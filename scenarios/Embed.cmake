# Writes OUTPUT, a C++ source with the bytes of the scenarios NAMES (separated by commas) of FOLDER.
string(REPLACE "," ";" names "${NAMES}")
set(arrays "")
set(entries "")
set(number 0)
foreach(name IN LISTS names)
  file(READ "${FOLDER}/${name}.yaml" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
  string(APPEND arrays "constexpr char kText${number}[] = {${bytes}};\n")
  set(text "std::string_view(kText${number}, sizeof(kText${number}))")
  string(APPEND entries "    {\"${name}\", ${text}},\n")
  math(EXPR number "${number} + 1")
endforeach()
file(WRITE "${OUTPUT}" "// Written by scenarios/Embed.cmake.
#include \"scenarios/shipped.h\"

namespace groundhog::scenarios {
namespace {

${arrays}
constexpr ShippedScenario kShipped[] = {
${entries}};

}  // namespace

std::span<const ShippedScenario> ShippedScenarios() { return kShipped; }

}  // namespace groundhog::scenarios
")
