/// AVX-512's lanes and tiles without its instructions, so that the code which only 16 lanes reach is tested on processors
/// that lack them; for tests.
#if defined(__x86_64__) || defined(__aarch64__)
#include "kernel_table.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#endif

// Vectors of two registers are passed between static functions only.
#pragma clang diagnostic ignored "-Wpsabi"

#define LANES 16
#define TILE_ROWS 8
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "vector.h"
#include "kernels.h"

#if defined(__x86_64__)
#pragma clang attribute pop
#endif

const nc_table nc_lanes16_table = KERNEL_TABLE;
#endif
