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

void LOOP(pair)(void *l, void *h, size_t n);
void LOOP(pair)(void *l, void *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        INSIST(OP(acquire)(l, h));
        contend_compiler_barrier();
        OP(release)(l, h);
    }
}

uint64_t LOOP(sections)(void *l, void *h, size_t n, const struct lock_sections *s);
uint64_t LOOP(sections)(void *l, void *h, size_t n, const struct lock_sections *s)
{
    uint64_t work = 1;

    for (size_t i = 0; i < n; i++) {
        INSIST(OP(acquire)(l, h));
        contend_compiler_barrier();
        work = lock_work(work, s->inside);
        ++*s->guarded;
        contend_compiler_barrier();
        OP(release)(l, h);
        work = lock_work(work, s->outside);
    }
    return work;
}

uint64_t LOOP(shared_sections)(void *l, void *h, size_t n, const struct lock_sections *s,
                               size_t *torn);
uint64_t LOOP(shared_sections)(void *l, void *h, size_t n, const struct lock_sections *s,
                               size_t *torn)
{
    uint64_t work = 1;

    for (size_t i = 0; i < n; i++) {
        INSIST(OP(acquire_shared)(l, h));
        contend_compiler_barrier();
        uint64_t before = *s->guarded;
        work = lock_work(work, s->inside);
        contend_compiler_barrier();
        *torn += *s->guarded != before;
        OP(release_shared)(l, h);
        work = lock_work(work, s->outside);
    }
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
    ++*r->sections->guarded;
}

uint64_t LOOP(executed)(void *l, void *h, size_t n, const struct lock_sections *s);
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

EMIT_TABLE({ .pair = LOOP(pair), .sections = LOOP(sections),
             .shared_sections = LOOP(shared_sections), .executed = LOOP(executed) })
