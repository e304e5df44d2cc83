/// Products and weight gradients in strips of columns, for left factors with many zeros.

/// The forward product of a group of rows over the steps of one span, for the columns of one strip, at which w, start and
/// y point. The chains begin with `start`; if it is null, with the values in y.
INLINE void product_strip(
  const float *x, const uint64_t *bits, const float *w, const float *start, float *y, size_t batch, size_t inputs,
  size_t depth, size_t outputs) {
  span kept;
  vu greatest = (vu)0u;
  for (size_t d = 0; d < depth; d++, w += outputs) {
    for (int c = 0; c < STRIP_VECTORS; c++) { keep_vector(&kept, d, c, load(w + c * LANES, LANES), &greatest); }
  }
  end_span(&kept, depth, greatest);
  for (size_t n = 0; n < batch; n++, x += inputs, y += outputs) {
    strip acc = span_chains(load_strip(start ? start : y), x, bits[n], &kept);
    store_strip(y, &acc);
  }
}

/// The forward product in all whole strips of columns; returns how many columns these have, 0 if x has few zeros.
static __attribute__((noinline)) size_t product_strips(
  const float *x, const float *w, const float *bias, float *y, size_t batch, size_t inputs, size_t outputs,
  size_t first, size_t last) {
  static const float zeros[STRIP_COLUMNS];
  uint64_t bits[GROUP];
  size_t whole = columns_in_strips(x + first, inputs, batch, last - first, outputs);
  for (size_t group = 0; group < batch && whole > 0; group += GROUP) {
    size_t rows = batch - group < GROUP ? batch - group : GROUP;
    for (size_t k = first; k < last; k += SPAN) {
      const float *left = x + group * inputs + k;
      size_t depth = last - k < SPAN ? last - k : SPAN;
      for (size_t n = 0; n < rows; n++) { bits[n] = nonzeros(left + n * inputs, depth); }
      for (size_t j = 0; j < whole; j += STRIP_COLUMNS) {
        const float *start = k > 0 ? 0 : bias ? bias + j : zeros;
        product_strip(
          left, bits, w + k * outputs + j, start, y + group * outputs + j, rows, inputs, depth, outputs);
      }
    }
  }
  return whole;
}

/// Uses one row of the gradient in the columns of a strip.
INLINE void use_strip(const strip *acc, const target *to, const panel_columns *at, size_t outputs, size_t row) {
  uint16_t order[] = {(uint16_t)row};
  int is_plain = to->use == STORED;
  if (to->use == USED_BY_LATER_MOMENTUM_STEP) {
    vu least = (vu)UINT32_MAX;
    _Pragma("clang loop unroll(full)") for (int p = 0; p < STRIP_PANELS; p++) {
      vu of_panel = at[p].is_split ? least_velocity(1, 2, 1, to->v, at[p], outputs, order)
                                   : least_velocity(1, 2, 0, to->v, at[p], outputs, order);
      least = __builtin_elementwise_min(least, of_panel);
    }
    is_plain = are_normal(least);
  }
  _Pragma("clang loop unroll(full)") for (int p = 0; p < STRIP_PANELS; p++) {
    tile values;
    values.row[0][0] = acc->at[2 * p];
    values.row[0][1] = acc->at[2 * p + 1];
    if (!is_plain) {
      use_pieces(&values, 1, to, at[p], outputs, order);
    } else if (at[p].is_split) {
      use_tile(&values, 1, 2, 1, to, at[p], outputs, order);
    } else {
      use_tile(&values, 1, 2, 0, to, at[p], outputs, order);
    }
  }
}

/// What the gradient keeps on the stack: the left factors of a chunk of rows, a word of bits for each of their spans, and
/// the accumulators between two spans, for as many rows as a chunk of more than one span has.
enum { RESTING_ROWS = CHUNK / (2 * SPAN), WORDS = CHUNK / SPAN };
typedef struct sparse_factors {
  gradient_factors kept;
  uint64_t bits[WORDS];
  _Alignas(64) float resting[RESTING_ROWS][STRIP_COLUMNS];
} sparse_factors;

