/* loops.h - emits the table and the loop of a fan-out; see locks/parts/emit.h. */
#define CONTEND_OBJECT push
#define CONTEND_FOLDER "bench/serve/push/"
#define EMIT_OPERATIONS PUSH_OPERATIONS
#include "locks/parts/emit.h"

void LOOP(publish)(void *push, uint64_t n);
void LOOP(publish)(void *push, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        const struct push_event event = { .key = i };
        OP(publish)(push, &event);
        contend_compiler_barrier();
    }
}

EMIT_TABLE({ LOOP(publish) })
