/// The vector kernels of training: chain products, wide column sums, batch normalization and SGD, in C.
///
/// Contract. Every function computes exactly the bits of the scalar formula in its comment, for every shape, every
/// variant and every split of its output over threads. Two reduction forms occur and no others:
///  - chain: acc ← start; for the index ascending: acc ← fma(a, b, acc), in float, one rounding a step;
///  - wide sum: double accumulator from +0; for the row ascending: acc ← acc + term, the term formed in double.
/// Only + − × ÷ and fma are used, each rounded to nearest even, never re-associated and never contracted.
/// Where a result is NaN, every variant gives NaN; sign and payload of that NaN are not fixed.
///
/// Conventions. Matrices are row-major and dense; weights are stored [inputs, outputs]. Functions with `begin, end`
/// compute the output columns begin ..< end (of the weight gradient the rows, of the product columns of a circle) and
/// write no other element, so that threads split an output without locks (`nc_split`); rows of a batch are split by
/// offsetting the pointers. Output arrays must not overlap inputs unless the comment allows it. No function allocates,
/// and sizes of zero are allowed. All pointers are natural-aligned; no wider alignment is needed. Up to 400 KiB of the
/// caller's stack are used, 850 KiB where nothing is optimized.
#ifndef NORMCHECK_CKERNELS_H
#define NORMCHECK_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// An enumeration whose cases are all that will ever be, and the name of a case in Swift.
#define NC_CLOSED_ENUM __attribute__((enum_extensibility(closed)))
#define NC_SWIFT(name) __attribute__((swift_name(#name)))

// MARK: Variants

/// The instruction sets that the kernels are compiled for. All give the same bits.
typedef enum NC_CLOSED_ENUM nc_variant {
  /// Plain vectors without a fused instruction: the fused operation is built from double arithmetic. Runs everywhere.
  NC_PORTABLE NC_SWIFT(portable) = 0,
  /// x86-64 with AVX2 and FMA.
  NC_AVX2 NC_SWIFT(avx2) = 1,
  /// x86-64 with AVX-512 F, VL, BW and DQ.
  NC_AVX512 NC_SWIFT(avx512) = 2,
  /// 64-bit ARM.
  NC_NEON NC_SWIFT(neon) = 3,
  /// For tests: the lanes and tiles of NEON on x86-64 with AVX2 and FMA.
  NC_LANES4 NC_SWIFT(lanes4) = 4,
  /// For tests: the lanes and tiles of AVX-512 on x86-64 with AVX2 and FMA, or on 64-bit ARM.
  NC_LANES16 NC_SWIFT(lanes16) = 5,
} nc_variant;

/// The result of `nc_select`.
typedef enum NC_CLOSED_ENUM nc_selection {
  NC_SELECTED NC_SWIFT(selected) = 0,
  /// The name is not one of `portable`, `avx2`, `avx512`, `neon`, `lanes4`, `lanes16`.
  NC_UNKNOWN_NAME NC_SWIFT(unknownName) = 1,
  /// This processor, or this build, cannot run the variant of that name.
  NC_UNSUPPORTED NC_SWIFT(unsupported) = 2,
} nc_selection;

/// Finds the variant called `name`. If `name` is null or empty, it finds the fastest variant that this processor can run,
/// never one that is for tests. Writes `*variant` only if it returns `NC_SELECTED`. Reads no environment.
nc_selection nc_select(const char *_Nullable name, nc_variant *variant);

/// The name that selects `variant`, in static storage.
const char *nc_variant_name(nc_variant variant);

// Every function below ends the process if `variant` is not compiled into this build, and is undefined on a processor
// that cannot run it: pass the variant that `nc_select` found.

// MARK: Products (chains)

// Chains with the same factors from the left operand x agree, bit for bit, until the first factor that differs. If rows
// of x (columns, in the weight gradient) begin with values of the same bits, as images with a constant background do,
// these steps are executed once for all of them. A step whose factor from x is zero changes no accumulator except −0. If
// about a third of x or more is zero, as after ReLU, such steps are skipped; if the result is then −0, they are done after
// all. `nc_product_work` says how many steps are executed. README.md shows why no bit changes.

