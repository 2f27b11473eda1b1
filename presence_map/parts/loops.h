/*
 * loops.h - the loops that benchmarks call, and the table, of one presence map.
 *
 * Included last by a generated translation unit; see locks/parts/emit.h.
 */
#include "presence_map/presence_map.h"

#define CONTEND_OBJECT presence
#ifndef CONTEND_FOLDER
#define CONTEND_FOLDER "presence_map/"
#endif
#define EMIT_OPERATIONS PRESENCE_OPERATIONS
#include "locks/parts/emit.h"

static int emit_meet(void *count, uint64_t user, uint64_t last_seen)
{
    (void)user, (void)last_seen;
    ++*(int64_t *)count;
    return 0;
}

/* The steps that are long and rare: not inlined, so that the others stay near each other. */
static __attribute__((noinline)) int64_t emit_long_step(void *m, void *h, uint8_t op, uint64_t key,
                                                        uint64_t now)
{
    int64_t met = 0;
    bool complete;

    switch (op) {
    case PRESENCE_OP_SWEEP:
        return OP(sweep)(m, h, now, key, &complete);
    case PRESENCE_OP_COUNT:
        return OP(count_online)(m, h, now);
    case PRESENCE_OP_WALK: {
        int error = OP(for_each_online)(m, h, now, emit_meet, &met);
        return error ? error : met;
    }
    }
    return -EINVAL;
}

EMIT_LOOP void LOOP(tape)(void *m, void *h, const uint8_t *ops, const uint64_t *keys, size_t n,
                          uint64_t now, struct presence_outcome *out);
void LOOP(tape)(void *m, void *h, const uint8_t *ops, const uint64_t *keys, size_t n, uint64_t now,
                struct presence_outcome *out)
{
    struct presence_outcome sum = *out;

    for (size_t i = 0; i < n; i++) {
        /* volatile: even a map that ignores its users pays for reading the tape. */
        uint8_t op = *(const volatile uint8_t *)&ops[i];
        uint64_t key = *(const volatile uint64_t *)&keys[i];
        int64_t r = 0;

        switch (op) {
        case PRESENCE_OP_HEARTBEAT:
            r = OP(heartbeat)(m, h, key, now);
            sum.came_online += r == PRESENCE_CAME_ONLINE;
            break;
        case PRESENCE_OP_IS_ONLINE:
            r = OP(is_online)(m, h, key, now);
            sum.online += r == 1;
            break;
        case PRESENCE_OP_LEAVE:
            r = OP(leave)(m, h, key, now);
            sum.left += r == 1;
            break;
        case PRESENCE_OP_LAST_SEEN:
            r = OP(last_seen)(m, h, key);
            sum.seen += r >= 0;
            r = r == -ENOENT ? 0 : r;
            break;
        default: {
            r = emit_long_step(m, h, op, key, now);
            uint64_t some = r > 0 ? (uint64_t)r : 0;
            sum.swept += op == PRESENCE_OP_SWEEP ? some : 0;
            sum.met += op == PRESENCE_OP_SWEEP ? 0 : some;
        }
        }
        sum.failed += r < 0;
        contend_compiler_barrier();
    }
    OP(quiescent)(m, h); /* the caller holds nothing between two calls */
    *out = sum;
}

EMIT_LOOP void LOOP(batch)(void *m, void *h, const uint8_t *ops, const uint64_t *keys, size_t n,
                           size_t many, uint64_t now, struct presence_outcome *out);
void LOOP(batch)(void *m, void *h, const uint8_t *ops, const uint64_t *keys, size_t n, size_t many,
                 uint64_t now, struct presence_outcome *out)
{
    struct presence_outcome sum = *out;
    int results[PRESENCE_LARGEST_BATCH];

    for (size_t i = 0, count; i < n; i += count) {
        uint8_t op = *(const volatile uint8_t *)&ops[i];
        int error = -EINVAL;

        count = many < n - i ? many : n - i;
        if (op == PRESENCE_OP_LEAVE) { /* there is no batch of these: each is a call */
            for (size_t k = i; k < i + count; k++) {
                int r = OP(leave)(m, h, keys[k], now);
                sum.left += r == 1;
                sum.failed += r < 0;
                contend_compiler_barrier();
            }
            continue;
        }
        if (op == PRESENCE_OP_HEARTBEAT)
            error = OP(heartbeat_many)(m, h, &keys[i], count, now, results);
        else if (op == PRESENCE_OP_IS_ONLINE)
            error = OP(is_online_many)(m, h, &keys[i], count, now, results);
        contend_compiler_barrier();
        if (error) {
            sum.failed += count;
            continue;
        }
        uint64_t ones = 0;
        for (size_t k = 0; k < count; k++) {
            ones += results[k] == 1; /* PRESENCE_CAME_ONLINE, or online */
            sum.failed += results[k] < 0;
        }
        *(op == PRESENCE_OP_HEARTBEAT ? &sum.came_online : &sum.online) += ones;
    }
    OP(quiescent)(m, h); /* the caller holds nothing between two calls */
    *out = sum;
}

EMIT_LOOP void LOOP(beats)(void *m, void *h, const struct presence_beat *beats, size_t n,
                           uint64_t user_base, uint64_t later, struct presence_outcome *out);
void LOOP(beats)(void *m, void *h, const struct presence_beat *beats, size_t n,
                 uint64_t user_base, uint64_t later, struct presence_outcome *out)
{
    struct presence_outcome sum = *out;

    for (size_t i = 0; i < n; i++) {
        /* volatile: as above. */
        const volatile struct presence_beat *beat = &beats[i];
        int r = OP(heartbeat)(m, h, beat->user + user_base,
                              beat->now + later);

        sum.came_online += r == PRESENCE_CAME_ONLINE;
        sum.failed += r < 0;
        contend_compiler_barrier();
    }
    OP(quiescent)(m, h); /* the caller holds nothing between two calls */
    *out = sum;
}

EMIT_TABLE({ .tape = LOOP(tape), .batch = LOOP(batch), .beats = LOOP(beats) })
