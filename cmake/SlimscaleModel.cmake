# Compiled models as CMake targets.
#
# slimscale_compiled_model(<target> (MODEL <file> | NETWORK <preset> SCALE <2|3|4> [COLORS <1|3>])
#                     [NAME <name>] [WIDTHS <all|trained|channels...>] [TARGETS <cpu|cuda|arm|targets...>]
#                     [ARCHS <86...>] [PLAIN_TAIL] [DIRECT] [OUT <folder>] [DEPENDS <targets or files>...])
#     Compiles a trained file, or a preset without weights, into <folder>/libslimscale_model_<name>.a (default
#     build/generated/builtin) and defines <target> to link: it brings its header and slimscale_runtime. Defaults: NAME
#     after the file or <preset>_x<scale>, WIDTHS trained, TARGETS cpu. CUDA kernels are assembled for ARCHS, by default
#     for what users have, where CMake finds ptxas (SLIMSCALE_PTXAS); elsewhere PTX alone goes into the archive.
#     Schedules go by build/schedules.txt, which `make tune` writes, before the built-in tables.
#     With SLIMSCALE_MODELS_FROM or SLIMSCALE_HOST_BUILD nothing is compiled: the archive is that build's.
#     PLAIN_TAIL keeps the last upsampler convolution and the tail apart, DIRECT keeps GPUs from Winograd.
#
# slimscale_variants(<variable> <zoo|random>)
#     Lists the rows of generators/variants.def with such weights, for slimscale_variant_fields.
#
# slimscale_variant_fields(<row>)
#     Sets network, scale, colors, channels, targets (lists) and name ("carn_m_x2") in the caller's scope.
#
# slimscale_user_models(<variable>)
#     Defines a target for each model that `make generate` compiled for this machine and lists them in <variable>.
#
# slimscale_model_tool(<model target>)
#     The command-line tool with this model alone, beside its archive: slimscale_<name>, built by the target
#     slimscale_tool_<name>.
#
# slimscale_model_registry(<target> <model targets>...)
#     A library whose `extern "C" const slimscale_model *const slimscale_models[]` (null-terminated) holds the models.
#
# slimscale_bundle(<target> <model targets>...)
#     The registry of the installed tool: these models, and those that the user has added (`make generate ADD=1`), whose
#     archives lie in build/generated/added. One that was added stands in for a bundled one of its name. The names of the
#     bundled ones are written to build/generated/bundled.list, the targets are the property SLIMSCALE_MODELS of <target>.
#
# slimscale_install_models(<target>)
#     `cmake --install` copies archive and header of each model of a bundle.
include_guard()

set(slimscale_generated_folder ${PROJECT_BINARY_DIR}/generated)
set(slimscale_schedules ${PROJECT_BINARY_DIR}/schedules.txt)
if(NOT EXISTS ${slimscale_schedules})
    file(WRITE ${slimscale_schedules} "")  # no rows: archives depend on it
endif()
file(GLOB slimscale_ptxas_folders ${PROJECT_SOURCE_DIR}/build/venv/lib/python3*/site-packages/nvidia/cuda_nvcc/bin)
# Not cached: the pinned one may come after another one was found.
find_program(SLIMSCALE_PTXAS ptxas HINTS ${slimscale_ptxas_folders} NO_CACHE)

