/// A team of threads that waits by spinning, then by sleeping.
///
/// A run publishes its work by raising `generation`; each worker runs its part once per generation and lowers
/// `pending`. The mutex and the condition serve only workers that gave up spinning.
#include "CKernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/// How often a wait polls before it sleeps (a worker) or yields the processor (the caller): some tens of
/// microseconds, longer than the serial stretches of a training step.
enum { POLLS = 8192 };

/// Keeps the two counters, which different threads write, on different cache lines.
typedef struct counter {
  _Alignas(128) _Atomic size_t value;
} counter;

typedef struct worker {
  nc_pool *pool;
  size_t part;
  pthread_t thread;
} worker;

struct nc_pool {
  counter generation, pending;
  _Atomic int is_running;
  _Atomic int sleepers;
  _Atomic int is_ending;
  void (*work)(void *context, size_t part, size_t parts);
  void *context;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  size_t parts;
  worker *workers;
};

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Returns when the generation is no longer `seen`.
///
/// No wake-up is lost: a worker raises `sleepers` before it looks at the generation again, a run raises the
/// generation before it looks at `sleepers` (both sequentially consistent), and the worker holds the mutex from its
/// look to its sleep.
static void await_generation(nc_pool *pool, size_t seen) {
  for (int poll = 0; poll < POLLS; poll++) {
    if (atomic_load_explicit(&pool->generation.value, memory_order_acquire) != seen) { return; }
    relax();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (atomic_load(&pool->generation.value) == seen) { pthread_cond_wait(&pool->wake, &pool->mutex); }
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void start_generation(nc_pool *pool) {
  atomic_fetch_add(&pool->generation.value, 1);
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

static void *serve(void *argument) {
  worker *self = argument;
  nc_pool *pool = self->pool;
  for (size_t generation = 0;; generation++) {
    await_generation(pool, generation);
    if (atomic_load(&pool->is_ending)) { return 0; }
    pool->work(pool->context, self->part, pool->parts);
    atomic_fetch_sub_explicit(&pool->pending.value, 1, memory_order_release);
  }
}

/// Ends the first `count` workers and frees the team.
static void end_workers(nc_pool *pool, size_t count) {
  atomic_store(&pool->is_ending, 1);
  start_generation(pool);
  for (size_t i = 0; i < count; i++) { pthread_join(pool->workers[i].thread, 0); }
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool->workers);
  free(pool);
}

nc_pool *nc_pool_create(size_t parts) {
  void *memory = 0;
  if (parts < 1 || posix_memalign(&memory, _Alignof(nc_pool), sizeof(nc_pool)) != 0) { return 0; }
  nc_pool *pool = memory;
  *pool = (nc_pool){.parts = parts};
  pool->workers = calloc(parts, sizeof(worker));
  if (!pool->workers) {
    free(pool);
    return 0;
  }
  pthread_mutex_init(&pool->mutex, 0);
  pthread_cond_init(&pool->wake, 0);
  for (size_t i = 0; i + 1 < parts; i++) {
    pool->workers[i] = (worker){.pool = pool, .part = i + 1};
    if (pthread_create(&pool->workers[i].thread, 0, serve, &pool->workers[i]) != 0) {
      end_workers(pool, i);
      return 0;
    }
  }
  return pool;
}

size_t nc_pool_parts(const nc_pool *pool) { return pool->parts; }

void nc_pool_run(nc_pool *pool, void (*work)(void *context, size_t part, size_t parts), void *context) {
  if (pool->parts == 1) {
    work(context, 0, 1);
    return;
  }
  if (atomic_exchange(&pool->is_running, 1)) {
    for (size_t part = 0; part < pool->parts; part++) { work(context, part, pool->parts); }
    return;
  }
  pool->work = work;
  pool->context = context;
  atomic_store_explicit(&pool->pending.value, pool->parts - 1, memory_order_relaxed);
  start_generation(pool);
  work(context, 0, pool->parts);
  for (int poll = 0; atomic_load_explicit(&pool->pending.value, memory_order_acquire) != 0; poll++) {
    if (poll < POLLS) {
      relax();
    } else {
      sched_yield();
    }
  }
  atomic_store(&pool->is_running, 0);
}

void nc_pool_destroy(nc_pool *pool) { end_workers(pool, pool->parts - 1); }

nc_range nc_split(size_t columns, size_t part, size_t parts) {
  enum { GRAIN = 32 };
  size_t grains = (columns + GRAIN - 1) / GRAIN;
  size_t begin = grains * part / parts * GRAIN, end = grains * (part + 1) / parts * GRAIN;
  return (nc_range){begin < columns ? begin : columns, end < columns ? end : columns};
}
