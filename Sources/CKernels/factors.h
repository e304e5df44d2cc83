/// The left factors of the weight gradient, of one variant. Included once by each kernels_*.c, after prefixes.h and inputs.h.

/// Factors of a chunk of rows of the gradient, the columns of x: those of one row stand together, as a tile reads them,
/// and not a row of x apart.
enum { CHUNK = 128 * BLOCK };
typedef struct gradient_factors {
  size_t stride;
  _Alignas(64) float value[CHUNK];
} gradient_factors;

/// As many rows as a chunk has room for, in whole tiles.
INLINE size_t rows_of_chunk(size_t depth) {
  size_t rows = depth == 0 ? GROUP : CHUNK / ((depth + LANES - 1) / LANES * LANES);
  return (rows < GROUP ? rows : GROUP) / TILE_ROWS * TILE_ROWS;
}

/// A quad from each of LANES/4 rows of x, four rows apart.
INLINE vf load_quads(const float *x, size_t stride) {
#define QUAD(i) (*(const quad_memory *)(x + 4 * (i) * stride))
#define PAIR(i) __builtin_shufflevector(QUAD(i), QUAD(i + 1), 0, 1, 2, 3, 4, 5, 6, 7)
#if LANES == 16
  return __builtin_shufflevector(PAIR(0), PAIR(2), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
#elif LANES == 8
  return PAIR(0);
#else
  return QUAD(0);
#endif
#undef PAIR
#undef QUAD
}

/// Places of a shuffle of two vectors: these, in each quad.
#if LANES == 16
#define EACH_QUAD(a, b, c, d) \
  a, b, c, d, a + 4, b + 4, c + 4, d + 4, a + 8, b + 8, c + 8, d + 8, a + 12, b + 12, c + 12, d + 12
#elif LANES == 8
#define EACH_QUAD(a, b, c, d) a, b, c, d, a + 4, b + 4, c + 4, d + 4
#else
#define EACH_QUAD(a, b, c, d) a, b, c, d
#endif

/// Keeps `depth` rows of `count` columns of x: LANES rows of four columns at a time become four vectors. Quads are loaded so
/// that a transpose within each quad brings every value to its place.
INLINE void keep_factors(gradient_factors *kept, const float *x, size_t stride, size_t count, size_t depth) {
  size_t wide = depth / LANES * LANES, whole = count & ~(size_t)3;
  kept->stride = (depth + LANES - 1) / LANES * LANES;
  for (size_t n = 0; n < wide; n += LANES) {
    const float *row = x + n * stride;
    for (size_t k = 0; k < whole; k += 4, row += 4) {
      float *to = kept->value + k * kept->stride + n;
      vf a = load_quads(row, stride), b = load_quads(row + stride, stride);
      vf c = load_quads(row + 2 * stride, stride), d = load_quads(row + 3 * stride, stride);
      vf ab01 = __builtin_shufflevector(a, b, EACH_QUAD(0, LANES + 0, 1, LANES + 1));
      vf ab23 = __builtin_shufflevector(a, b, EACH_QUAD(2, LANES + 2, 3, LANES + 3));
      vf cd01 = __builtin_shufflevector(c, d, EACH_QUAD(0, LANES + 0, 1, LANES + 1));
      vf cd23 = __builtin_shufflevector(c, d, EACH_QUAD(2, LANES + 2, 3, LANES + 3));
      store(to, __builtin_shufflevector(ab01, cd01, EACH_QUAD(0, 1, LANES + 0, LANES + 1)), LANES);
      store(to + kept->stride, __builtin_shufflevector(ab01, cd01, EACH_QUAD(2, 3, LANES + 2, LANES + 3)), LANES);
      store(to + 2 * kept->stride, __builtin_shufflevector(ab23, cd23, EACH_QUAD(0, 1, LANES + 0, LANES + 1)), LANES);
      store(to + 3 * kept->stride, __builtin_shufflevector(ab23, cd23, EACH_QUAD(2, 3, LANES + 2, LANES + 3)), LANES);
    }
  }
  for (size_t n = 0; n < depth; n++) {
    for (size_t k = n < wide ? whole : 0; k < count; k++) { kept->value[k * kept->stride + n] = x[n * stride + k]; }
  }
}