function(slimscale_compiled_model target)
    cmake_parse_arguments(PARSE_ARGV 1 arg "PLAIN_TAIL;DIRECT" "MODEL;NETWORK;SCALE;COLORS;NAME;OUT" "WIDTHS;TARGETS;ARCHS;DEPENDS")
    if(arg_MODEL)
        set(source --model ${arg_MODEL})
        cmake_path(GET arg_MODEL STEM LAST_ONLY default_name)
    else()
        set(source --network ${arg_NETWORK} --scale ${arg_SCALE})
        if(arg_COLORS)
            list(APPEND source --colors ${arg_COLORS})
        endif()
        set(default_name ${arg_NETWORK}_x${arg_SCALE})
    endif()
    foreach(option IN ITEMS NAME=${default_name} OUT=${slimscale_generated_folder}/builtin WIDTHS=trained TARGETS=cpu)
        string(REGEX MATCH "^([A-Z]+)=(.*)$" matched ${option})
        if(NOT arg_${CMAKE_MATCH_1})
            set(arg_${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
        endif()
    endforeach()
    list(JOIN arg_WIDTHS "," widths)
    list(JOIN arg_TARGETS "," targets)
    set(options --widths ${widths} --targets ${targets})
    if(arg_ARCHS)
        list(JOIN arg_ARCHS "," archs)
        list(APPEND options --archs ${archs})
    endif()
    if(arg_PLAIN_TAIL)
        list(APPEND options --plain-tail)
    endif()
    if(arg_DIRECT)
        list(APPEND options --direct)
    endif()
    set(with_ptxas)
    if(targets MATCHES "cuda|jetson" AND SLIMSCALE_PTXAS)
        cmake_path(GET SLIMSCALE_PTXAS PARENT_PATH folder)
        set(with_ptxas ${CMAKE_COMMAND} -E env --modify PATH=path_list_prepend:${folder} --)
    endif()

    set(archive ${arg_OUT}/libslimscale_model_${arg_NAME}.a)
    set(from ${SLIMSCALE_MODELS_FROM} ${SLIMSCALE_HOST_BUILD})
    if(from)
        list(GET from 0 from)
        string(REPLACE ${PROJECT_BINARY_DIR} ${from} archive ${archive})
        slimscale_import_model_(${target} ${arg_NAME} ${archive})
        add_custom_target(${target}_archive)  # nothing to do; others depend on it
        return()
    endif()
    # One at a time: the tool itself fills the cores, and models share compiled pipelines.
    add_custom_command(OUTPUT ${archive} ${arg_OUT}/slimscale_model_${arg_NAME}.h
        COMMAND ${with_ptxas} $<TARGET_FILE:slimscale_generate> model ${source} --name ${arg_NAME} ${options}
                --out ${arg_OUT} --cache ${slimscale_generated_folder}/cache --schedules ${slimscale_schedules}
        DEPENDS slimscale_generate ${slimscale_schedules} ${arg_MODEL} ${arg_DEPENDS}
        COMMENT "Compiling the model ${arg_NAME}"
        USES_TERMINAL VERBATIM)
    add_custom_target(${target}_archive DEPENDS ${archive})
    slimscale_import_model_(${target} ${arg_NAME} ${archive})
    add_dependencies(${target} ${target}_archive)
endfunction()

function(slimscale_import_model_ target name archive)
    cmake_path(GET archive PARENT_PATH folder)
    file(MAKE_DIRECTORY ${folder})
    add_library(${target} STATIC IMPORTED GLOBAL)
    set_target_properties(${target} PROPERTIES IMPORTED_LOCATION ${archive} SLIMSCALE_NAME ${name})
    target_include_directories(${target} INTERFACE ${folder})
    target_link_libraries(${target} INTERFACE slimscale_runtime)
endfunction()

function(slimscale_variants variable weights)
    set(list_file ${PROJECT_SOURCE_DIR}/generators/variants.def)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list_file})
    file(STRINGS ${list_file} rows REGEX "^SLIMSCALE_VARIANT\\(.*, ${weights}\\)$")
    set(${variable} ${rows} PARENT_SCOPE)
endfunction()

function(slimscale_variant_fields row)
    string(REGEX MATCH "\\(([a-z0-9_]+), ([234]), ([13]), \"([0-9 ]+)\", f32, \"([a-z0-9_ ]+)\", [a-z]+\\)$" matched
           "${row}")
    if(NOT matched)
        message(FATAL_ERROR "generators/variants.def: not a row: ${row}")
    endif()
    set(network ${CMAKE_MATCH_1})
    set(scale ${CMAKE_MATCH_2})
    set(colors ${CMAKE_MATCH_3})
    set(name ${network}_x${scale})
    if(colors EQUAL 1)
        set(name ${network}_luma_x${scale})
    endif()
    string(REPLACE " " ";" channels "${CMAKE_MATCH_4}")
    string(REPLACE " " ";" targets "${CMAKE_MATCH_5}")
    return(PROPAGATE network scale colors channels targets name)
endfunction()

