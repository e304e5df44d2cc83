/// A team of threads that waits by spinning, then by sleeping.
///
/// A run publishes its work by setting a bit for each part. The thread that clears the bit does the part. A worker takes its
/// own part, so that the same columns stay in the same cache. The caller takes the parts that no worker has begun, so that
/// a worker without a processor delays nobody. The mutex and the condition are only for workers that stopped spinning.
#include "CKernels.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

/// How often a wait polls before it sleeps (a worker) or yields the processor (the caller): some tens of
/// microseconds, longer than the serial stretches of a training step.
enum { POLLS = 8192 };

/// One bit a part.
enum { MOST_PARTS = 64 };

/// Keeps values that different threads write on different cache lines.
typedef struct shared_word {
  _Alignas(128) _Atomic uint64_t value;
} shared_word;

typedef struct worker {
  nc_pool *pool;
  size_t part;
  pthread_t thread;
} worker;

struct nc_pool {
  /// A bit for each part that no thread has begun, and the number of parts that are not done.
  shared_word waiting, unfinished;
  _Atomic int is_running;
  _Atomic int is_ending;
  _Atomic int sleepers;
  void (*work)(void *context, size_t part, size_t parts);
  void *context;
  pthread_mutex_t mutex;
  pthread_cond_t wake;
  size_t parts;
  worker workers[MOST_PARTS];
};

static void relax(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/// Runs part `part` if no thread has begun it.
static void take(nc_pool *pool, size_t part) {
  uint64_t bit = (uint64_t)1 << part;
  if (!(atomic_load_explicit(&pool->waiting.value, memory_order_relaxed) & bit)) { return; }
  if (!(atomic_fetch_and(&pool->waiting.value, ~bit) & bit)) { return; }
  pool->work(pool->context, part, pool->parts);
  atomic_fetch_sub_explicit(&pool->unfinished.value, 1, memory_order_release);
}

/// Whether a worker has something to do: its part waits, or the team ends.
static int is_called(nc_pool *pool, size_t part) {
  return (atomic_load(&pool->waiting.value) >> part & 1) || atomic_load(&pool->is_ending);
}

/// Returns when the worker of `part` is called.
///
/// No wake-up is lost: a worker raises `sleepers` before it looks at its bit again, a run sets the bits before it looks
/// at `sleepers` (all sequentially consistent), and the worker holds the mutex from its look to its sleep.
static void await_call(nc_pool *pool, size_t part) {
  for (int poll = 0; poll < POLLS; poll++) {
    if (is_called(pool, part)) { return; }
    relax();
  }
  pthread_mutex_lock(&pool->mutex);
  atomic_fetch_add(&pool->sleepers, 1);
  while (!is_called(pool, part)) { pthread_cond_wait(&pool->wake, &pool->mutex); }
  atomic_fetch_sub(&pool->sleepers, 1);
  pthread_mutex_unlock(&pool->mutex);
}

static void wake_sleepers(nc_pool *pool) {
  if (atomic_load(&pool->sleepers) > 0) {
    pthread_mutex_lock(&pool->mutex);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->mutex);
  }
}

static void *serve(void *argument) {
  worker *self = argument;
  nc_pool *pool = self->pool;
  while (!atomic_load(&pool->is_ending)) {
    await_call(pool, self->part);
    take(pool, self->part);
  }
  return 0;
}

/// Ends the workers of the parts below `parts` and frees the team.
static void end_workers(nc_pool *pool, size_t parts) {
  atomic_store(&pool->is_ending, 1);
  wake_sleepers(pool);
  for (size_t part = 1; part < parts; part++) { pthread_join(pool->workers[part].thread, 0); }
  pthread_cond_destroy(&pool->wake);
  pthread_mutex_destroy(&pool->mutex);
  free(pool);
}

nc_pool *nc_pool_create(size_t parts) {
  void *memory = 0;
  if (parts < 1 || parts > MOST_PARTS) { return 0; }
  if (posix_memalign(&memory, _Alignof(nc_pool), sizeof(nc_pool)) != 0) { return 0; }
  nc_pool *pool = memory;
  *pool = (nc_pool){.parts = parts};
  pthread_mutex_init(&pool->mutex, 0);
  pthread_cond_init(&pool->wake, 0);
  for (size_t part = 1; part < parts; part++) {
    pool->workers[part] = (worker){.pool = pool, .part = part};
    if (pthread_create(&pool->workers[part].thread, 0, serve, &pool->workers[part]) != 0) {
      end_workers(pool, part);
      return 0;
    }
  }
  return pool;
}

size_t nc_pool_parts(const nc_pool *pool) { return pool->parts; }

void nc_pool_run(nc_pool *pool, void (*work)(void *context, size_t part, size_t parts), void *context) {
  size_t parts = pool->parts;
  if (parts == 1 || atomic_exchange(&pool->is_running, 1)) {
    for (size_t part = 0; part < parts; part++) { work(context, part, parts); }
    return;
  }
  pool->work = work;
  pool->context = context;
  atomic_store_explicit(&pool->unfinished.value, parts - 1, memory_order_relaxed);
  atomic_store(&pool->waiting.value, (~(uint64_t)0 >> (MOST_PARTS - parts)) & ~(uint64_t)1);
  wake_sleepers(pool);
  work(context, 0, parts);
  for (size_t part = 1; part < parts; part++) { take(pool, part); }
  for (size_t poll = 0; atomic_load_explicit(&pool->unfinished.value, memory_order_acquire) != 0; poll++) {
    if (poll < POLLS) {
      relax();
    } else {
      sched_yield();
    }
  }
  atomic_store(&pool->is_running, 0);
}

void nc_pool_destroy(nc_pool *pool) { end_workers(pool, pool->parts); }

nc_range nc_split(size_t columns, size_t part, size_t parts) {
  enum { GRAIN = 32 };
  size_t grains = (columns + GRAIN - 1) / GRAIN;
  size_t begin = (grains * part + parts - 1) / parts * GRAIN, end = (grains * (part + 1) + parts - 1) / parts * GRAIN;
  return (nc_range){begin < columns ? begin : columns, end < columns ? end : columns};
}

void nc_relay_await(const nc_relay *relay, size_t lap, size_t part) {
  for (size_t poll = 0; __atomic_load_n(&relay->laps[lap].done, __ATOMIC_ACQUIRE) != part; poll++) {
    if (poll < POLLS) {
      relax();
    } else {
      sched_yield();
    }
  }
}

void nc_relay_pass(nc_relay *relay, size_t lap, size_t part) {
  __atomic_store_n(&relay->laps[lap].done, part + 1, __ATOMIC_RELEASE);
}
