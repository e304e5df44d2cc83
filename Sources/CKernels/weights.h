/// The weight gradient of one variant, stored or used by SGD. Included once by each kernels_*.c, after prefixes.h and
/// descent.h.

/// What becomes of a tile of the gradient. The usual rule has no branches, so that its tile stays in registers.
typedef enum gradient_use { STORED, USED_BY_ANY_RULE, USED_BY_LATER_MOMENTUM_STEP } gradient_use;

INLINE gradient_use use_of(const nc_sgd_rule *rule) {
  int is_plain = rule->weight_decay == 0 && rule->form == NC_CLASSICAL;
  int is_usual = is_plain && rule->momentum != 0 && rule->buffer == NC_BUFFER_FILLED;
  return is_usual ? USED_BY_LATER_MOMENTUM_STEP : USED_BY_ANY_RULE;
}

/// Where the gradient goes: stored at p, or into the parameters p and their velocities v by the rule.
typedef struct target {
  gradient_use use;
  float *p, *v;
  nc_sgd_rule rule;
} target;

/// One vector of the gradient, that of the parameters at `at`.
INLINE void use_vector(const target *to, vf gradient, size_t at, size_t lanes) {
  if (to->use == STORED) {
    store(to->p + at, gradient, lanes);
  } else {
    sgd_vector(to->p + at, to->v + at, gradient, &to->rule, lanes);
  }
}

/// Floats of a cache line.
enum { LINE_FLOATS = 16 };

/// The columns of a panel, of which `lanes` of the last vector are used. They go round: after the last column of a row
/// comes its first one. A panel that does so is split: `until_end` columns, then the others from 0 on.
typedef struct gradient_columns {
  panel width;
  size_t begin, until_end;
  int is_split;
} gradient_columns;

/// The first column at which rows of `outputs` floats at p begin a cache line: panels begin there, because a load or store
/// that crosses lines costs two. 0 where the rows are no whole number of lines.
INLINE size_t first_column(const float *p, size_t outputs) {
  size_t place = (uintptr_t)p / sizeof(float) % LINE_FLOATS;
  return outputs % LINE_FLOATS == 0 ? (LINE_FLOATS - place) % LINE_FLOATS : 0;
}

/// The panel at column `begin` of the circle of `outputs` columns, no further than `end`; whole where it has to be.
INLINE gradient_columns columns_at(size_t begin, size_t end, size_t outputs, int may_split) {
  size_t first = begin < outputs ? begin : begin - outputs, rest = outputs - first;
  panel width = panel_at(0, may_split || end - begin < rest ? end - begin : rest);
  return (gradient_columns){width, first, rest, first + width.size > outputs};
}

/// A panel of dy: its first rows, aligned, and the chains over each prefix of them whose other factor is the common
/// value; prefix[n] are those over n rows.
typedef struct gradient_panel {
  block dy;
  _Alignas(64) float prefix[BLOCK + 1][PANEL];
} gradient_panel;

/// Keeps `depth` rows of dy, and the chains over as many of them as the longest prefix wants.
INLINE void keep_panel(
  gradient_panel *kept, const float *dy, size_t outputs, gradient_columns at, size_t depth, float value,
  size_t longest) {
  vf sum[2] = {(vf)0.0f, (vf)0.0f};
  store(kept->prefix[0], sum[0], LANES);
  store(kept->prefix[0] + LANES, sum[1], LANES);
  for (size_t n = 0; n < depth; n++, dy += outputs) {
    float *row = kept->dy.row[n];
    if (at.is_split) {
      __builtin_memcpy(row, dy + at.begin, at.until_end * sizeof(float));
      __builtin_memcpy(row + at.until_end, dy, (at.width.size - at.until_end) * sizeof(float));
    }
    for (int c = 0; c < at.width.columns; c++) {
      vf value_of_row = load(at.is_split ? row + c * LANES : dy + at.begin + c * LANES, at.width.lanes);
      store(row + c * LANES, value_of_row, LANES);
      if (n < longest) {
        sum[c] = FUSED((vf)value, value_of_row, sum[c]);
        store(kept->prefix[n + 1] + c * LANES, sum[c], LANES);
      }
    }
  }
}

