# The library for other projects: find_package(groundhog), target groundhog::traces. docs/LIBRARY.md
# says what is installed and why it is so.

# groundhog_public_library(NAME HEADERS...): makes groundhog_X known as groundhog::X, whose headers
# other projects include as "groundhog/FOLDER/header.h", built with them or installed.
function(groundhog_public_library name)
  string(REPLACE "groundhog_" "" public_name "${name}")
  file(RELATIVE_PATH folder "${PROJECT_SOURCE_DIR}" "${CMAKE_CURRENT_SOURCE_DIR}")
  # A target of its own, as within this project headers have no groundhog/ before them.
  add_library(${name}_for_others INTERFACE)
  add_library(groundhog::${public_name} ALIAS ${name}_for_others)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/groundhog")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}"
       "${PROJECT_BINARY_DIR}/include/groundhog/${folder}" SYMBOLIC)
  target_include_directories(${name}_for_others INTERFACE "${PROJECT_BINARY_DIR}/include")
  target_link_libraries(${name}_for_others INTERFACE ${name})

  set_target_properties(${name} PROPERTIES EXPORT_NAME ${public_name})
  target_include_directories(${name} INTERFACE
                             "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  list(TRANSFORM ARGN PREPEND "${folder}/")
  set_property(GLOBAL APPEND PROPERTY GROUNDHOG_PUBLIC_HEADERS ${ARGN})
  if(GROUNDHOG_INSTALL_LIBRARY)
    install(TARGETS ${name} EXPORT groundhog-targets
            ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    if(GROUNDHOG_LINK_TIME_OPTIMIZATION)
      groundhog_strip_bytecode("${CMAKE_INSTALL_LIBDIR}/lib${name}.a")
    endif()
  endif()
endfunction()

# Takes GCC's bytecode out of an installed archive, which has machine code beside it: only the very
# compiler that wrote it can read it, and any other g++ would refuse the archive.
function(groundhog_strip_bytecode archive)
  install(CODE "
    set(archive \"${archive}\")
    cmake_path(ABSOLUTE_PATH archive BASE_DIRECTORY \"\${CMAKE_INSTALL_PREFIX}\")
    execute_process(COMMAND \"${CMAKE_OBJCOPY}\" --remove-section=.gnu.lto_*
                            --remove-section=.gnu.debuglto_* --strip-symbol=__gnu_lto_v1
                            \"\$ENV{DESTDIR}\${archive}\"
                    COMMAND_ERROR_IS_FATAL ANY)")
endfunction()

# groundhog_install_package(): what else find_package needs. Call it after all folders.
function(groundhog_install_package)
  include(CMakePackageConfigHelpers)
  get_property(headers GLOBAL PROPERTY GROUNDHOG_PUBLIC_HEADERS)
  set(staged "${PROJECT_BINARY_DIR}/installed-headers")
  install(CODE "
    set(source \"${PROJECT_SOURCE_DIR}\")
    set(staged \"${staged}\")
    set(headers \"${headers}\")")
  install(SCRIPT "${PROJECT_SOURCE_DIR}/cmake/StageHeaders.cmake")
  install(DIRECTORY "${staged}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")

  set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/groundhog")
  install(EXPORT groundhog-targets NAMESPACE groundhog:: DESTINATION "${folder}")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/groundhog-config.cmake.in"
    "${PROJECT_BINARY_DIR}/groundhog-config.cmake" INSTALL_DESTINATION "${folder}")
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/groundhog-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/groundhog-config.cmake"
                "${PROJECT_BINARY_DIR}/groundhog-config-version.cmake" DESTINATION "${folder}")
endfunction()
