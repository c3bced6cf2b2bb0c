file(GLOB ups RELATIVE "${SOURCE_FOLDER}" "${SOURCE_FOLDER}/*.up.sql")
list(SORT ups)
set(entries "")
foreach(up IN LISTS ups)
  string(REGEX MATCH "^([0-9]+)_([a-z0-9_]+)[.]up[.]sql$" matched "${up}")
  if(NOT matched)
    message(FATAL_ERROR "A migration must be named NNNN_name.up.sql, not ${up}")
  endif()
  set(digits "${CMAKE_MATCH_1}")
  set(name "${CMAKE_MATCH_2}")
  string(REGEX REPLACE "^0+" "" version "${digits}")
  file(READ "${SOURCE_FOLDER}/${digits}_${name}.up.sql" up_text)
  file(READ "${SOURCE_FOLDER}/${digits}_${name}.down.sql" down_text)
  string(APPEND entries
    "    {.version = ${version},\n     .name = \"${name}\",\n"
    "     .up = R\"sql(${up_text})sql\",\n     .down = R\"sql(${down_text})sql\"},\n")
endforeach()
file(WRITE "${OUTPUT}.new"
  "#include \"httvps/backend/storage/migration.hpp\"\n\nnamespace httvps::backend::storage {\nnamespace {\n\n"
  "constexpr migration all[] = {\n${entries}};\n\n}\n\n"
  "std::span<const migration> known_migrations() noexcept {\n  return all;\n}\n\n}\n")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