/// The lines of the target that a tile uses, to be fetched while the tile before it runs.
enum { LINES = 2 * TILE_ROWS * ((PANEL + LINE_FLOATS - 1) / LINE_FLOATS) };
typedef struct target_lines {
  size_t count;
  const float *start[LINES];
} target_lines;

INLINE void find_lines(
  target_lines *lines, const target *to, size_t j, size_t outputs, const uint16_t *order, size_t rows) {
  lines->count = 0;
  for (size_t r = 0; r < rows; r++) {
    for (size_t c = 0; c < PANEL; c += LINE_FLOATS) {
      lines->start[lines->count++] = to->p + order[r] * outputs + j + c;
      lines->start[lines->count++] = to->v + order[r] * outputs + j + c;
    }
  }
}

/// Uses `count` values of the gradient, those of the parameters from `at` on.
INLINE void use_piece(const target *to, const float *gradient, size_t at, size_t count) {
  for (; count >= LANES; count -= LANES, gradient += LANES, at += LANES) {
    use_vector(to, load(gradient, LANES), at, LANES);
  }
  for (; count >= 4; count -= 4, gradient += 4, at += 4) { use_vector(to, load(gradient, 4), at, 4); }
  if (count > 0) { use_vector(to, load(gradient, count), at, count); }
}

/// Uses the rows of a panel piece by piece, where it is split or where velocities may be subnormal.
INLINE void use_pieces(
  const tile *acc, int rows, const target *to, gradient_columns at, size_t outputs, const uint16_t *order) {
  size_t until_end = at.is_split ? at.until_end : at.width.size;
  for (int r = 0; r < rows; r++) {
    float gradient[PANEL];
    for (int c = 0; c < at.width.columns; c++) { store(gradient + c * LANES, acc->row[r][c], LANES); }
    use_piece(to, gradient, order[r] * outputs + at.begin, until_end);
    use_piece(to, gradient + until_end, order[r] * outputs, at.width.size - until_end);
  }
}

/// Whether no velocity of the tile's full vectors is subnormal or 0; zeros are usual in no tile for long.
INLINE int has_normal_velocities(
  int rows, int columns, const float *v, gradient_columns at, size_t outputs, const uint16_t *order) {
  vu least = (vu)UINT32_MAX;
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      vu bits = (vu)load(v + order[r] * outputs + at.begin + (size_t)c * LANES, LANES);
      least = __builtin_elementwise_min(least, bits + bits);
    }
  }
  return __builtin_reduce_min(least) >= 0x01000000;
}

/// The chains over n of one tile: over its prefix, over the rest of the rows that are kept, and over the others.
INLINE void gradient_tile(
  int rows, int columns, left x, right dy, const gradient_panel *kept, size_t start, size_t depth, size_t batch,
  const target *to, gradient_columns at, size_t outputs, const uint16_t *order,
  const uint16_t *next, size_t next_rows) {
  tile acc;
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    acc.row[r][0] = *(const vf *)kept->prefix[start];
    if (columns == 2) { acc.row[r][1] = *(const vf *)(kept->prefix[start] + LANES); }
  }
  size_t done = start;
  if (to->use != STORED) {
    target_lines lines;
    find_lines(&lines, to, at.begin, outputs, next, next_rows);
    done = accumulate_fetching(&acc, rows, columns, x, &kept->dy, start, depth, lines.start, lines.count);
  }
  accumulate_kept(&acc, rows, columns, x, &kept->dy, 0, done, depth);
  if (depth < batch) { accumulate(&acc, rows, columns, x, dy, depth, batch, 0, 0); }
  int is_usual = to->use == USED_BY_LATER_MOMENTUM_STEP, is_whole = at.width.size == (size_t)columns * LANES;
  if (at.is_split || (is_usual && !(is_whole && has_normal_velocities(rows, columns, to->v, at, outputs, order)))) {
    tile copy = acc;
    return use_pieces(&copy, rows, to, at, outputs, order);
  }
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      size_t vector = order[r] * outputs + at.begin + (size_t)c * LANES;
      if (is_usual) {
        vf velocity = FUSED((vf)to->rule.momentum, load(to->v + vector, LANES), acc.row[r][c]);
        vf parameter = FUSED((vf)-to->rule.learning_rate, velocity, load(to->p + vector, LANES));
        store(to->v + vector, velocity, LANES);
        store(to->p + vector, parameter, LANES);
      } else {
        use_vector(to, acc.row[r][c], vector, columns == 2 ? LANES : dy.lanes);
      }
    }
  }
}

