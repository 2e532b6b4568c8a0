# Functions with which every folder declares its targets, so that flags and rules are in one place.

# groundhog_library(NAME [PUBLIC_HEADERS ...] SOURCES ... LINKS ...): the one library of a folder.
# LINKS are the layers below it (checked by scripts/check-layers against docs/ARCHITECTURE.md's
# arrows) and third-party targets. With PUBLIC_HEADERS it is installed, with them and with what they
# include: see GroundhogPackage.cmake.
function(groundhog_library name)
  cmake_parse_arguments(ARG "" "" "PUBLIC_HEADERS;SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  groundhog_flags(${name})
  # Whoever links it includes "FOLDER/header.h".
  target_include_directories(${name} INTERFACE
                             "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>"
                             "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/generated>")
  if(ARG_PUBLIC_HEADERS)
    groundhog_public_library(${name} ${ARG_PUBLIC_HEADERS})
  endif()
  target_compile_features(${name} INTERFACE cxx_std_20)
  if(GROUNDHOG_LINK_TIME_OPTIMIZATION)
    target_compile_options(${name} PRIVATE -flto -ffat-lto-objects)
  endif()
  target_link_libraries(${name} PUBLIC ${ARG_LINKS})
  groundhog_precompile_headers(${name} ${ARG_SOURCES})
endfunction()

# groundhog_precompile_headers(NAME SOURCE...): of a large library in a build for fuzzing, which CI
# makes from nothing for a minute's use. Other builds have none, so a missing #include shows there.
function(groundhog_precompile_headers name)
  list(LENGTH ARGN sources)
  if(GROUNDHOG_FUZZ AND sources GREATER 10)
    target_precompile_headers(${name} PRIVATE
      <algorithm> <functional> <map> <memory> <optional> <string> <string_view> <utility> <vector>
      "<absl/status/statusor.h>" "<absl/strings/str_cat.h>")
    # Only then ccache knows a precompiled header again.
    target_compile_options(${name} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# groundhog_executable(NAME SOURCES ... LINKS ...): a program, optimised as a whole.
function(groundhog_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  groundhog_flags(${name})
  if(GROUNDHOG_LINK_TIME_OPTIMIZATION)
    target_compile_options(${name} PRIVATE -flto -ffat-lto-objects)
    target_link_options(${name} PRIVATE -flto=auto)
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LINKS})
endfunction()

# groundhog_reference_files(PROGRAM): a program's manual pages and completion scripts, which the
# program itself writes each time it is built, so that they never say anything else than it does;
# and their installation, where man and the shells look for them.
function(groundhog_reference_files program)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/${program}-reference")
  add_custom_command(TARGET ${program} POST_BUILD
    COMMAND "${CMAKE_COMMAND}" -E rm -rf "${folder}"
    COMMAND ${program} __reference "${folder}"
    COMMENT "Writing the manual pages and completion scripts of ${program}" VERBATIM)
  install(DIRECTORY "${folder}/man/" DESTINATION "${CMAKE_INSTALL_MANDIR}")
  foreach(shell bash-completion zsh fish)
    install(DIRECTORY "${folder}/${shell}" DESTINATION "${CMAKE_INSTALL_DATADIR}")
  endforeach()
endfunction()

# groundhog_test(NAME SOURCES ... LINKS ... [TIMEOUT seconds] [SERIAL]): one GoogleTest program,
# registered with ctest test by test as LABEL.Suite.Test. LABEL is its folder's name; the target
# tests-LABEL builds all of a label's programs. SERIAL: never together with another test, as it
# measures time.
function(groundhog_test name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "SOURCES;LINKS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  groundhog_flags(${name})
  if(GROUNDHOG_LINK_TIME_OPTIMIZATION)
    target_link_options(${name} PRIVATE -fno-lto)  # there are many, and they link for long
  endif()
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gmock GTest::gtest_main)
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  set(serial FALSE)
  if(ARG_SERIAL)
    set(serial TRUE)
  endif()
  get_filename_component(label "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  groundhog_register_test_sources(${ARG_SOURCES})
  if(NOT TARGET tests-${label})
    add_custom_target(tests-${label})
  endif()
  add_dependencies(tests-${label} ${name})
  include(GoogleTest)
  gtest_discover_tests(${name} TEST_PREFIX "${label}." DISCOVERY_TIMEOUT 120
                       PROPERTIES LABELS "${label}" TIMEOUT ${ARG_TIMEOUT} RUN_SERIAL ${serial})
endfunction()

# groundhog_script_test(NAME SCRIPT file [ARGUMENTS ...] [LABELS ...] [TIMEOUT seconds] [SERIAL]):
# one ctest, FOLDER.NAME, that runs a script of this folder: .py with the environment that
# scripts/bootstrap makes, .sh with bash. It finds in its environment GROUNDHOG_SOURCE_DIR,
# GROUNDHOG_BUILD_DIR and the programs' folder GROUNDHOG_BIN_DIR; exit 77 says "skipped, as what it
# needs is not there". LABELS default to the folder's name.
function(groundhog_script_test name)
  cmake_parse_arguments(ARG "SERIAL" "SCRIPT;TIMEOUT" "ARGUMENTS;LABELS" ${ARGN})
  get_filename_component(folder "${CMAKE_CURRENT_SOURCE_DIR}" NAME)
  groundhog_register_test_sources(${ARG_SCRIPT})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(NOT ARG_LABELS)
    set(ARG_LABELS ${folder})
  endif()
  set(interpreter bash)
  if(ARG_SCRIPT MATCHES "\\.py$")
    set(interpreter "${PROJECT_SOURCE_DIR}/build/venv/bin/python3")
  endif()
  set(environment "GROUNDHOG_SOURCE_DIR=${PROJECT_SOURCE_DIR}"
                  "GROUNDHOG_BUILD_DIR=${PROJECT_BINARY_DIR}"
                  "GROUNDHOG_BIN_DIR=${PROJECT_BINARY_DIR}/cli")
  add_test(NAME ${folder}.${name}
           COMMAND ${interpreter} "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_SCRIPT}" ${ARG_ARGUMENTS})
  set_tests_properties(${folder}.${name} PROPERTIES
    LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} SKIP_RETURN_CODE 77 ENVIRONMENT "${environment}")
  if(ARG_SERIAL)
    set_tests_properties(${folder}.${name} PROPERTIES RUN_SERIAL TRUE)
  endif()
endfunction()

# Remembers test sources of the current folder for groundhog_check_test_sources.
function(groundhog_register_test_sources)
  foreach(source IN LISTS ARGN)
    get_filename_component(path "${source}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_SOURCE_DIR}")
    set_property(GLOBAL APPEND PROPERTY GROUNDHOG_TEST_SOURCES "${path}")
  endforeach()
endfunction()

# groundhog_check_test_sources(FOLDER...): stops the configuration when a folder below the current
# one holds a test source (*_test.py, *_test.sh, any *.cc) that no test names: a test that nobody
# runs looks just like one that passes.
function(groundhog_check_test_sources)
  get_property(registered GLOBAL PROPERTY GROUNDHOG_TEST_SOURCES)
  foreach(folder IN LISTS ARGN)
    set(base "${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
    file(GLOB_RECURSE present CONFIGURE_DEPENDS
         "${base}/*.cc" "${base}/*_test.py" "${base}/*_test.sh")
    foreach(source IN LISTS present)
      if(NOT source IN_LIST registered)
        message(FATAL_ERROR "${source} is part of no test: name it in ${base}/CMakeLists.txt")
      endif()
    endforeach()
  endforeach()
endfunction()

# Designated initialisers leave members at their defaults on purpose, so that warning is off.
# Flags that make results the same everywhere (no contraction of floating-point operations) and
# mistakes loud.
function(groundhog_flags name)
  target_include_directories(${name} PRIVATE
                             "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")
  target_compile_definitions(${name} PRIVATE GROUNDHOG_VERSION="${PROJECT_VERSION}")
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wno-missing-field-initializers
                         -ffp-contract=off -fno-fast-math)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # libstdc++ 12's own std::stable_sort uses what it deprecates.
    target_compile_options(${name} PRIVATE -Wno-deprecated-declarations)
  endif()
  if(GROUNDHOG_WARNINGS_AS_ERRORS)
    target_compile_options(${name} PRIVATE -Werror)
  endif()
  if(GROUNDHOG_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${GROUNDHOG_SANITIZE} -fno-omit-frame-pointer
                           -fno-sanitize-recover=all)
    target_link_options(${name} PRIVATE -fsanitize=${GROUNDHOG_SANITIZE})
    if(GROUNDHOG_SANITIZE MATCHES "undefined")
      # It describes each place in the code, by some million pointers. At a fixed address they need
      # no relocation, which took a third of the time of tests that start many programs.
      target_link_options(${name} PRIVATE -no-pie)
    endif()
  endif()
endfunction()