function(slimscale_user_models variable)
    set(list_file ${slimscale_generated_folder}/models.list)
    if(NOT EXISTS ${list_file})
        file(WRITE ${list_file} "")
    endif()
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${list_file})
    file(STRINGS ${list_file} entries)
    set(models)
    foreach(entry IN LISTS entries)
        string(REGEX MATCH "^([a-z0-9_]+) (.*)$" matched "${entry}")
        set(model slimscale_user_${CMAKE_MATCH_1})
        if(NOT TARGET ${model} AND EXISTS "${CMAKE_MATCH_2}")
            slimscale_import_model_(${model} ${CMAKE_MATCH_1} ${CMAKE_MATCH_2})
        endif()
        if(TARGET ${model})
            list(APPEND models ${model})
        endif()
    endforeach()
    set(${variable} ${models} PARENT_SCOPE)
endfunction()

function(slimscale_model_tool model)
    get_target_property(name ${model} SLIMSCALE_NAME)
    get_target_property(archive ${model} IMPORTED_LOCATION)
    cmake_path(GET archive PARENT_PATH folder)
    slimscale_model_registry(slimscale_tool_${name}_models ${model})
    add_executable(slimscale_tool_${name} EXCLUDE_FROM_ALL $<TARGET_OBJECTS:slimscale_cli_main>)
    target_link_libraries(slimscale_tool_${name} PRIVATE
        slimscale_cli_core slimscale_host slimscale_tool_${name}_models slimscale_runtime)
    set_target_properties(slimscale_tool_${name} PROPERTIES
        OUTPUT_NAME slimscale_${name} RUNTIME_OUTPUT_DIRECTORY ${folder})
    set_target_properties(slimscale_tool_${name}_models PROPERTIES EXCLUDE_FROM_ALL ON)
endfunction()

function(slimscale_bundle target)
    set(models)
    set(bundled)
    foreach(model IN LISTS ARGN)
        get_target_property(name ${model} SLIMSCALE_NAME)
        string(APPEND bundled "${name}\n")
        if(EXISTS ${slimscale_generated_folder}/added/libslimscale_model_${name}.a)
            message(STATUS "${name}: your own stands in for the bundled one (${slimscale_generated_folder}/added)")
        else()
            list(APPEND models ${model})
        endif()
    endforeach()
    file(WRITE ${slimscale_generated_folder}/bundled.list "${bundled}")
    file(GLOB archives CONFIGURE_DEPENDS ${slimscale_generated_folder}/added/libslimscale_model_*.a)
    foreach(archive IN LISTS archives)
        string(REGEX REPLACE "^.*/libslimscale_model_(.*)\\.a$" "\\1" name ${archive})
        slimscale_import_model_(slimscale_added_${name} ${name} ${archive})
        list(APPEND models slimscale_added_${name})
    endforeach()
    slimscale_model_registry(${target} ${models})
    set_target_properties(${target} PROPERTIES SLIMSCALE_MODELS "${models}")
endfunction()

function(slimscale_install_models target)
    get_target_property(models ${target} SLIMSCALE_MODELS)
    foreach(model IN LISTS models)
        get_target_property(name ${model} SLIMSCALE_NAME)
        get_target_property(archive ${model} IMPORTED_LOCATION)
        cmake_path(GET archive PARENT_PATH folder)
        install(FILES ${archive} DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT models OPTIONAL)
        install(FILES ${folder}/slimscale_model_${name}.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT models OPTIONAL)
    endforeach()
endfunction()

function(slimscale_model_registry target)
    set(includes)
    set(entries)
    foreach(model IN LISTS ARGN)
        get_target_property(name ${model} SLIMSCALE_NAME)
        string(APPEND includes "#include \"slimscale_model_${name}.h\"\n")
        string(APPEND entries "slimscale_model_${name}(), ")
    endforeach()
    set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}.cpp)
    file(CONFIGURE OUTPUT ${source} @ONLY CONTENT [[
// Written by cmake/SlimscaleModel.cmake: the models of this program.
@includes@#include <slimscale/slimscale.h>

extern "C" const slimscale_model *const slimscale_models[];
const slimscale_model *const slimscale_models[] = {@entries@nullptr};
]])
    add_library(${target} STATIC ${source})
    target_link_libraries(${target} PUBLIC ${ARGN} slimscale_runtime PRIVATE slimscale_warnings)
endfunction()