/// The row at which the tile in place of row `place` of `count` begins: from both ends in turn, so that a tile of long
/// chains follows one of short chains, and the memory that the one waits for comes while the other computes.
INLINE size_t folded(size_t place, size_t count) {
  size_t tiles = count / TILE_ROWS, tile = place / TILE_ROWS;
  if (tile >= tiles) { return place; }
  return (tile & 1 ? tiles - 1 - tile / 2 : tile / 2) * TILE_ROWS;
}

/// The gradient of one group of inputs, whose weights begin at to->p.
INLINE void gradient_group(
  const prefixes *group, const float *x, const float *dy, const target *to, size_t batch, size_t inputs,
  size_t outputs) {
  gradient_panel kept;
  size_t depth = batch < BLOCK ? batch : BLOCK, longest = group->start[group->count - 1];
  gradient_columns at;
  size_t first = first_column(to->p, outputs);
  for (size_t j = first; j < first + outputs; j += at.width.size) {
    // Rows of dy that are not kept are read where they are.
    at = columns_at(j, first + outputs, outputs, depth == batch);
    keep_panel(&kept, dy, outputs, at, depth, group->value, longest);
#define TILE(place, rows, columns)                                                                           \
  size_t i = folded(place, group->count);                                                                   \
  gradient_tile(                                                                                            \
    rows, columns, left_rows(x, 1, group->order + i, rows, inputs), (right){dy + at.begin, outputs, at.width.lanes}, \
    &kept, group->start[i], depth, batch, to, at, outputs, group->order + i,                         \
    group->order + folded(place + rows, group->count), group->count - place - rows < rows ? 0 : rows)
    OVER_TILES(TILE, group->count, at.width);
#undef TILE
  }
}

/// The whole gradient for a use that is known where this is compiled in.
INLINE void gradient_for(
  gradient_use use, const float *x, const float *dy, float *p, float *v, const nc_sgd_rule *rule, size_t batch,
  size_t inputs, size_t outputs, size_t begin, size_t end) {
  prefixes group;
  for (size_t k = begin; k < end; k += GROUP) {
    find_column_prefixes(&group, x + k, inputs, end - k < GROUP ? end - k : GROUP, batch < BLOCK ? batch : BLOCK);
    target to = {use, p + k * outputs, v ? v + k * outputs : 0, *rule};
    gradient_group(&group, x + k, dy, &to, batch, inputs, outputs);
  }
}

static void weight_gradient(
  const float *x, const float *dy, float *dw, size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end) {
  nc_sgd_rule none = {0};
  gradient_for(STORED, x, dy, dw, 0, &none, batch, inputs, outputs, begin, end);
}

static void weight_step(
  const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule, size_t batch, size_t inputs, size_t outputs,
  size_t begin, size_t end) {
  if (use_of(&rule) == USED_BY_LATER_MOMENTUM_STEP) {
    gradient_for(USED_BY_LATER_MOMENTUM_STEP, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  } else {
    gradient_for(USED_BY_ANY_RULE, x, dy, p, v, &rule, batch, inputs, outputs, begin, end);
  }
}
