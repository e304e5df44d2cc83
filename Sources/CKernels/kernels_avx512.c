/// The kernels for x86-64 with AVX-512: 16 lanes, 32 registers.
#if defined(__x86_64__)
#include "kernel_table.h"

#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)

#define LANES 16
#define TILE_ROWS 8
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#include "vector.h"

#include "tiles.h"

#include "prefixes.h"

#include "products.h"

#include "descent.h"

#include "weights.h"

#include "inputs.h"

#include "columns.h"

#include "elementwise.h"

#pragma clang attribute pop

const nc_table nc_avx512_table = KERNEL_TABLE;
#endif
