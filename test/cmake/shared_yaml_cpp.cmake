# A machine that has yaml-cpp only as a shared library: the project is configured as if the archive were hidden, and
# the program must link the library instead.
#   cmake -DSOURCE=… -P shared_yaml_cpp.cmake
string(RANDOM LENGTH 12 word)
set(temporary /tmp)
if(DEFINED ENV{TMPDIR})
  set(temporary $ENV{TMPDIR})
endif()
set(build ${temporary}/dbtool-configure-${word})
execute_process(
  COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${build} -G Ninja -DCMAKE_BUILD_TYPE=Debug -DYAML_CPP_ARCHIVE=
  RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
set(links "")
if(NOT failed)
  file(STRINGS ${build}/build.ninja links REGEX "LINK_LIBRARIES = .*yaml-cpp")
endif()
file(REMOVE_RECURSE ${build})
if(failed)
  message(FATAL_ERROR "cannot be configured without the archive:\n${output}")
endif()
if(NOT links MATCHES "libyaml-cpp[^ ]*\\.so" OR links MATCHES "libyaml-cpp\\.a")
  message(FATAL_ERROR "the shared library is not what is linked: ${links}")
endif()
