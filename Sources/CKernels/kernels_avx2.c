/// The kernels for x86-64 with AVX2 and FMA: 8 lanes, 16 registers.
#if defined(__x86_64__)
#include "kernel_table.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)

#define LANES 8
#define TILE_ROWS 6
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#define MASK(lanes) \
  _mm256_cmpgt_epi32(_mm256_set1_epi32((int)(lanes)), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
#define MASKED_LOAD(p, lanes) ((vf)_mm256_maskload_ps(p, MASK(lanes)))
#define MASKED_STORE(p, value, lanes) _mm256_maskstore_ps(p, MASK(lanes), (__m256)(value))
#define REST(lanes) _mm256_xor_si256(MASK(lanes), _mm256_set1_epi32(-1))
#define REST_STORE(p, value, lanes) _mm256_maskstore_ps(p, REST(lanes), (__m256)(value))
#define JOINED_LOAD(p, q, lanes) \
  ((vf)_mm256_or_ps(_mm256_maskload_ps(p, MASK(lanes)), _mm256_maskload_ps(q, REST(lanes))))
#define NONZERO_LANES(x) ((uint32_t)_mm256_movemask_ps((__m256)((x) != 0.0f)))
#include "vector.h"
#include "kernels.h"

#pragma clang attribute pop

const nc_table nc_avx2_table = KERNEL_TABLE;
#endif