/// y[n,j] = chain over k of fma(x[n,k], w[k,j], acc), started at bias[j], or at +0 where `bias` is null. x [batch, inputs],
/// w [inputs, outputs], y [batch, outputs].
///
/// A call does the steps first ≤ k < last of the chains. With first = 0 they begin at the start, otherwise with the values
/// in y. It reads its own rows of w only; calls over ascending ranges that cover 0 ..< inputs give the product. It does the
/// columns begin ..< end of the circle of all columns, which starts at the first column of w that begins a cache line. So
/// parts of whole lines stay whole lines, wherever w begins, and calls over ranges that cover 0 ..< outputs give all columns.
void nc_product(
  nc_variant variant, const float *x, const float *w, const float *_Nullable bias, float *y, size_t batch,
  size_t inputs, size_t outputs, size_t first, size_t last, size_t begin, size_t end);

/// dw[k,j] = chain over n of fma(x[n,k], dy[n,j], acc), started at +0; begin ≤ k < end, which are rows of dw.
/// x [batch, inputs], dy [batch, outputs], dw [inputs, outputs].
void nc_weight_gradient(
  nc_variant variant, const float *x, const float *dy, float *dw,
  size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end);

/// dx[n,k] = chain over j of fma(dy[n,j], w[k,j], acc), started at +0; begin ≤ k < end.
/// dy [batch, outputs], w [inputs, outputs], dx [batch, inputs]. `begin, end` are columns of dx.
/// The weights are transposed in panels that stay in the first-level cache, once a call.
void nc_input_gradient(
  nc_variant variant, const float *dy, const float *w, float *dx,
  size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end);

/// How many of the batch·inputs·outputs fused operations `nc_product` executes for this x on one thread.
size_t nc_product_work(nc_variant variant, const float *x, size_t batch, size_t inputs, size_t outputs);

/// The same of `nc_weight_gradient` and `nc_weight_step`.
size_t nc_weight_gradient_work(nc_variant variant, const float *x, size_t batch, size_t inputs, size_t outputs);

// MARK: Stochastic gradient descent

/// Whether a step moves along the buffer or looks ahead, as PyTorch's `nesterov`.
typedef enum NC_CLOSED_ENUM nc_momentum_form {
  NC_CLASSICAL NC_SWIFT(classical) = 0,
  NC_NESTEROV NC_SWIFT(nesterov) = 1,
} nc_momentum_form;

/// Whether the momentum buffer holds an earlier step.
typedef enum NC_CLOSED_ENUM nc_buffer_state {
  /// First step: v ← g; the buffer is written and not read.
  NC_BUFFER_EMPTY NC_SWIFT(empty) = 0,
  NC_BUFFER_FILLED NC_SWIFT(filled) = 1,
} nc_buffer_state;

/// One step of SGD on parameter p with gradient g and momentum buffer v, in float:
///  1. weight_decay ≠ 0: g ← fma(weight_decay, p, g);
///  2. momentum ≠ 0: v ← g when the buffer is empty, else v ← fma(momentum, v, g); then g ← v, or with Nesterov's form
///     g ← fma(momentum, v, g). With momentum = 0 the buffer is neither read nor written;
///  3. p ← fma(−learning_rate, g, p).
typedef struct nc_sgd_rule {
  float learning_rate;
  float momentum;
  float weight_decay;
  nc_momentum_form form;
  nc_buffer_state buffer;
} nc_sgd_rule;

/// One SGD step on vectors of `count` elements.
void nc_sgd(nc_variant variant, float *p, float *v, const float *g, nc_sgd_rule rule, size_t count);

/// `nc_weight_gradient` followed by `nc_sgd` on its rows, with the same bits; the gradient is never stored, and the rows
/// begin ..< end of p and v [inputs, outputs] are touched once.
void nc_weight_step(
  nc_variant variant, const float *x, const float *dy, float *p, float *v, nc_sgd_rule rule,
  size_t batch, size_t inputs, size_t outputs, size_t begin, size_t end);

// MARK: Column reductions (wide sums)

/// db[j] = float(wide sum over n of dy[n,j]); begin ≤ j < end. dy [rows, columns], db [columns].
void nc_bias_gradient(
  nc_variant variant, const float *dy, float *db, size_t rows, size_t columns, size_t begin, size_t end);

/// mean[j] = (wide sum over n of x[n,j])/rows; begin ≤ j < end. x [rows, columns], mean [columns]. NaN where rows = 0.
void nc_column_means(
  nc_variant variant, const float *x, double *mean, size_t rows, size_t columns, size_t begin, size_t end);

/// variance[j] = (wide sum over n of d·d)/rows with d = x[n,j] − mean[j] in double; begin ≤ j < end. The second pass
/// of a biased variance where `mean` came from `nc_column_means`. x [rows, columns]. NaN where rows = 0.
void nc_column_variances(
  nc_variant variant, const float *x, const double *mean, double *variance, size_t rows, size_t columns,
  size_t begin, size_t end);

