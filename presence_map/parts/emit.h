/*
 * emit.h - turns one presence-map header into an entry of the registry.
 *
 * Included last by a generated translation unit that defines CONTEND_STRATEGY
 * (the entry's name) and CONTEND_HEADER (the stem of the header: a template
 * serves several entries).  Produces the table of operations and the
 * monomorphised loops.
 */
#include "locks/parts/platform.h"
#include "presence_map/presence_map.h"

#define TYPE CONTEND_JOIN3(presence_, CONTEND_HEADER, )
#define HANDLE CONTEND_JOIN3(presence_, CONTEND_HEADER, _handle)
#define OP(op) CONTEND_JOIN3(presence_, CONTEND_HEADER, _##op)
#define LOOP(op) CONTEND_JOIN3(presence_, CONTEND_STRATEGY, _loop_##op)

static int emit_init(void *m, const struct presence_config *config)
{
    return OP(init)((struct TYPE *)m, config);
}

static int emit_fini(void *m)
{
    return OP(fini)((struct TYPE *)m);
}

static int emit_attach(void *m, void *h)
{
    return OP(attach)((struct TYPE *)m, (struct HANDLE *)h);
}

static void emit_detach(void *m, void *h)
{
    OP(detach)((struct TYPE *)m, (struct HANDLE *)h);
}

static int emit_heartbeat(void *m, void *h, uint64_t user, uint64_t now)
{
    return OP(heartbeat)((struct TYPE *)m, (struct HANDLE *)h, user, now);
}

static int emit_is_online(void *m, void *h, uint64_t user, uint64_t now)
{
    return OP(is_online)((struct TYPE *)m, (struct HANDLE *)h, user, now);
}

static int64_t emit_last_seen(void *m, void *h, uint64_t user)
{
    return OP(last_seen)((struct TYPE *)m, (struct HANDLE *)h, user);
}

static int emit_leave(void *m, void *h, uint64_t user, uint64_t now)
{
    return OP(leave)((struct TYPE *)m, (struct HANDLE *)h, user, now);
}

static int64_t emit_sweep(void *m, void *h, uint64_t now, uint64_t budget, bool *complete)
{
    bool unused;

    return OP(sweep)((struct TYPE *)m, (struct HANDLE *)h, now, budget,
                     complete ? complete : &unused);
}

static int64_t emit_count_online(void *m, void *h, uint64_t now)
{
    return OP(count_online)((struct TYPE *)m, (struct HANDLE *)h, now);
}

static int emit_for_each_online(void *m, void *h, uint64_t now, presence_visit fn, void *ctx)
{
    return OP(for_each_online)((struct TYPE *)m, (struct HANDLE *)h, now, fn, ctx);
}

static int emit_reserve(void *m, void *h, uint64_t users)
{
    return OP(reserve)((struct TYPE *)m, (struct HANDLE *)h, users);
}

static int emit_heartbeat_many(void *m, void *h, const uint64_t *users, size_t n, uint64_t now,
                               int *results)
{
    return OP(heartbeat_many)((struct TYPE *)m, (struct HANDLE *)h, users, n, now, results);
}

static int emit_is_online_many(void *m, void *h, const uint64_t *users, size_t n, uint64_t now,
                               int *results)
{
    return OP(is_online_many)((struct TYPE *)m, (struct HANDLE *)h, users, n, now, results);
}

static void emit_quiescent(void *m, void *h)
{
    OP(quiescent)((struct TYPE *)m, (struct HANDLE *)h);
}

static void emit_offline(void *m, void *h)
{
    OP(offline)((struct TYPE *)m, (struct HANDLE *)h);
}

static void emit_online(void *m, void *h)
{
    OP(online)((struct TYPE *)m, (struct HANDLE *)h);
}

static void emit_stats(void *m, struct presence_stats *out)
{
    OP(stats)((struct TYPE *)m, out);
}

/* External, so that a disassembly shows it by name. */
void LOOP(tape)(void *m, void *h, const uint64_t *steps, size_t n, uint64_t now,
                struct presence_outcome *out);
void LOOP(tape)(void *m, void *h, const uint64_t *steps, size_t n, uint64_t now,
                struct presence_outcome *out)
{
    struct presence_outcome sum = *out;

    for (size_t i = 0; i < n; i++) {
        /* volatile: even a map that ignores its users pays for reading the tape. */
        uint64_t step = *(const volatile uint64_t *)&steps[i];
        uint64_t user = PRESENCE_STEP_USER(step);
        int r = 0;

        switch (PRESENCE_STEP_OP(step)) {
        case PRESENCE_OP_HEARTBEAT:
            r = OP(heartbeat)((struct TYPE *)m, (struct HANDLE *)h, user, now);
            sum.came_online += r == PRESENCE_CAME_ONLINE;
            break;
        case PRESENCE_OP_IS_ONLINE:
            r = OP(is_online)((struct TYPE *)m, (struct HANDLE *)h, user, now);
            sum.online += r == 1;
            break;
        case PRESENCE_OP_LEAVE:
            r = OP(leave)((struct TYPE *)m, (struct HANDLE *)h, user, now);
            sum.left += r == 1;
            break;
        }
        sum.failed += r < 0;
        contend_compiler_barrier();
    }
    *out = sum;
}

void LOOP(beats)(void *m, void *h, const struct presence_beat *beats, size_t n,
                 uint64_t user_base, uint64_t later, struct presence_outcome *out);
void LOOP(beats)(void *m, void *h, const struct presence_beat *beats, size_t n,
                 uint64_t user_base, uint64_t later, struct presence_outcome *out)
{
    struct presence_outcome sum = *out;

    for (size_t i = 0; i < n; i++) {
        /* volatile: as above. */
        const volatile struct presence_beat *beat = &beats[i];
        int r = OP(heartbeat)((struct TYPE *)m, (struct HANDLE *)h, beat->user + user_base,
                              beat->now + later);

        sum.came_online += r == PRESENCE_CAME_ONLINE;
        sum.failed += r < 0;
        contend_compiler_barrier();
    }
    *out = sum;
}

extern const struct presence_ops CONTEND_JOIN3(presence_, CONTEND_STRATEGY, _ops);
const struct presence_ops CONTEND_JOIN3(presence_, CONTEND_STRATEGY, _ops) = {
    .traits = &CONTEND_JOIN3(presence_, CONTEND_HEADER, _traits),
    .header = "presence_map/" CONTEND_STRING(CONTEND_HEADER) ".h",
    .size = sizeof(struct TYPE),
    .align = _Alignof(struct TYPE),
    .handle_size = sizeof(struct HANDLE),
    .handle_align = _Alignof(struct HANDLE),
    .init = emit_init,
    .fini = emit_fini,
    .attach = emit_attach,
    .detach = emit_detach,
    .heartbeat = emit_heartbeat,
    .is_online = emit_is_online,
    .last_seen = emit_last_seen,
    .leave = emit_leave,
    .sweep = emit_sweep,
    .count_online = emit_count_online,
    .for_each_online = emit_for_each_online,
    .reserve = emit_reserve,
    .heartbeat_many = emit_heartbeat_many,
    .is_online_many = emit_is_online_many,
    .quiescent = emit_quiescent,
    .offline = emit_offline,
    .online = emit_online,
    .stats = emit_stats,
    .loops = { .tape = LOOP(tape), .beats = LOOP(beats) },
};
