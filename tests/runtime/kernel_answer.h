// What the kernel answers when tests ask it for AMX (bf16_test.cpp): 0, or the number of an error.
#pragma once

extern int slimscale_test_kernel_answer;
