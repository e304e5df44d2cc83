/// The left factors of the weight gradient.

/// The factors of a chunk of rows of the gradient, which are columns of x. The factors of one row are next to each other, as
/// a tile reads them; in x they are a row apart.
enum { CHUNK = 128 * MOST_ROWS };
typedef struct gradient_factors {
  size_t stride;
  _Alignas(64) float value[CHUNK];
} gradient_factors;

/// How many rows have at most `values` factors in total, in whole tiles.
INLINE size_t rows_of_chunk(size_t depth, size_t values) {
  size_t rows = depth == 0 ? GROUP : values / ((depth + LANES - 1) / LANES * LANES);
  return (rows < GROUP ? rows : GROUP) / TILE_ROWS * TILE_ROWS;
}

/// Keeps `depth` rows of `count` columns of x.
INLINE void keep_factors(gradient_factors *kept, const float *x, size_t stride, size_t count, size_t depth) {
  kept->stride = (depth + LANES - 1) / LANES * LANES;
  transpose(kept->value, kept->stride, x, stride, depth, count);
}
