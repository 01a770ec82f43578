# For projects that use slimscale, installed (find_package) or as a part of theirs (add_subdirectory, FetchContent):
#
# slimscale_add_model(<name> FILE <trained file> [CHANNELS <all|trained|counts...>] [TARGETS <cpu|cuda|targets...>]
#                     [ARCHS <86...>] [OUT <folder>])
#     Compiles a trained file (.safetensors) when the project is built, and again when the file changes. Defines
#     slimscale::<name> to link, which brings slimscale_model_<name>.h and slimscale::slimscale. Defaults: CHANNELS
#     trained, TARGETS cpu (all of x86-64), OUT the current binary folder's slimscale/. ARCHS are the compute capabilities
#     that CUDA kernels are assembled for where ptxas is on PATH or in CUDA's usual folder; elsewhere the archive holds
#     PTX. slimscale_model_<name>.md beside the archive says how much code each target is.
#
#     The compiler needs Halide 21's shared library and a g++ with binutils, and the finished program neither. Halide is
#     looked for under Halide_DIR, Halide_ROOT, CMAKE_PREFIX_PATH, in the active Python environment, in that of the first
#     python3 on PATH, and in /usr/local and /usr: what `pip install halide==21.0.0` brings is enough.
#
# Written for CMake 3.16, as what find_package reads should be.

