/// NEON's lanes and tiles on x86-64, so that the code which only they reach is tested there too; for tests.
#if defined(__x86_64__)
#include "kernel_table.h"

#pragma clang attribute push(__attribute__((target("fma"))), apply_to = function)

#define LANES 4
#define TILE_ROWS 8
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "vector.h"
#include "kernels.h"

#pragma clang attribute pop

const nc_table nc_lanes4_table = KERNEL_TABLE;
#endif
