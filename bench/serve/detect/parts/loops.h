/* loops.h - emits the table and the loop of a detector; see locks/parts/emit.h. */
#define CONTEND_OBJECT detect
#define CONTEND_FOLDER "bench/serve/detect/"
#define EMIT_OPERATIONS DETECT_OPERATIONS
/* A detector has no handles: the table's size is that of a byte. */
#define DETECT_HANDLE_ CONTEND_JOIN3(detect_, CONTEND_HEADER, _handle)
struct DETECT_HANDLE_ {
    char unused;
};
#include "locks/parts/emit.h"

uint64_t LOOP(ask)(void *detector, uint64_t now, uint64_t n);
uint64_t LOOP(ask)(void *detector, uint64_t now, uint64_t n)
{
    uint64_t suspected = 0;

    for (uint64_t i = 0; i < n; i++) {
        suspected += now >= OP(deadline)(detector);
        contend_compiler_barrier();
    }
    return suspected;
}

EMIT_TABLE({ LOOP(ask) })
