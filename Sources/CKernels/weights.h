/// The weight gradient, stored or used by SGD.

/// The chains over n of one tile: the prefix, then the other rows that are kept, then the rows that are not.
INLINE void gradient_tile(
  int rows, int columns, left factors, left x, right dy, const gradient_panels *kept, size_t panel, size_t start,
  size_t batch, const target *to, size_t outputs, const uint16_t *order) {
  tile acc;
  panel_columns at = kept->at[panel];
  const float *prefix = kept_prefix(kept, panel, start);
  size_t depth = kept->depth;
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    acc.row[r][0] = *(const vf *)prefix;
    if (columns == 2) { acc.row[r][1] = *(const vf *)(prefix + LANES); }
  }
  if (to->use != STORED) { fetch_tile(rows, to, at, outputs, order); }
  accumulate_kept(&acc, rows, columns, factors, kept_dy(kept, panel), 0, start, depth);
  if (depth < batch) { accumulate(&acc, rows, columns, x, dy, depth, batch, 0, 0); }
  int is_plain = to->use != USED_BY_ANY_RULE && at.width.size == (size_t)columns * LANES;
#define USE(is_split)                                                                                         \
  if (to->use == STORED || are_normal(least_velocity(rows, columns, is_split, to->v, at, outputs, order))) {   \
    return use_tile(&acc, rows, columns, is_split, to, at, outputs, order);                                    \
  }
  if (is_plain && at.is_split) {
    USE(1)
  } else if (is_plain) {
    USE(0)
  }
#undef USE
  tile copy = acc;
  use_pieces(&copy, rows, to, at, outputs, order);
}

/// The tiles of one chunk of inputs, whose weights begin at to->p. The rows of a tile go through all panels that are kept.
INLINE void gradient_chunk(
  const prefixes *chunk, const gradient_factors *factors, const gradient_panels *kept, const float *x,
  const float *dy, const target *to, size_t batch, size_t inputs, size_t outputs) {
#define PANEL_TILE(i, rows, columns)                                                                         \
  gradient_tile(                                                                                             \
    rows, columns, left_rows(factors->value, factors->stride, order, rows, 1),                               \
    left_rows(x, 1, order, rows, inputs),                                                                    \
    (right){dy + kept->at[panel].begin, outputs, kept->at[panel].width.lanes}, kept, panel, chunk->start[i], \
    batch, to, outputs, order);
#define TILE(i, rows, unused)                                                                                \
  const uint16_t *order = chunk->order + i;                                                                  \
  for (size_t panel = 0; panel < kept->count; panel++) {                                                     \
    if (kept->at[panel].width.columns == 2) {                                                                \
      PANEL_TILE(i, rows, 2)                                                                                 \
    } else {                                                                                                 \
      PANEL_TILE(i, rows, 1)                                                                                 \
    }                                                                                                        \
  }
  OVER_ROWS(TILE, chunk->count, 0);
#undef TILE
#undef PANEL_TILE
}

