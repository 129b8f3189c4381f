# SPDX-License-Identifier: Apache-2.0
# Helpers of CMakeLists.txt.

add_library(systole_options INTERFACE)
target_compile_options(systole_options INTERFACE -Wall -Wextra -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  # GCC 12 takes sums of strings for copies out of bounds (its bugs 105329 and 105651).
  target_compile_options(systole_options INTERFACE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow
                         -Wno-stringop-overread)
endif()
target_include_directories(systole_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/embedded)
target_compile_definitions(systole_options INTERFACE SYSTOLE_VERSION="${PROJECT_VERSION}" ONNX_ML=1
                           ONNX_NAMESPACE=onnx)
# ONNX's reference kernels promise one rounding an operation: no contraction to fused multiply-add.
target_compile_options(systole_options INTERFACE -ffp-contract=off)

# The headers that most files include, compiled once. No file relies on it: `make lint` compiles each
# one without. nlohmann/json.hpp is not among them: what it leaves to instantiate at the end of each file
# costs a second, used or not.
set(systole_common_headers <algorithm> <cstdint> <filesystem> <functional> <map> <memory> <optional> <string>
    <string_view> <vector> <fmt/format.h> <fmt/ranges.h>)

# _systole_precompile(target owner header...): `target` is compiled with the precompiled headers of
# `owner`, which is `target` itself for the first one.
function(_systole_precompile target owner)
  if(target STREQUAL owner)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  else()
    target_precompile_headers(${target} REUSE_FROM ${owner})
  endif()
endfunction()

function(_systole_names out)
  set(names)
  foreach(dep ${ARGN})
    if(dep MATCHES "^(base|config|emit|systolic|nullcache|cache|cache_study|trace|prune|ir|onnx_io|ref|quant|fuse|map|cost|tb|cli|models|scale_sim|study|liberty|netlist|gates|power|macros|flow|overhead|peers|peer_study|prim|prim_sources|macro_files|harness_sources|cache_harness_sources)$")
      list(APPEND names systole_${dep})
    elseif(dep STREQUAL "onnx_format")
      list(APPEND names onnx onnx_proto)
    else()
      list(APPEND names ${dep})
    endif()
  endforeach()
  set(${out} ${names} PARENT_SCOPE)
endfunction()

# systole_library(NAME DIR folder [SEPARATE] [EXCLUDE file...] DEPS ...): libsystole_NAME of the folder's
# *.cc. They are compiled eight at a time, in half the time: what templates a folder uses is instantiated
# once. So a folder's files share one unnamed namespace, unless SEPARATE says that their names repeat.
function(systole_library name)
  cmake_parse_arguments(ARG "SEPARATE" "DIR" "EXCLUDE;DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_DIR}/*.cc)
  foreach(file ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_SOURCE_DIR}/${ARG_DIR}/${file})
  endforeach()
  _systole_names(deps ${ARG_DEPS})
  if(sources)
    add_library(systole_${name} STATIC ${sources})
    target_link_libraries(systole_${name} PUBLIC systole_options ${deps})
    _systole_precompile(systole_${name} systole_base ${systole_common_headers})
    if(CMAKE_CXX_CLANG_TIDY)
      set_source_files_properties(${sources} PROPERTIES OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/.clang-tidy)
    endif()
    if(SYSTOLE_UNITY AND NOT ARG_SEPARATE)
      set_target_properties(systole_${name} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
    endif()
  else()
    add_library(systole_${name} INTERFACE)
    target_link_libraries(systole_${name} INTERFACE systole_options ${deps})
  endif()
endfunction()

# systole_embed(NAME DIR folder PATTERN glob [FILES file...]): libsystole_NAME with the files' texts, so
# that the program needs nothing beside it. `#include "NAME.h"` declares `systole::NAME()`: pairs of
# file name (of FILES: the path from the top folder) and text.
function(systole_embed name)
  cmake_parse_arguments(ARG "" "DIR;PATTERN" "FILES" ${ARGN})
  file(GLOB files CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${ARG_DIR}/${ARG_PATTERN})
  list(SORT files)
  foreach(file ${ARG_FILES})
    list(APPEND files ${CMAKE_SOURCE_DIR}/${file})
  endforeach()
  set(header "// Made by cmake/systole.cmake.\n#pragma once\n#include <string_view>\n#include <utility>\n#include <vector>\nnamespace systole {\n/// File names and texts of ${ARG_DIR}.\nconst std::vector<std::pair<std::string_view, std::string_view>>& ${name}();\n}\n")
  set(body "#include \"${name}.h\"\nnamespace systole {\nconst std::vector<std::pair<std::string_view, std::string_view>>& ${name}() {\n  static const std::vector<std::pair<std::string_view, std::string_view>> files = {\n")
  foreach(file ${files})
    set_property(DIRECTORY ${CMAKE_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    file(RELATIVE_PATH leaf ${CMAKE_SOURCE_DIR} ${file})
    if(NOT leaf IN_LIST ARG_FILES)
      get_filename_component(leaf ${file} NAME)
    endif()
    file(READ ${file} text)
    # Adjacent raw strings: one literal may hold only 64 KiB everywhere.
    string(APPEND body "    {\"${leaf}\", R\"~~~(${text})~~~\"},\n")
  endforeach()
  string(APPEND body "  };\n  return files;\n}\n}\n")
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/embedded/${name}.h CONTENT "${header}" @ONLY)
  set(old "")
  if(EXISTS ${CMAKE_BINARY_DIR}/embedded/${name}.cc)
    file(READ ${CMAKE_BINARY_DIR}/embedded/${name}.cc old)
  endif()
  if(NOT old STREQUAL body)
    file(WRITE ${CMAKE_BINARY_DIR}/embedded/${name}.cc "${body}")
  endif()
  add_library(systole_${name} STATIC ${CMAKE_BINARY_DIR}/embedded/${name}.cc)
  target_link_libraries(systole_${name} PUBLIC systole_options)
endfunction()

# systole_test(NAME DIR folder [SHARDS n] DEPS ...): one GoogleTest program of the folder's *.cc; ctest
# runs it as n tests in parallel.
function(systole_test name)
  cmake_parse_arguments(ARG "" "DIR;SHARDS" "DEPS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cc)
  if(NOT sources)
    return()
  endif()
  _systole_names(deps ${ARG_DEPS})
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE systole_options ${deps} GTest::gmock GTest::gtest_main)
  # Tests spend their time in the libraries and in the models; their own code only has to build fast.
  target_compile_options(test_${name} PRIVATE -O1)
  target_compile_definitions(test_${name} PRIVATE SYSTOLE_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                             SYSTOLE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  _systole_precompile(test_${name} test_style ${systole_common_headers} <gmock/gmock.h> <gtest/gtest.h>)
  if(NOT ARG_SHARDS)
    add_test(NAME ${name} COMMAND test_${name})
    return()
  endif()
  foreach(shard RANGE 1 ${ARG_SHARDS})
    math(EXPR index "${shard} - 1")
    add_test(NAME ${name}_${shard} COMMAND test_${name})
    set_tests_properties(${name}_${shard} PROPERTIES ENVIRONMENT
                         "GTEST_TOTAL_SHARDS=${ARG_SHARDS};GTEST_SHARD_INDEX=${index};GTEST_OUTPUT=xml:${CMAKE_BINARY_DIR}/test-results/${name}_${shard}.xml")
  endforeach()
endfunction()