# Sets <variable> to the folder of libHalide.so and <variable>_VERSION, or stops with one line. find_package would ask for
# CMake 3.28 and Python's headers, and may load another version than it found: that of the active Python (Halide 21.0.0's
# package of PyPI; findings/halide-cmake-package-loads-another-version.sh).
function(slimscale_find_halide_ variable)
    set(prefixes "${Halide_ROOT}" "$ENV{Halide_ROOT}")
    if(Halide_DIR)
        list(APPEND prefixes "${Halide_DIR}/../../..")
    endif()
    string(REPLACE ":" ";" from_environment "$ENV{CMAKE_PREFIX_PATH}")
    list(APPEND prefixes ${CMAKE_PREFIX_PATH} ${from_environment} "$ENV{VIRTUAL_ENV}")
    find_program(SLIMSCALE_PYTHON_PROGRAM python3 DOC "Python whose packages may hold Halide")
    mark_as_advanced(SLIMSCALE_PYTHON_PROGRAM)
    if(SLIMSCALE_PYTHON_PROGRAM)
        execute_process(COMMAND ${SLIMSCALE_PYTHON_PROGRAM} -c "import importlib.util as u; print(u.find_spec('halide').submodule_search_locations[0])"
                        OUTPUT_VARIABLE package OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        list(APPEND prefixes ${package})
    endif()
    set(others)
    foreach(prefix IN LISTS prefixes ITEMS /usr/local /usr)
        if(NOT prefix)
            continue()
        endif()
        file(GLOB files ${prefix}/lib*/cmake/Halide/HalideConfigVersion.cmake ${prefix}/lib/*/cmake/Halide/HalideConfigVersion.cmake
             ${prefix}/lib/python3*/*-packages/halide/lib*/cmake/Halide/HalideConfigVersion.cmake)
        foreach(file IN LISTS files)
            file(STRINGS ${file} version REGEX "^ *set\\(PACKAGE_VERSION \"[0-9.]+\"\\)")
            string(REGEX REPLACE "^[^\"]*\"([0-9.]+)\".*$" "\\1" version "${version}")
            get_filename_component(folder "${file}/../../.." ABSOLUTE)
            if(version MATCHES "^21\\." AND EXISTS ${folder}/libHalide.so)
                set(${variable} ${folder} PARENT_SCOPE)
                set(${variable}_VERSION ${version} PARENT_SCOPE)
                return()
            endif()
            list(APPEND others "${version} in ${folder}")
        endforeach()
    endforeach()
    set(found "it is not here")
    if(others)
        list(JOIN others ", " others)
        set(found "found only ${others}")
    endif()
    message(FATAL_ERROR "slimscale_add_model compiles with Halide 21's shared library, and ${found}: `pip install halide==21.0.0`, and name that environment with -DCMAKE_PREFIX_PATH=<folder> unless it is active")
endfunction()

# The words before the compiler's command line: an installed one does not know where libraries lie, and ptxas may not be
# on PATH.
function(slimscale_compiler_environment_ variable targets)
    set(environment)
    get_target_property(installed slimscale::generate SLIMSCALE_INSTALLED)
    if(installed)
        slimscale_find_halide_(halide)
        set(path ${halide})
        if(NOT "$ENV{LD_LIBRARY_PATH}" STREQUAL "")
            set(path "${halide}:$ENV{LD_LIBRARY_PATH}")
        endif()
        list(APPEND environment "LD_LIBRARY_PATH=${path}")
        set(${variable}_HALIDE ${halide_VERSION} PARENT_SCOPE)
    endif()
    if(targets MATCHES "cuda|jetson")
        find_program(SLIMSCALE_PTXAS ptxas HINTS ${CUDAToolkit_ROOT}/bin $ENV{CUDA_PATH}/bin /usr/local/cuda/bin)
        mark_as_advanced(SLIMSCALE_PTXAS)
        if(SLIMSCALE_PTXAS)
            get_filename_component(folder ${SLIMSCALE_PTXAS} DIRECTORY)
            list(APPEND environment "PATH=${folder}:$ENV{PATH}")
        endif()
    endif()
    if(environment)
        set(environment ${CMAKE_COMMAND} -E env ${environment})
    endif()
    set(${variable} ${environment} PARENT_SCOPE)
endfunction()

function(slimscale_add_model name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "FILE;OUT" "CHANNELS;TARGETS;ARCHS")
    if(NOT arg_FILE OR arg_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "slimscale_add_model(${name}): use slimscale_add_model(<name> FILE <trained file> [CHANNELS <counts>] [TARGETS <targets>] [ARCHS <capabilities>] [OUT <folder>])")
    elseif(NOT name MATCHES "^[a-z0-9_]+$")
        message(FATAL_ERROR "slimscale_add_model: ${name} cannot name a model: 1 to 47 of the characters a-z, 0-9 and _ can")
    elseif(TARGET slimscale::${name})
        message(FATAL_ERROR "slimscale_add_model: there is a model ${name} already, bundled or added before; choose another name")
    elseif(NOT TARGET slimscale::generate)
        message(FATAL_ERROR "slimscale_add_model: this installation of slimscale lacks its compiler, slimscale_generate; install it again with `make install`")
    endif()
    get_filename_component(model "${arg_FILE}" ABSOLUTE)
    get_source_file_property(generated "${model}" GENERATED)
    if(NOT EXISTS "${model}" AND NOT generated)
        message(FATAL_ERROR "slimscale_add_model: there is no file ${model}")
    endif()
    set(out ${CMAKE_CURRENT_BINARY_DIR}/slimscale)
    if(arg_OUT)
        get_filename_component(out "${arg_OUT}" ABSOLUTE BASE_DIR ${CMAKE_CURRENT_BINARY_DIR})
    endif()
    set(options)
    foreach(option CHANNELS=--widths TARGETS=--targets ARCHS=--archs)
        string(REGEX MATCH "^(.*)=(.*)$" matched ${option})
        set(key ${CMAKE_MATCH_1})
        set(flag ${CMAKE_MATCH_2})
        if(arg_${key})
            string(REPLACE ";" "," value "${arg_${key}}")
            list(APPEND options ${flag} ${value})
        endif()
    endforeach()
    slimscale_compiler_environment_(environment "${arg_TARGETS}")

    set(archive ${out}/libslimscale_model_${name}.a)
    file(MAKE_DIRECTORY ${out})
    add_custom_command(OUTPUT ${archive} ${out}/slimscale_model_${name}.h ${out}/slimscale_model_${name}.md
        COMMAND ${environment} $<TARGET_FILE:slimscale::generate> model --model ${model} --name ${name} ${options} --out ${out}
                --report ${out}/slimscale_model_${name}.md --cache ${CMAKE_BINARY_DIR}/slimscale_cache/halide${environment_HALIDE}
        DEPENDS ${model} $<TARGET_FILE:slimscale::generate>
        COMMENT "Compiling the model ${name}"
        USES_TERMINAL VERBATIM)  # one model at a time: each fills the cores
    add_custom_target(slimscale_model_${name}_archive DEPENDS ${archive})
    add_library(slimscale::${name} STATIC IMPORTED GLOBAL)
    set_target_properties(slimscale::${name} PROPERTIES
        IMPORTED_LOCATION ${archive}
        INTERFACE_INCLUDE_DIRECTORIES ${out}
        INTERFACE_LINK_LIBRARIES slimscale::slimscale)
    add_dependencies(slimscale::${name} slimscale_model_${name}_archive)
endfunction()
