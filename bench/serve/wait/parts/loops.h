/* loops.h - emits the table and the loop of a way to wait; see locks/parts/emit.h. */
#define CONTEND_OBJECT wait
#define CONTEND_FOLDER "bench/serve/wait/"
#define EMIT_OPERATIONS WAIT_OPERATIONS
#define WAIT_HANDLE_ CONTEND_JOIN3(wait_, CONTEND_HEADER, _handle)
struct WAIT_HANDLE_ {
    char unused;
};
#include "locks/parts/emit.h"

void LOOP(announce)(void *wait, uint64_t n);
void LOOP(announce)(void *wait, uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        OP(announce)(wait);
        contend_compiler_barrier();
    }
}

EMIT_TABLE({ LOOP(announce) })
