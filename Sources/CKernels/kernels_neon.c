/// The kernels for 64-bit ARM: 4 lanes, 32 registers; NEON with its fused operation is part of the base architecture.
/// `ci/neon` runs them on x86-64.
#if defined(__aarch64__)
#include "kernel_table.h"

#define LANES 4
#define TILE_ROWS 8
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "vector.h"
#include "kernels.h"

const nc_table nc_neon_table = KERNEL_TABLE;
#endif
