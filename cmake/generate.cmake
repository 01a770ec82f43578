# Compiles a trained file, yours or ours, and builds the command-line tool with it inside:
#
#     cmake -D BUILD=build -D MODEL=my.safetensors [-D TARGET=cpu] [-D WIDTHS=16,64] [-D OUT=folder] [-D NAME=name]
#           -P cmake/generate.cmake
#
# TARGET cpu (AVX2 and baseline x86-64), or a list of x86-64 tiers, also enters the model in build/generated/models.list,
# so that build/bin/slimscale has it from then on; arm makes the archive only. OUT defaults to build/generated/<TARGET>. Compiled pipelines are reused.
foreach(option IN ITEMS BUILD=build TARGET=cpu WIDTHS=trained)
    string(REGEX MATCH "^([A-Z]+)=(.*)$" matched ${option})
    if("${${CMAKE_MATCH_1}}" STREQUAL "")
        set(${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
endforeach()
if("${MODEL}" STREQUAL "")
    message(FATAL_ERROR "no model named: give MODEL=<file>.safetensors")
endif()
if("${MODEL}${OUT}${BUILD}" MATCHES ";")
    message(FATAL_ERROR "a path holds a semicolon, which CMake cannot pass on; rename it")
endif()
set(for_this_machine TRUE)
if("${TARGET}" MATCHES "arm|neon")
    set(for_this_machine FALSE)
endif()
cmake_path(ABSOLUTE_PATH BUILD)
cmake_path(ABSOLUTE_PATH MODEL)
if("${OUT}" STREQUAL "")
    set(OUT ${BUILD}/generated/${TARGET})
endif()
cmake_path(ABSOLUTE_PATH OUT)

function(run)
    execute_process(COMMAND ${ARGV} RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
        message(FATAL_ERROR "the step above failed")
    endif()
endfunction()

set(options --model ${MODEL} --widths ${WIDTHS} --targets ${TARGET} --out ${OUT} --cache ${BUILD}/generated/cache)
if(NOT "${NAME}" STREQUAL "")
    list(APPEND options --name ${NAME})
endif()
if(for_this_machine)
    list(APPEND options --register ${BUILD}/generated/models.list)
endif()

run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale_generate)
run(${BUILD}/bin/slimscale_generate model ${options})
if(for_this_machine)
    run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale)
else()
    run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale_arm_runtime)
    message(STATUS "Link it with ${BUILD}/lib/arm-64-linux/libslimscale.a")
endif()