/// The gradient of one chunk of rows in the columns of one strip over the span from step n; after the last span it is used.
INLINE void gradient_strip(
  sparse_factors *factors, const float *dy, const target *to, const panel_columns *at, size_t n, size_t rows,
  size_t batch, size_t outputs) {
  span kept;
  vu greatest = (vu)0u;
  size_t depth = batch - n < SPAN ? batch - n : SPAN;
  for (size_t d = 0; d < depth; d++) {
    const float *row = dy + (n + d) * outputs;
    for (int c = 0; c < STRIP_VECTORS; c++) {
      panel_columns of = at[c / 2];
      vf value = of.is_split ? load_split(row, seam_of(of, c % 2)) : load(row + of.begin + c % 2 * LANES, LANES);
      keep_vector(&kept, d, c, value, &greatest);
    }
  }
  end_span(&kept, depth, greatest);
  int is_last = n + depth == batch;
  const uint64_t *bits = factors->bits + n / SPAN * rows;
  const float *left = factors->kept.value + n;
  for (size_t r = 0; r < rows; r++, left += factors->kept.stride) {
    strip acc = {0};
    if (n > 0) { acc = load_strip(factors->resting[r]); }
    acc = span_chains(acc, left, bits[r], &kept);
    if (is_last) {
      use_strip(&acc, to, at, outputs, r);
    } else {
      store_strip(factors->resting[r], &acc);
    }
  }
}

/// As `columns_in_strips`, for the gradient; 0 if the batch has more rows than can be kept.
static size_t gradient_columns_in_strips(const float *x, size_t inputs, size_t batch, size_t count, size_t outputs) {
  return batch > MOST_ROWS ? 0 : columns_in_strips(x, inputs, batch, count, outputs);
}

/// The gradient in all whole strips of the circle of columns, from `first_column` on. Returns how many columns these have;
/// 0 if x has few zeros, or more rows than can be kept. It keeps about 200 to 300 KiB on the stack.
static __attribute__((noinline)) size_t gradient_strips(
  gradient_use use, const float *x, const float *dy, float *p, float *v, const nc_sgd_rule *rule, size_t batch,
  size_t inputs, size_t outputs, size_t begin, size_t end) {
  size_t whole = gradient_columns_in_strips(x + begin, inputs, batch, end - begin, outputs);
  if (whole == 0) { return 0; }
  sparse_factors factors;
  size_t room = rows_of_chunk(batch, CHUNK);
  if (room * ((batch + SPAN - 1) / SPAN) > WORDS) { room = WORDS / ((batch + SPAN - 1) / SPAN); }
  for (size_t group = begin; group < end; group += room) {
    size_t rows = end - group < room ? end - group : room;
    target to = {use, p + group * outputs, v ? v + group * outputs : 0, *rule};
    size_t first = first_column(to.p, outputs);
    keep_factors(&factors.kept, x + group, inputs, rows, batch);
    for (size_t n = 0; n < batch; n += SPAN) {
      size_t depth = batch - n < SPAN ? batch - n : SPAN;
      for (size_t r = 0; r < rows; r++) {
        factors.bits[n / SPAN * rows + r] = nonzeros(factors.kept.value + r * factors.kept.stride + n, depth);
      }
    }
    for (size_t j = first; j < first + whole; j += STRIP_COLUMNS) {
      panel_columns at[STRIP_PANELS];
      for (size_t i = 0; i < STRIP_PANELS; i++) { at[i] = columns_at(j + i * PANEL, first + outputs, outputs, 1); }
      for (size_t n = 0; n < batch; n += SPAN) { gradient_strip(&factors, dy, &to, at, n, rows, batch, outputs); }
    }
  }
  return whole;
}
