/// Vector types of LANES floats, and the loads, stores and selections on them.
///
/// Included once by each kernels_*.c, which defines LANES.

#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

typedef float vf __attribute__((ext_vector_type(LANES)));
typedef int32_t vi __attribute__((ext_vector_type(LANES)));
typedef uint32_t vu __attribute__((ext_vector_type(LANES)));
typedef uint8_t vb __attribute__((ext_vector_type(LANES)));
/// Half as many lanes: as many floats as there are doubles in one vector.
enum { WIDE = LANES / 2 };
typedef float hf __attribute__((ext_vector_type(WIDE)));
typedef int32_t hi __attribute__((ext_vector_type(WIDE)));
typedef double vd __attribute__((ext_vector_type(WIDE)));

/// The same types in memory, with only the alignment of their scalars.
typedef float vf_memory __attribute__((ext_vector_type(LANES), aligned(4), may_alias));
typedef uint8_t vb_memory __attribute__((ext_vector_type(LANES), aligned(1), may_alias));
typedef float hf_memory __attribute__((ext_vector_type(WIDE), aligned(4), may_alias));
typedef double vd_memory __attribute__((ext_vector_type(WIDE), aligned(8), may_alias));

/// The first `lanes` floats, +0 in the other lanes, whose memory is not touched.
INLINE vf load_part(const float *p, size_t lanes) {
#ifdef MASKED_LOAD
  return MASKED_LOAD(p, lanes);
#else
  vf value = (vf)0.0f;
  __builtin_memcpy(&value, p, lanes * sizeof(float));
  return value;
#endif
}
INLINE void store_part(float *p, vf value, size_t lanes) {
#ifdef MASKED_STORE
  MASKED_STORE(p, value, lanes);
#else
  __builtin_memcpy(p, &value, lanes * sizeof(float));
#endif
}
INLINE vf load(const float *p, size_t lanes) {
  return lanes == LANES ? *(const vf_memory *)p : load_part(p, lanes);
}
INLINE void store(float *p, vf value, size_t lanes) {
  if (lanes == LANES) {
    *(vf_memory *)p = value;
  } else {
    store_part(p, value, lanes);
  }
}

/// The same as load and store with WIDE floats and with WIDE doubles.
INLINE hf load_half(const float *p, size_t lanes) {
  if (lanes == WIDE) { return *(const hf_memory *)p; }
  hf value = (hf)0.0f;
  __builtin_memcpy(&value, p, lanes * sizeof(float));
  return value;
}
INLINE void store_half(float *p, hf value, size_t lanes) {
  if (lanes == WIDE) {
    *(hf_memory *)p = value;
  } else {
    __builtin_memcpy(p, &value, lanes * sizeof(float));
  }
}
INLINE vd load_wide(const double *p, size_t lanes) {
  if (lanes == WIDE) { return *(const vd_memory *)p; }
  vd value = (vd)0.0;
  __builtin_memcpy(&value, p, lanes * sizeof(double));
  return value;
}
INLINE void store_wide(double *p, vd value, size_t lanes) {
  if (lanes == WIDE) {
    *(vd_memory *)p = value;
  } else {
    __builtin_memcpy(p, &value, lanes * sizeof(double));
  }
}

/// Floats as doubles, and back with one rounding.
INLINE vd widened(hf value) { return __builtin_convertvector(value, vd); }
INLINE hf narrowed(vd value) { return __builtin_convertvector(value, hf); }

/// Both halves of a vector.
INLINE vf joined(hf low, hf high) {
  vf value;
  __builtin_memcpy(&value, &low, sizeof low);
  __builtin_memcpy((char *)&value + sizeof low, &high, sizeof high);
  return value;
}

/// The first `lanes` floats from p, the others from q on. Halves have a fast way of their own: arrays begin at a multiple of
/// 16 bytes, and on some processors (Zen) a masked store of AVX2 takes as long as ten others.
INLINE vf load_joined(const float *p, const float *q, size_t lanes) {
  if (lanes == LANES) { return load(p, LANES); }
  if (lanes == 0) { return load(q, LANES); }
  if (lanes == WIDE) { return joined(load_half(p, WIDE), load_half(q, WIDE)); }
#ifdef MASKED_LOAD
  return JOINED_LOAD(p, q - lanes, lanes);
#else
  vf value;
  __builtin_memcpy(&value, p, lanes * sizeof(float));
  __builtin_memcpy((float *)&value + lanes, q, (LANES - lanes) * sizeof(float));
  return value;
#endif
}
INLINE void store_joined(float *p, float *q, vf value, size_t lanes) {
  if (lanes == LANES) { return store(p, value, LANES); }
  if (lanes == 0) { return store(q, value, LANES); }
  if (lanes == WIDE) {
    hf half[2];
    __builtin_memcpy(half, &value, sizeof half);
    store_half(p, half[0], WIDE);
    return store_half(q, half[1], WIDE);
  }
#ifdef MASKED_STORE
  MASKED_STORE(p, value, lanes);
  REST_STORE(q - lanes, value, lanes);
#else
  __builtin_memcpy(p, &value, lanes * sizeof(float));
  __builtin_memcpy(q, (float *)&value + lanes, (LANES - lanes) * sizeof(float));
#endif
}

/// max(x, 0): NaN stays NaN; adding +0 turns −0 into +0 and leaves every other value.
INLINE vf rectified(vf x) { return (vf)((vi)x & ~(x < 0.0f)) + 0.0f; }
INLINE hf rectified_half(hf x) { return (hf)((hi)x & ~(x < 0.0f)) + 0.0f; }

INLINE int any(vi mask) { return __builtin_reduce_or(mask) != 0; }

/// Bit i says whether lane i is not zero.
INLINE uint32_t nonzero_lanes(vf x) {
#ifdef NONZERO_LANES
  return NONZERO_LANES(x);
#else
  uint32_t bits = 0;
  vi is_other = x != 0.0f;
  for (int i = 0; i < LANES; i++) { bits |= (uint32_t)is_other[i] & (1u << i); }
  return bits;
#endif
}