// MARK: Batch normalization of [rows, columns], one channel a column

/// What follows the normalization in the same pass.
typedef enum NC_CLOSED_ENUM nc_activation {
  NC_IDENTITY NC_SWIFT(identity) = 0,
  /// y ← max(y, 0): NaN stays NaN, −0 becomes +0.
  NC_RELU NC_SWIFT(relu) = 1,
} nc_activation;

/// Training: y[n,j] = activation(float(gamma·x̂ + beta)), x̂ = (x − mean)·r, all in double, rounded once; begin ≤ j <
/// end. mean, r [columns] in double with r = 1/√(σ² + ε) given by the caller; gamma, beta [columns]. y may be x.
/// `before`, if it is not null, receives the values before the activation; it may be x.
void nc_normalize(
  nc_variant variant, const float *x, const double *mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *_Nullable before, float *y, size_t rows, size_t columns, size_t begin, size_t end);

/// Evaluation: y[n,j] = activation(float(((gamma·(x − running_mean))·r) + beta)), in double from left to right, rounded
/// once; begin ≤ j < end. r [columns] = 1/√(running_var + ε) in double given by the caller. y and `before` as in
/// `nc_normalize`.
void nc_normalize_running(
  nc_variant variant, const float *x, const float *running_mean, const double *r, const float *gamma, const float *beta,
  nc_activation activation, float *_Nullable before, float *y, size_t rows, size_t columns, size_t begin, size_t end);

/// sum_dy[j] = wide sum over n of dy[n,j]; sum_dy_xhat[j] = wide sum over n of dy[n,j]·x̂, x̂ = (x − mean)·r in double;
/// begin ≤ j < end. They are dβ and dγ before their rounding to float. In evaluation `mean` is the running mean in
/// double. `activated`, if it is not null, is the ReLU's output (or input) [rows, columns]: dy counts as +0 unless
/// activated[n,j] > 0.
void nc_normalize_backward_sums(
  nc_variant variant, const float *x, const float *dy, const float *_Nullable activated, const double *mean,
  const double *r, double *sum_dy, double *sum_dy_xhat, size_t rows, size_t columns, size_t begin, size_t end);

/// Training: dx[n,j] = float((gamma·r)·((dy − sum_dy/m) − (x̂·sum_dy_xhat)/m)) in double in this order, m = rows,
/// x̂ = (x − mean)·r; begin ≤ j < end. `activated` as in `nc_normalize_backward_sums`. dx may be dy or x.
void nc_normalize_backward(
  nc_variant variant, const float *x, const float *dy, const float *_Nullable activated, const double *mean,
  const double *r, const float *gamma, const double *sum_dy, const double *sum_dy_xhat, float *dx,
  size_t rows, size_t columns, size_t begin, size_t end);

/// Evaluation: dx[n,j] = float((gamma·r)·dy) in double; begin ≤ j < end. `activated` as above. dx may be dy.
void nc_normalize_running_backward(
  nc_variant variant, const float *dy, const float *_Nullable activated, const double *r, const float *gamma, float *dx,
  size_t rows, size_t columns, size_t begin, size_t end);

// MARK: Elementwise

/// y = max(x, 0): NaN stays NaN, −0 becomes +0. y may be x.
void nc_relu(nc_variant variant, const float *x, float *y, size_t count);

/// dx = dy where activated > 0, else +0 (also where it is NaN). `activated` is the ReLU's input or output: both hold
/// the same positions above zero. dx may be dy.
void nc_relu_backward(nc_variant variant, const float *activated, const float *dy, float *dx, size_t count);

/// Rows of pixels, scaled: y[i,:] = (float(p)/255 − 0.5)/0.5 in float in this order, for the bytes p of row indices[i].
/// pixels [any, row_length], indices [count] each ≥ 0, y [count, row_length].
void nc_gather_pixels(
  nc_variant variant, const uint8_t *pixels, const int32_t *indices, float *y, size_t count, size_t row_length);

/// x ← e^x, bit for bit `Elementary.exp` of ReproducibleMath, for −700 ≤ x ≤ 700 and nothing else. `powers` is its
/// table: 2^(j/64) as a sum of two doubles, for j in 0 ..< 64.
void nc_exponentials(nc_variant variant, double *x, const double *powers, size_t count);

// MARK: Batch normalization of [batch, channels, spatial]