/// The gradient without the first `done` columns of the circle; `use` is a constant. Everything that it keeps is on the stack,
/// about 400 KiB.
INLINE void gradient_for(
  gradient_use use, const float *x, const float *dy, float *p, float *v, const nc_sgd_rule *rule, size_t batch,
  size_t inputs, size_t outputs, size_t begin, size_t end, size_t done) {
  _Alignas(64) int32_t length[GROUP];
  prefixes chunk;
  gradient_factors factors;
  gradient_panels kept;
  size_t depth = batch < MOST_ROWS ? batch : MOST_ROWS;
  size_t most = depth == 0 ? MOST_PANELS : PANEL_VALUES / (depth * PANEL);
  if (most > MOST_PANELS) { most = MOST_PANELS; }
  kept.depth = depth;
  chunk.value = depth == 0 ? 0 : x[0];
  for (size_t group = begin; group < end; group += GROUP) {
    size_t rows = end - group < GROUP ? end - group : GROUP, saved = 0, longest = 0;
    find_column_prefixes(length, chunk.value, x + group, inputs, rows, depth);
    for (size_t i = 0; i < rows; i++) {
      saved += (size_t)length[i];
      longest = (size_t)length[i] > longest ? (size_t)length[i] : longest;
    }
    // If rows are ordered, larger chunks give tiles whose prefixes are closer; if not, factors should fit the first-level cache.
    size_t room = rows_of_chunk(depth, is_worth(saved, rows, depth) ? CHUNK : CHUNK / 4);
    size_t chunks = (rows + room - 1) / room;
    size_t size = ((rows + chunks - 1) / chunks + TILE_ROWS - 1) / TILE_ROWS * TILE_ROWS;
    size_t first = first_column(p + group * outputs, outputs), last = first + outputs;
    for (size_t j = first + done; j < last;) {
      for (kept.count = 0; kept.count < most && j < last; kept.count++) {
        // Rows of dy that are not kept are read where they are.
        kept.at[kept.count] = columns_at(j, last, outputs, depth == batch);
        j += kept.at[kept.count].width.size;
        keep_panel(&kept, kept.count, dy, outputs, chunk.value, longest);
      }
      for (size_t k = 0; k < rows; k += size) {
        size_t count = rows - k < size ? rows - k : size;
        target to = {use, p + (group + k) * outputs, v ? v + (group + k) * outputs : 0, *rule};
        order_by_prefix(&chunk, length + k, count, depth);
        keep_factors(&factors, x + group + k, inputs, count, depth);
        gradient_chunk(&chunk, &factors, &kept, x + group + k, dy, &to, batch, inputs, outputs);
      }
    }
  }
}

static size_t weight_gradient_work(const float *x, size_t batch, size_t inputs, size_t outputs) {
  _Alignas(64) int32_t length[GROUP];
  prefixes rows;
  size_t whole = gradient_columns_in_strips(x, inputs, batch, inputs, outputs);
  size_t steps = 0, depth = batch < MOST_ROWS ? batch : MOST_ROWS;
  for (size_t k = 0; k < inputs && whole < outputs; k += GROUP) {
    size_t count = inputs - k < GROUP ? inputs - k : GROUP;
    find_column_prefixes(length, x[0], x + k, inputs, count, depth);
    order_by_prefix(&rows, length, count, depth);
    steps += executed_steps(&rows, batch);
  }
  return whole * count_nonzeros(x, batch * inputs) + (outputs - whole) * steps;
}

/// Separate functions, so that the arrays of one are not on the stack together with those of another.
#define GRADIENT(name, use)                                                                                     \
  static __attribute__((noinline)) void name(                                                                   \
    const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch, size_t inputs,         \
    size_t outputs, size_t begin, size_t end, size_t done) {                                                    \
    gradient_for(use, x, dy, p, v, &rule, batch, inputs, outputs, begin, end, done);                             \
  }
GRADIENT(store_gradient, STORED)
GRADIENT(use_gradient, USED_BY_ANY_RULE)
GRADIENT(use_gradient_later, USED_BY_LATER_MOMENTUM_STEP)
#undef GRADIENT

static void weight_gradient(
  const float *x, const float *dy, float *dw, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end) {
  nc_sgd_rule none = {0};
  size_t done = gradient_strips(STORED, x, dy, dw, 0, &none, batch, inputs, outputs, begin, end);
  if (done < outputs) { store_gradient(x, dy, dw, 0, none, batch, inputs, outputs, begin, end, done); }
}

static void weight_step(
  const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  gradient_use use = use_of(&rule);
  size_t done = gradient_strips(use, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  if (done == outputs) { return; }
  if (use == USED_BY_LATER_MOMENTUM_STEP) {
    use_gradient_later(x, dy, p, v, rule, batch, inputs, outputs, begin, end, done);
  } else {
    use_gradient(x, dy, p, v, rule, batch, inputs, outputs, begin, end, done);
  }
}
