/// Where the weight gradient goes.

/// How a tile of the gradient is used. The usual rule of SGD has no branches, so that its tile stays in registers.
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

/// Uses one vector of the gradient, for the parameters at `at`.
INLINE void use_vector(const target *to, vf gradient, size_t at, size_t lanes) {
  if (to->use == STORED) {
    store(to->p + at, gradient, lanes);
  } else {
    sgd_vector(to->p + at, to->v + at, gradient, &to->rule, lanes);
  }
}

/// Fetches the parameters of a tile while its chains run: without this the weight step of 784 × 256 takes 7 % longer at batch 64
/// with AVX-512. In a split panel, the start of a row is in the same line as the end of the row before.
INLINE void fetch_tile(int rows, const target *to, panel_columns at, size_t outputs, const uint16_t *order) {
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    size_t place = order[r] * outputs + at.begin;
    for (size_t c = 0; c < PANEL; c += LINE_FLOATS) {
      __builtin_prefetch(to->p + place + c, 0, 3);
      __builtin_prefetch(to->v + place + c, 0, 3);
    }
  }
}

/// Uses `count` values of the gradient, for the parameters from `at` on.
INLINE void use_piece(const target *to, const float *gradient, size_t at, size_t count) {
  for (; count >= LANES; count -= LANES, gradient += LANES, at += LANES) {
    use_vector(to, load(gradient, LANES), at, LANES);
  }
  if (count > 0) { use_vector(to, load_part(gradient, count), at, count); }
}

/// Uses the rows of a panel piece by piece: for any rule, for vectors that are not full, and for subnormal velocities.
INLINE void use_pieces(
  const tile *acc, int rows, const target *to, panel_columns at, size_t outputs, const uint16_t *order) {
  size_t until_end = at.is_split ? at.until_end : at.width.size;
  for (int r = 0; r < rows; r++) {
    float gradient[PANEL];
    for (int c = 0; c < at.width.columns; c++) { store(gradient + c * LANES, acc->row[r][c], LANES); }
    use_piece(to, gradient, order[r] * outputs + at.begin, until_end);
    use_piece(to, gradient + until_end, order[r] * outputs, at.width.size - until_end);
  }
}

/// The minimum of the tile's velocities in full vectors, as twice their bits (so without the sign).
INLINE vu least_velocity(
  int rows, int columns, int is_split, const float *v, panel_columns at, size_t outputs, const uint16_t *order) {
  vu least = (vu)UINT32_MAX;
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    const float *row = v + order[r] * outputs;
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      vu bits = (vu)(is_split ? load_split(row, seam_of(at, c)) : load(row + at.begin + (size_t)c * LANES, LANES));
      least = __builtin_elementwise_min(least, bits + bits);
    }
  }
  return least;
}

/// Whether none is subnormal or 0. Tiles with zeros take the slower way too; they are rare after the first steps.
INLINE int are_normal(vu least) { return !any(least < (vu)0x01000000u); }

/// Uses the full vectors of a tile that is stored, or whose velocities are normal.
INLINE void use_tile(
  const tile *acc, int rows, int columns, int is_split, const target *to, panel_columns at, size_t outputs,
  const uint16_t *order) {
  _Pragma("clang loop unroll(full)") for (int r = 0; r < rows; r++) {
    float *p = to->p + order[r] * outputs, *v = to->use == STORED ? p : to->v + order[r] * outputs;
    _Pragma("clang loop unroll(full)") for (int c = 0; c < columns; c++) {
      size_t vector = at.begin + (size_t)c * LANES;
      seam s = seam_of(at, c);
      vf value = acc->row[r][c];
      if (to->use != STORED) {
        vf velocity = FUSED((vf)to->rule.momentum, is_split ? load_split(v, s) : load(v + vector, LANES), value);
        value = FUSED((vf)-to->rule.learning_rate, velocity, is_split ? load_split(p, s) : load(p + vector, LANES));
        if (is_split) {
          store_split(v, velocity, s);
        } else {
          store(v + vector, velocity, LANES);
        }
      }
      if (is_split) {
        store_split(p, value, s);
      } else {
        store(p + vector, value, LANES);
      }
    }
  }
}
