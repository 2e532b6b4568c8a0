# Functions that every folder declares its targets with, so that flags and rules stand in one place.

# groundhog_library(NAME SOURCES ... LINKS ...): the one library of a folder. LINKS are the layers
# below it (checked by scripts/lint against docs/ARCHITECTURE.md's arrows) and third-party targets.
function(groundhog_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  groundhog_flags(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINKS})
endfunction()

# groundhog_executable(NAME SOURCES ... LINKS ...): a program.
function(groundhog_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  groundhog_flags(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
endfunction()

# groundhog_test(NAME SOURCES ... LINKS ...): one GoogleTest program, registered with ctest test by test
# as NAME.Suite.Test; NAME's folder is its ctest label.
function(groundhog_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  groundhog_flags(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  get_filename_component(label "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  include(GoogleTest)
  gtest_discover_tests(${name} TEST_PREFIX "${label}." DISCOVERY_TIMEOUT 120
                       PROPERTIES LABELS "${label}" TIMEOUT ${ARG_TIMEOUT})
endfunction()

# Flags that make results the same everywhere (no contraction of floating-point operations) and
# mistakes loud.
function(groundhog_flags name)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
  target_compile_definitions(${name} PRIVATE GROUNDHOG_VERSION="${PROJECT_VERSION}")
  target_compile_options(${name} PRIVATE -Wall -Wextra -ffp-contract=off -fno-fast-math)
  if(GROUNDHOG_WARNINGS_AS_ERRORS)
    target_compile_options(${name} PRIVATE -Werror)
  endif()
  if(GROUNDHOG_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${GROUNDHOG_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=all)
    target_link_options(${name} PRIVATE -fsanitize=${GROUNDHOG_SANITIZE})
  endif()
endfunction()
