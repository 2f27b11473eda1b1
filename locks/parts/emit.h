/*
 * emit.h - turns one lock header into an entry of the registry.
 *
 * Included last by a generated translation unit that defines
 * CONTEND_STRATEGY (the name) and CONTEND_HEADER (the header's stem, here the same).
 */
#include "locks/lock.h"
#include "locks/parts/platform.h"

#define TYPE CONTEND_JOIN3(lock_, CONTEND_HEADER, )
#define HANDLE CONTEND_JOIN3(lock_, CONTEND_HEADER, _handle)
#define LOOP(op) CONTEND_JOIN3(lock_, CONTEND_STRATEGY, _loop_##op)
#define OP(op) CONTEND_JOIN3(lock_, CONTEND_HEADER, _##op)

static int emit_init(void *l, const struct lock_config *config)
{
    return OP(init)((struct TYPE *)l, config);
}

static int emit_fini(void *l)
{
    return OP(fini)((struct TYPE *)l);
}

static int emit_attach(void *h)
{
    return OP(attach)((struct HANDLE *)h);
}

static void emit_detach(void *h)
{
    OP(detach)((struct HANDLE *)h);
}

static void emit_acquire(void *l, void *h)
{
    OP(acquire)((struct TYPE *)l, (struct HANDLE *)h);
}

static int emit_try_acquire(void *l, void *h)
{
    return OP(try_acquire)((struct TYPE *)l, (struct HANDLE *)h);
}

static void emit_release(void *l, void *h)
{
    OP(release)((struct TYPE *)l, (struct HANDLE *)h);
}

static void emit_acquire_shared(void *l, void *h)
{
    OP(acquire_shared)((struct TYPE *)l, (struct HANDLE *)h);
}

static void emit_release_shared(void *l, void *h)
{
    OP(release_shared)((struct TYPE *)l, (struct HANDLE *)h);
}

/* External, so that a disassembly shows it by name. */
void LOOP(pair)(void *l, void *h, size_t n);
void LOOP(pair)(void *l, void *h, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        OP(acquire)((struct TYPE *)l, (struct HANDLE *)h);
        contend_compiler_barrier();
        OP(release)((struct TYPE *)l, (struct HANDLE *)h);
    }
}

uint64_t LOOP(sections)(void *l, void *h, size_t n, const struct lock_sections *s);
uint64_t LOOP(sections)(void *l, void *h, size_t n, const struct lock_sections *s)
{
    uint64_t work = 1;

    for (size_t i = 0; i < n; i++) {
        OP(acquire)((struct TYPE *)l, (struct HANDLE *)h);
        contend_compiler_barrier();
        work = lock_work(work, s->inside);
        ++*s->guarded;
        contend_compiler_barrier();
        OP(release)((struct TYPE *)l, (struct HANDLE *)h);
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
        OP(acquire_shared)((struct TYPE *)l, (struct HANDLE *)h);
        contend_compiler_barrier();
        uint64_t before = *s->guarded;
        work = lock_work(work, s->inside);
        contend_compiler_barrier();
        *torn += *s->guarded != before;
        OP(release_shared)((struct TYPE *)l, (struct HANDLE *)h);
        work = lock_work(work, s->outside);
    }
    return work;
}

extern const struct lock_ops CONTEND_JOIN3(lock_, CONTEND_STRATEGY, _ops);
const struct lock_ops CONTEND_JOIN3(lock_, CONTEND_STRATEGY, _ops) = {
    .traits = &CONTEND_JOIN3(lock_, CONTEND_HEADER, _traits),
    .header = "locks/" CONTEND_STRING(CONTEND_HEADER) ".h",
    .size = sizeof(struct TYPE),
    .align = _Alignof(struct TYPE),
    .handle_size = sizeof(struct HANDLE),
    .handle_align = _Alignof(struct HANDLE),
    .init = emit_init,
    .fini = emit_fini,
    .attach = emit_attach,
    .detach = emit_detach,
    .acquire = emit_acquire,
    .try_acquire = emit_try_acquire,
    .release = emit_release,
    .acquire_shared = emit_acquire_shared,
    .release_shared = emit_release_shared,
    .loops = {
        .pair = LOOP(pair),
        .sections = LOOP(sections),
        .shared_sections = LOOP(shared_sections),
    },
};
