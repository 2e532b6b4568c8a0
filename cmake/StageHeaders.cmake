# Part of the installation, by GroundhogPackage.cmake: copies `headers`, paths below `source`, and
# all that they include of the project, to `staged`/groundhog, and makes them include each other as
# "groundhog/FOLDER/header.h". So nothing as common as "text/table.h" gets into another project's
# search path.
file(REMOVE_RECURSE "${staged}")
while(headers)
  list(POP_FRONT headers header)
  if(EXISTS "${staged}/groundhog/${header}")
    continue()
  endif()
  file(READ "${source}/${header}" text)
  string(REGEX MATCHALL "#include \"(sim|text|traces)/[^\"]+" included "${text}")
  list(TRANSFORM included REPLACE "#include \"" "")
  list(APPEND headers ${included})
  string(REGEX REPLACE "#include \"((sim|text|traces)/)" "#include \"groundhog/\\1" text "${text}")
  file(WRITE "${staged}/groundhog/${header}" "${text}")
endwhile()