// The same formulas with m = batch·spatial values a channel; wide sums run over n, then over the spatial index,
// ascending.
// Plain loops, one implementation for every variant; begin ≤ channel < end.

/// As `nc_column_means`.
void nc_channel_means(
  const float *x, double *mean, size_t batch, size_t channels, size_t spatial, size_t begin, size_t end);

/// As `nc_column_variances`.
void nc_channel_variances(
  const float *x, const double *mean, double *variance, size_t batch, size_t channels, size_t spatial,
  size_t begin, size_t end);

/// As `nc_normalize` without an activation.
void nc_channel_normalize(
  const float *x, const double *mean, const double *r, const float *gamma, const float *beta, float *y,
  size_t batch, size_t channels, size_t spatial, size_t begin, size_t end);

/// As `nc_normalize_running` without an activation.
void nc_channel_normalize_running(
  const float *x, const float *running_mean, const double *r, const float *gamma, const float *beta, float *y,
  size_t batch, size_t channels, size_t spatial, size_t begin, size_t end);

/// As `nc_normalize_backward_sums` without an activation.
void nc_channel_normalize_backward_sums(
  const float *x, const float *dy, const double *mean, const double *r, double *sum_dy, double *sum_dy_xhat,
  size_t batch, size_t channels, size_t spatial, size_t begin, size_t end);

/// As `nc_normalize_backward` without an activation, m = batch·spatial.
void nc_channel_normalize_backward(
  const float *x, const float *dy, const double *mean, const double *r, const float *gamma, const double *sum_dy,
  const double *sum_dy_xhat, float *dx, size_t batch, size_t channels, size_t spatial, size_t begin, size_t end);

/// As `nc_normalize_running_backward` without an activation.
void nc_channel_normalize_running_backward(
  const float *dy, const double *r, const float *gamma, float *dx,
  size_t batch, size_t channels, size_t spatial, size_t begin, size_t end);

// MARK: The processor's limit

/// Fused multiply-adds of independent chains in registers, without memory: no product can be faster. Returns how many
/// operations it did, two for each lane; `rounds` decides how long it takes. `result[0]` and `result[1]` are the factor and
/// the addend of every step. A value of the chains replaces `result[0]`, so that the compiler cannot remove any step.
double nc_fused_burst(nc_variant variant, size_t rounds, float *result);

// MARK: Threads

/// A fixed team of threads that runs one function over its parts, again and again.
typedef struct nc_pool nc_pool;

/// A team of `parts` threads, 1 to 64, including the caller; null if a thread cannot be started. With one part no thread is
/// started.
nc_pool *_Nullable nc_pool_create(size_t parts);

/// The number of parts of the team.
size_t nc_pool_parts(const nc_pool *pool);

/// Runs work(context, part, parts) once for every part in 0 ..< parts and returns when all are done; everything the
/// parts wrote is then visible to the caller. Part 0 runs on the calling thread, and so do parts that no worker has
/// begun by then. A call made while the team is busy, by another thread or by a part, runs all its parts itself, one
/// after the other. Workers wait by spinning for a moment, then sleep; a run takes no lock while they spin.
void nc_pool_run(
  nc_pool *pool, void (*work)(void *_Nullable context, size_t part, size_t parts), void *_Nullable context);

/// Ends and joins the threads and frees the team.
void nc_pool_destroy(nc_pool *pool);

/// A half-open range of columns.
typedef struct nc_range {
  size_t begin;
  size_t end;
} nc_range;

/// The columns of part `part` if `columns` columns are divided among `parts` parts: contiguous, disjoint, covering all, cut
/// at multiples of 32 columns so that a part works on full vectors (if there are few columns, some parts get none). If they
/// do not divide evenly, the first parts get more: chains share steps at their beginning, so these parts have less to do.
nc_range nc_split(size_t columns, size_t part, size_t parts);

/// The progress of a relay: part p of a team works on a lap after the parts before it have finished it. So chains pass
/// through all parts in order, while every part works on its own steps, and so in its own memory.
typedef struct nc_relay {
  struct {
    size_t done, rest[15];
  } laps[32];
} nc_relay;

/// Waits until the parts before `part` have passed the lap; what they wrote is then visible. Parts must be begun in
/// order, or by threads of their own.
void nc_relay_await(const nc_relay *relay, size_t lap, size_t part);

/// Part `part` is done with the lap.
void nc_relay_pass(nc_relay *relay, size_t lap, size_t part);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif

#endif
