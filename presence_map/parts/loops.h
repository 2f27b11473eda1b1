/*
 * loops.h - the loops that benchmarks call, and the table, of one presence map.
 *
 * Included last by a generated translation unit; see locks/parts/emit.h.
 */
#include "presence_map/presence_map.h"

#define CONTEND_OBJECT presence
#define CONTEND_FOLDER "presence_map/"
#define EMIT_OPERATIONS PRESENCE_OPERATIONS
#include "locks/parts/emit.h"

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
            r = OP(heartbeat)(m, h, user, now);
            sum.came_online += r == PRESENCE_CAME_ONLINE;
            break;
        case PRESENCE_OP_IS_ONLINE:
            r = OP(is_online)(m, h, user, now);
            sum.online += r == 1;
            break;
        case PRESENCE_OP_LEAVE:
            r = OP(leave)(m, h, user, now);
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
        int r = OP(heartbeat)(m, h, beat->user + user_base,
                              beat->now + later);

        sum.came_online += r == PRESENCE_CAME_ONLINE;
        sum.failed += r < 0;
        contend_compiler_barrier();
    }
    *out = sum;
}

EMIT_TABLE({ .tape = LOOP(tape), .beats = LOOP(beats) })
