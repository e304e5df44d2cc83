/// SGD on one vector and on many.

/// A unit that gets no gradient for some hundred steps has velocities below the smallest normal number. They stay there,
/// because 0.9 times the smallest subnormal number rounds to that number again. x86 processors take some hundred cycles for
/// every operation on a subnormal number. So this code avoids such operations, with the same bits: in units of 2⁻¹⁴⁹ a
/// subnormal number is an integer. Its product with the momentum is exact in double and rounds to an integer as the
/// fused operation does.

/// For every lane: whether x is subnormal.
INLINE vi is_subnormal(vf x) {
  vi magnitude = (vi)x & 0x7fffffff;
  return (magnitude > 0) & (magnitude < 0x00800000);
}

INLINE vi scaled_integers(vi integer, float factor) {
  vi result;
  for (int half = 0; half < 2; half++) {
    hi part;
    __builtin_memcpy(&part, (char *)&integer + half * sizeof part, sizeof part);
    // Adding and subtracting 1.5·2⁵² rounds to an integer, ties to even.
    vd rounded = (__builtin_convertvector(part, vd) * (vd)(double)factor + 0x1.8p52) - 0x1.8p52;
    part = __builtin_convertvector(rounded, hi);
    __builtin_memcpy((char *)&result + half * sizeof part, &part, sizeof part);
  }
  return result;
}

/// fma(momentum, v, g) where v is subnormal and g is 0 in the lanes of `chosen`, for a momentum from 0 to 1.
static __attribute__((noinline)) vf decayed(float momentum, vf v, vf g, vi chosen) {
  vi scaled = scaled_integers((vi)v & 0x7fffffff & chosen, momentum) | ((vi)v & (int32_t)0x80000000);
  vf usual = FUSED((vf)momentum, (vf)((vi)v & ~chosen), g);
  return (vf)((scaled & chosen) | ((vi)usual & ~chosen));
}

/// fma(momentum, v, g)
INLINE vf next_velocity(float momentum, vf v, vf g) {
  vi chosen = is_subnormal(v) & ((vi)(g == 0.0f));
  if (any(chosen) && momentum >= 0 && momentum <= 1) { return decayed(momentum, v, g, chosen); }
  return FUSED((vf)momentum, v, g);
}

/// fma(−rate, direction, p). With a rate of at most 2⁸ and |p| ≥ 2⁻⁹⁰, p stays: rate·2⁻¹²⁶ ≤ 2⁻¹¹⁸ is below 2⁻²⁶·2⁻⁹⁰, half the
/// distance from p to its nearer neighbour or less.
INLINE vf moved(float rate, vf direction, vf p) {
  vi staying = is_subnormal(direction) & (((vi)p & 0x7f800000) >= (127 - 90) << 23);
  if (any(staying) && rate >= 0 && rate <= 256) { direction = (vf)((vi)direction & ~staying); }
  return FUSED((vf)-rate, direction, p);
}

/// One SGD step on `lanes` parameters.
INLINE void sgd_vector(float *p, float *v, vf g, const nc_sgd_rule *rule, size_t lanes) {
  vf parameter = load(p, lanes);
  if (rule->weight_decay != 0) { g = FUSED((vf)rule->weight_decay, parameter, g); }
  if (rule->momentum != 0) {
    vf velocity = g;
    if (rule->buffer == NC_BUFFER_FILLED) { velocity = next_velocity(rule->momentum, load(v, lanes), g); }
    store(v, velocity, lanes);
    g = rule->form == NC_NESTEROV ? FUSED((vf)rule->momentum, velocity, g) : velocity;
  }
  store(p, moved(rule->learning_rate, g, parameter), lanes);
}

static void sgd(float *p, float *v, const float *g, nc_sgd_rule rule, size_t count) {
  size_t i = 0;
  for (; i + LANES <= count; i += LANES) { sgd_vector(p + i, v + i, load(g + i, LANES), &rule, LANES); }
  if (i < count) { sgd_vector(p + i, v + i, load(g + i, count - i), &rule, count - i); }
}
