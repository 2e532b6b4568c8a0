# Part of the installation, by GroundhogPackage.cmake: copies `headers`, paths below `source`, to
# `staged`/groundhog, and makes them include each other as "groundhog/FOLDER/header.h". So nothing
# as common as "text/table.h" gets into another project's search path.
file(REMOVE_RECURSE "${staged}")
foreach(header IN LISTS headers)
  file(READ "${source}/${header}" text)
  string(REGEX REPLACE "#include \"((sim|text|traces)/)" "#include \"groundhog/\\1" text "${text}")
  file(WRITE "${staged}/groundhog/${header}" "${text}")
endforeach()
