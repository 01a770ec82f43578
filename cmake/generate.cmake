# Compiles a trained file, yours or ours, and a command-line tool with it inside:
#
#     cmake -D BUILD=build -D MODEL=my.safetensors [-D TARGET=cpu] [-D WIDTHS=16,64] [-D OUT=folder] [-D NAME=name]
#           [-D ADD=1|replace] [-D ARCHS=75,86] [-D SCHEDULES=table] -P cmake/generate.cmake
#
# OUT, by default build/generated/<TARGET>, gets libslimscale_model_<name>.a and its header. TARGET cpu (all of x86-64), a
# GPU (cuda, opencl, vulkan), or a list of x86-64 targets, also puts the tool with this model alone there,
# slimscale_<name>; arm, jetson and android make the archive only.
#
# What build/bin/slimscale holds and `make install` copies stays as it is, unless ADD says otherwise: 1 adds the model to
# both, under a name that no bundled model has; `replace` also puts it in the place of a bundled model of its name.
# Added archives are copies in build/generated/added; one that is deleted there is gone after the next build.
#
# Compiled pipelines are reused. report.md beside the archive says how much code each target is. CUDA kernels are
# assembled for ARCHS where ptxas is on PATH, and the report says what they take, too. SCHEDULES defaults to the table
# that `make tune` writes, if there is one.
foreach(option IN ITEMS BUILD=build TARGET=cpu WIDTHS=trained)
    string(REGEX MATCH "^([A-Z]+)=(.*)$" matched ${option})
    if("${${CMAKE_MATCH_1}}" STREQUAL "")
        set(${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
    endif()
endforeach()
if("${MODEL}" STREQUAL "")
    message(FATAL_ERROR "no model named: give MODEL=<file>.safetensors")
endif()
if("${MODEL}${OUT}${BUILD}${SCHEDULES}" MATCHES ";")
    message(FATAL_ERROR "a path holds a semicolon, which CMake cannot pass on; rename it")
endif()
set(platform x86)
if("${TARGET}" MATCHES "android|neon.*(opencl|vulkan)|(opencl|vulkan).*neon")
    set(platform android)
elseif("${TARGET}" MATCHES "arm|jetson|neon")
    set(platform arm)
endif()
if(NOT "${ADD}" MATCHES "^(|1|replace)$")
    message(FATAL_ERROR "ADD=${ADD}: 1 adds the model to build/bin/slimscale, replace also in the place of a bundled one")
elseif(NOT "${ADD}" STREQUAL "" AND NOT platform STREQUAL "x86")
    message(FATAL_ERROR "ADD=${ADD}: the tool of this machine cannot hold a model for ${TARGET}; leave ADD out")
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
list(APPEND options --report ${OUT}/report.md)
if("${SCHEDULES}" STREQUAL "" AND EXISTS ${BUILD}/schedules.txt)
    set(SCHEDULES ${BUILD}/schedules.txt)
endif()
if(NOT "${SCHEDULES}" STREQUAL "")
    cmake_path(ABSOLUTE_PATH SCHEDULES)
    list(APPEND options --schedules ${SCHEDULES})
endif()
if(NOT "${ARCHS}" STREQUAL "")
    list(APPEND options --archs ${ARCHS})
endif()
if(platform STREQUAL "x86")
    list(APPEND options --register ${BUILD}/generated/models.list)
endif()

function(add_to_bundle name archive)
    set(folder ${BUILD}/generated/added)
    file(STRINGS ${BUILD}/generated/bundled.list bundled)
    set(done "build/bin/slimscale now holds ${name} too, and `make install` copies it")
    if(name IN_LIST bundled AND NOT ADD STREQUAL "replace")
        message(FATAL_ERROR "${name} is the name of a bundled model, so build/bin/slimscale and what `make install` copies "
                "were left as they are; choose another (NAME=<name>), or put yours in its place (ADD=replace)")
    elseif(name IN_LIST bundled)
        set(done "build/bin/slimscale and what `make install` copies now hold your ${name} in the place of the bundled one")
    elseif(EXISTS ${folder}/libslimscale_model_${name}.a)
        set(done "build/bin/slimscale and what `make install` copies now hold this ${name} in the place of the one added before")
    endif()
    cmake_path(GET archive PARENT_PATH from)
    file(COPY ${archive} ${from}/slimscale_model_${name}.h DESTINATION ${folder})
    # COPY keeps the time, and a relinked tool must see a new one.
    file(TOUCH ${folder}/libslimscale_model_${name}.a)
    run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale)
    message(STATUS "${done} (${folder})")
endfunction()

run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale_generate)
run(${BUILD}/bin/slimscale_generate model ${options})
if(platform STREQUAL "x86")
    file(STRINGS ${BUILD}/generated/models.list entries)
    list(POP_BACK entries entry)  # the latest
    string(REGEX MATCH "^([a-z0-9_]+) (.*)$" matched "${entry}")
    set(name ${CMAKE_MATCH_1})
    set(archive ${CMAKE_MATCH_2})
    cmake_path(GET archive PARENT_PATH folder)
    run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale_tool_${name})
    message(STATUS "The command-line tool with this model alone: ${folder}/slimscale_${name}")
    if("${ADD}" STREQUAL "")
        message(STATUS "build/bin/slimscale and what `make install` copies are unchanged; ADD=1 adds ${name} to both")
    else()
        add_to_bundle(${name} ${archive})
    endif()
elseif(platform STREQUAL "arm")
    run(${CMAKE_COMMAND} --build ${BUILD} --target slimscale_arm_runtime)
    message(STATUS "Link it with ${BUILD}/arm/lib/libslimscale.a")
else()
    message(STATUS "Link it with a libslimscale.a that Android's NDK compiled from runtime/, which is not done here")
endif()
