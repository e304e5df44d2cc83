/// The first steps of the forward product, which rows share.

/// How many vectors of one row run side by side: enough to hide the latency of a fused operation.
enum { LEADERS = 8 };

/// The chains of `vectors` vectors of columns, over the prefixes. Row order[i] of y receives the accumulators after the
/// steps that its tile does not do. w and y point at the first of the columns.
INLINE void lead_strip(
  const prefixes *rows, const float *w, const float *bias, float *y, size_t outputs, int vectors, size_t lanes) {
  vf acc[LEADERS];
  for (int c = 0; c < vectors; c++) { acc[c] = bias ? load(bias + c * LANES, lanes) : (vf)0.0f; }
  vf value = (vf)rows->value;
  size_t k = 0;
#define TILE(first, tile_rows, columns)                                                                      \
  for (; k < rows->start[first]; k++) {                                                                      \
    for (int c = 0; c < vectors; c++) { acc[c] = FUSED(value, load(w + k * outputs + c * LANES, lanes), acc[c]); } \
  }                                                                                                          \
  for (size_t i = first; i < first + tile_rows; i++) {                                                       \
    for (int c = 0; c < vectors; c++) { store(y + rows->order[i] * outputs + c * LANES, acc[c], lanes); }     \
  }
  OVER_ROWS(TILE, rows->count, 0);
#undef TILE
}

/// The same for the columns begin ..< end.
static void lead(
  const prefixes *rows, const float *w, const float *bias, float *y, size_t outputs, size_t begin, size_t end) {
#define STRIP_AT(vectors, lanes) lead_strip(rows, w + j, bias ? bias + j : 0, y + j, outputs, vectors, lanes)
  size_t j = begin;
  for (; j + LEADERS * LANES <= end; j += LEADERS * LANES) { STRIP_AT(LEADERS, LANES); }
  for (; j + PANEL <= end; j += PANEL) { STRIP_AT(2, LANES); }
  for (; j + LANES <= end; j += LANES) { STRIP_AT(1, LANES); }
  if (j < end) { STRIP_AT(1, end - j); }
#undef STRIP_AT
}

/// The same for the columns begin ..< end of the circle.
static void lead_round(
  const prefixes *rows, const float *w, const float *bias, float *y, size_t outputs, size_t begin, size_t end) {
  if (end - begin == outputs) { return lead(rows, w, bias, y, outputs, 0, outputs); }
  if (begin < outputs) { lead(rows, w, bias, y, outputs, begin, end < outputs ? end : outputs); }
  if (end > outputs) { lead(rows, w, bias, y, outputs, begin < outputs ? 0 : begin - outputs, end - outputs); }
}
