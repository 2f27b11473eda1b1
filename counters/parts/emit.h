/*
 * emit.h - turns one counter header into an entry of the registry.
 *
 * Included last by a generated translation unit that defines CONTEND_STRATEGY
 * (the entry's name) and CONTEND_HEADER (the stem of the header: a template
 * serves several entries).  Produces the table of operations and the
 * monomorphised loops.
 */
#include "counters/counter.h"
#include "locks/parts/platform.h"

#define TYPE CONTEND_JOIN3(counter_, CONTEND_HEADER, )
#define HANDLE CONTEND_JOIN3(counter_, CONTEND_HEADER, _handle)
#define OP(op) CONTEND_JOIN3(counter_, CONTEND_HEADER, _##op)
#define LOOP(op) CONTEND_JOIN3(counter_, CONTEND_STRATEGY, _loop_##op)

static int emit_init(void *c, const struct counter_config *config)
{
    return OP(init)((struct TYPE *)c, config);
}

static int emit_fini(void *c)
{
    return OP(fini)((struct TYPE *)c);
}

static int emit_attach(void *c, void *h)
{
    return OP(attach)((struct TYPE *)c, (struct HANDLE *)h);
}

static void emit_detach(void *c, void *h)
{
    OP(detach)((struct TYPE *)c, (struct HANDLE *)h);
}

static int emit_add(void *c, void *h, int64_t n)
{
    return OP(add)((struct TYPE *)c, (struct HANDLE *)h, n);
}

static int64_t emit_read(void *c, void *h)
{
    return OP(read)((struct TYPE *)c, (struct HANDLE *)h);
}

static int emit_add_get(void *c, void *h, int64_t n, int64_t *sum)
{
    return OP(add_get)((struct TYPE *)c, (struct HANDLE *)h, n, sum);
}

static void emit_quiescent(void *c, void *h)
{
    OP(quiescent)((struct TYPE *)c, (struct HANDLE *)h);
}

static void emit_offline(void *c, void *h)
{
    OP(offline)((struct TYPE *)c, (struct HANDLE *)h);
}

static void emit_online(void *c, void *h)
{
    OP(online)((struct TYPE *)c, (struct HANDLE *)h);
}

static void emit_stats(void *c, struct counter_stats *out)
{
    OP(stats)((struct TYPE *)c, out);
}

/* External, so that a disassembly shows them by name. */
size_t LOOP(add)(void *c, void *h, size_t n);
size_t LOOP(add)(void *c, void *h, size_t n)
{
    size_t failed = 0;

    for (size_t i = 0; i < n; i++) {
        failed += OP(add)((struct TYPE *)c, (struct HANDLE *)h, 1) != 0;
        contend_compiler_barrier();
    }
    return failed;
}

size_t LOOP(mixed)(void *c, void *h, const int8_t *tape, size_t n, uint64_t *sink);
size_t LOOP(mixed)(void *c, void *h, const int8_t *tape, size_t n, uint64_t *sink)
{
    size_t failed = 0;
    uint64_t folded = 0;

    for (size_t i = 0; i < n; i++) {
        /* volatile: even a counter that ignores its claps pays for reading the tape. */
        int8_t clap = *(const volatile int8_t *)&tape[i];

        if (clap)
            failed += OP(add)((struct TYPE *)c, (struct HANDLE *)h, clap) != 0;
        else
            folded += (uint64_t)OP(read)((struct TYPE *)c, (struct HANDLE *)h);
        contend_compiler_barrier();
    }
    *sink += folded;
    return failed;
}

size_t LOOP(posts)(void *counters, void *handles, const uint64_t *steps, size_t n, uint64_t *sink);
size_t LOOP(posts)(void *counters, void *handles, const uint64_t *steps, size_t n, uint64_t *sink)
{
    size_t failed = 0;
    uint64_t folded = 0;

    for (size_t i = 0; i < n; i++) {
        /* volatile: as above. */
        uint64_t step = *(const volatile uint64_t *)&steps[i];
        struct TYPE *c = (struct TYPE *)counters + COUNTER_STEP_POST(step);
        struct HANDLE *h = (struct HANDLE *)handles + COUNTER_STEP_POST(step);

        if (COUNTER_STEP_OP(step) == COUNTER_OP_CLAP)
            failed += OP(add)(c, h, 1) != 0;
        else
            folded += (uint64_t)OP(read)(c, h);
        contend_compiler_barrier();
    }
    *sink += folded;
    return failed;
}

extern const struct counter_ops CONTEND_JOIN3(counter_, CONTEND_STRATEGY, _ops);
const struct counter_ops CONTEND_JOIN3(counter_, CONTEND_STRATEGY, _ops) = {
    .traits = &CONTEND_JOIN3(counter_, CONTEND_HEADER, _traits),
    .header = "counters/" CONTEND_STRING(CONTEND_HEADER) ".h",
    .size = sizeof(struct TYPE),
    .align = _Alignof(struct TYPE),
    .handle_size = sizeof(struct HANDLE),
    .handle_align = _Alignof(struct HANDLE),
    .init = emit_init,
    .fini = emit_fini,
    .attach = emit_attach,
    .detach = emit_detach,
    .add = emit_add,
    .read = emit_read,
    .add_get = emit_add_get,
    .quiescent = emit_quiescent,
    .offline = emit_offline,
    .online = emit_online,
    .stats = emit_stats,
    .loops = { .add = LOOP(add), .mixed = LOOP(mixed), .posts = LOOP(posts) },
};
