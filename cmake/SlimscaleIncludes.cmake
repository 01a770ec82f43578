# slimscale_include_root(<target> <PUBLIC|PRIVATE|INTERFACE>)
#     Lets a target include the headers of the top-level folder that it is defined in, as "<folder>/...", and no others: those
#     of other folders come with the targets that it links. The root is a folder of its own, build/include_roots/<folder>,
#     which holds nothing but a symbolic link to the folder. An include that docs/architecture.md does not allow therefore
#     finds no file (tests/contract/check_includes.py tries them all).
#
# SLIMSCALE_INCLUDE_ROOTS=OFF puts the repository's root in their place, for tools that look at links as files of their own
# (gcovr) and for file systems without links. Then nothing holds the rules.
#
# slimscale_include_header(<target> <PUBLIC|PRIVATE|INTERFACE> <header>)
#     Likewise, but a single header of the folder, "<folder>/<header>".
include_guard()

option(SLIMSCALE_INCLUDE_ROOTS "Each folder sees only the headers of the folders that it links" ON)

# Gives the target the root include_roots/<name>, in which nothing but <path> is found.
function(slimscale_include_path target scope name path)
    set(root ${PROJECT_SOURCE_DIR})
    if(SLIMSCALE_INCLUDE_ROOTS)
        set(root ${PROJECT_BINARY_DIR}/include_roots/${name})
        cmake_path(GET path PARENT_PATH folder)
        file(MAKE_DIRECTORY ${root}/${folder})
        file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${path} ${root}/${path} SYMBOLIC)
    endif()
    target_include_directories(${target} ${scope} ${root})
endfunction()

function(slimscale_include_root target scope)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE path)
    string(REGEX REPLACE "/.*" "" folder ${path})
    slimscale_include_path(${target} ${scope} ${folder} ${folder})
endfunction()

function(slimscale_include_header target scope header)
    cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
    slimscale_include_path(${target} ${scope} ${folder}.${header} ${folder}/${header})
endfunction()
