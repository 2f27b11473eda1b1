/*
 * loops.h - the loops that benchmarks call, and the table, of one lock.
 *
 * Included last by a generated translation unit; see locks/parts/emit.h.
 */
#include "locks/lock.h"

#define CONTEND_OBJECT lock
#define CONTEND_FOLDER "locks/"
#define EMIT_OPERATIONS LOCK_OPERATIONS
#include "locks/parts/emit.h"

/* A lock may refuse or time out: a benchmark repeats the call until it holds the lock. */
#define INSIST(acquired)                                                                      \
    while (!lock_is_held(acquired))                                                           \
        contend_cpu_relax()

EMIT_LOOP void LOOP(pair)(void *l, void *h, size_t n);
void LOOP(pair)(void *l, void *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        INSIST(OP(acquire)(l, h));
        contend_compiler_barrier();
        OP(release)(l, h);
    }
}

/*
 * What optimistic readers read is an atomic object (L11).  Under any other lock it is plain, so
 * that ThreadSanitizer sees whether the lock protects it.
 */
static inline uint64_t guarded_load(const struct lock_sections *s)
{
    /* relaxed, here and below: the lock orders the sections, and read_retry judges the readers. */
    if (OP(features) & LOCK_OPTIMISTIC)
        return atomic_load_explicit((_Atomic uint64_t *)s->guarded, memory_order_relaxed);
    return *s->guarded;
}

static inline void guarded_store(const struct lock_sections *s, uint64_t value)
{
    if (OP(features) & LOCK_OPTIMISTIC)
        atomic_store_explicit((_Atomic uint64_t *)s->guarded, value, memory_order_relaxed);
    else
        *s->guarded = value;
}

static inline uint64_t exclusive_section(void *l, void *h, uint64_t work,
                                         const struct lock_sections *s)
{
    INSIST(OP(acquire)(l, h));
    contend_compiler_barrier();
    work = lock_work(work, s->inside);
    guarded_store(s, guarded_load(s) + 1);
    contend_compiler_barrier();
    OP(release)(l, h);
    return lock_work(work, s->outside);
}

static inline uint64_t shared_section(void *l, void *h, uint64_t work,
                                      const struct lock_sections *s, size_t *torn)
{
    uint64_t version, before, after;

    do {
        INSIST(OP(read_begin)(l, h, &version));
        contend_compiler_barrier();
        before = guarded_load(s);
        work = lock_work(work, s->inside);
        contend_compiler_barrier();
        after = guarded_load(s);
    } while (OP(read_retry)(l, h, version));
    *torn += after != before;
    return lock_work(work, s->outside);
}

EMIT_LOOP uint64_t LOOP(sections)(void *l, void *h, size_t n, const struct lock_sections *s);
uint64_t LOOP(sections)(void *l, void *h, size_t n, const struct lock_sections *s)
{
    uint64_t work = 1;

    for (size_t i = 0; i < n; i++)
        work = exclusive_section(l, h, work, s);
    return work;
}

EMIT_LOOP uint64_t LOOP(mixed)(void *l, void *h, const int8_t *step, size_t n,
                               const struct lock_sections *s, size_t *torn);
uint64_t LOOP(mixed)(void *l, void *h, const int8_t *step, size_t n,
                     const struct lock_sections *s, size_t *torn)
{
    uint64_t work = 1;

    for (size_t i = 0; i < n; i++)
        work = step[i] ? exclusive_section(l, h, work, s) : shared_section(l, h, work, s, torn);
    return work;
}

/* A section as a request: what it is about, and the work so far. */
struct LOOP(request) {
    const struct lock_sections *sections;
    uint64_t work;
};

static inline void LOOP(serve)(void *ctx)
{
    struct LOOP(request) *r = ctx;

    r->work = lock_work(r->work, r->sections->inside);
    guarded_store(r->sections, guarded_load(r->sections) + 1);
}

EMIT_LOOP uint64_t LOOP(executed)(void *l, void *h, size_t n, const struct lock_sections *s);
uint64_t LOOP(executed)(void *l, void *h, size_t n, const struct lock_sections *s)
{
    struct LOOP(request) r = { s, 1 };

    for (size_t i = 0; i < n; i++) {
        INSIST(OP(execute)(l, h, LOOP(serve), &r));
        contend_compiler_barrier();
        r.work = lock_work(r.work, s->outside);
    }
    return r.work;
}

EMIT_TABLE({ .pair = LOOP(pair), .sections = LOOP(sections), .mixed = LOOP(mixed),
             .executed = LOOP(executed) })
