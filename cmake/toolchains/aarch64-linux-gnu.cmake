# 64-bit ARM Linux, by Debian's g++-aarch64-linux-gnu; programs run under qemu-user. Used by `make generate TARGET=arm` and
# the tests of NEON and Jetson (cmake/SlimscaleArm.cmake), and by hand:
#
#     cmake --preset arm && cmake --build --preset arm        # build/arm/lib/libslimscale.a
#
# A tree of another processor takes slimscale_generate from a build of this machine: SLIMSCALE_HOST_BUILD.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
