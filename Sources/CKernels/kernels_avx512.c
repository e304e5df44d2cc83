/// The kernels for x86-64 with AVX-512: 16 lanes, 32 registers.
#if defined(__x86_64__)
#include "kernel_table.h"

#include <immintrin.h>

#pragma clang attribute push( \
  __attribute__((target("avx512f,avx512vl,avx512bw,avx512dq,avx2,fma"))), apply_to = function)

#define LANES 16
#define TILE_ROWS 8
#define FUSED(a, b, c) __builtin_elementwise_fma(a, b, c)
#define MASK(lanes) ((__mmask16)((1u << (lanes)) - 1))
#define MASKED_LOAD(p, lanes) ((vf)_mm512_maskz_loadu_ps(MASK(lanes), p))
#define MASKED_STORE(p, value, lanes) _mm512_mask_storeu_ps(p, MASK(lanes), (__m512)(value))
#define REST_STORE(p, value, lanes) _mm512_mask_storeu_ps(p, ~MASK(lanes), (__m512)(value))
#define JOINED_LOAD(p, q, lanes) \
  ((vf)_mm512_mask_loadu_ps(_mm512_maskz_loadu_ps(MASK(lanes), p), ~MASK(lanes), q))
#define NONZERO_LANES(x) ((uint32_t)_mm512_cmp_ps_mask((__m512)(x), _mm512_setzero_ps(), _CMP_NEQ_UQ))
#include "vector.h"
#include "kernels.h"

#pragma clang attribute pop

const nc_table nc_avx512_table = KERNEL_TABLE;
#endif
