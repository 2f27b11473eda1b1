/* blocks.c - memory that is poisoned when freed and kept for a while. */
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tests/soak/threads.h"
#include "tests/soak/visitor.h"

enum { POISON = 0xdd, KEPT = 256 };

static struct {
    pthread_mutex_t mutex;
    void *blocks[KEPT];
    unsigned next;
} quarantine = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static _Atomic uint64_t blocks;

void *threads_allocate(size_t size, size_t align, bool zero, const void *pc)
{
    void *block = NULL;

    visitor_step(visitor_self(), NULL, STEP_OTHER, pc);
    if (posix_memalign(&block, align < 16 ? 16 : align, size ? size : 1) != 0)
        return NULL;
    atomic_fetch_add(&blocks, 1);
    return memset(block, zero ? 0 : 0xa5, size); /* rubbish: nobody may rely on zeros */
}

void *threads_reallocate(void *block, size_t size, const void *pc)
{
    void *larger = threads_allocate(size, 16, false, pc);
    size_t old = block ? malloc_usable_size(block) : 0;

    if (!larger)
        return NULL;
    if (block)
        memcpy(larger, block, old < size ? old : size);
    if (block)
        threads_release(block, pc);
    return larger;
}

/* Out of the quarantine: nobody may have written to it since it was freed. */
static void let_go(void *block)
{
    const unsigned char *bytes = block;

    for (size_t i = 0, size = block ? malloc_usable_size(block) : 0; i < size; i++)
        if (bytes[i] != POISON) {
            trouble("a block of %zu bytes was written to after it had been freed", size);
            break;
        }
    free(block);
}

void threads_release(void *block, const void *pc)
{
    struct visitor *v = visitor_self();
    size_t size = malloc_usable_size(block);
    struct site *s = visitor_step(v, NULL, STEP_FREE, pc);

    if (visitors_delayed(v, (uintptr_t)block, size))
        trouble("a block is freed while another thread stands before an access to it");
    s->waited += visitors_touched(v, (uintptr_t)block, size) != NULL;
    memset(block, POISON, size);
    atomic_fetch_sub(&blocks, 1);
    pthread_mutex_lock(&quarantine.mutex);
    void *oldest = quarantine.blocks[quarantine.next];
    quarantine.blocks[quarantine.next] = block;
    quarantine.next = (quarantine.next + 1) % KEPT;
    pthread_mutex_unlock(&quarantine.mutex);
    let_go(oldest);
}

uint64_t threads_blocks(void)
{
    return atomic_load(&blocks);
}

void threads_empty_quarantine(void)
{
    pthread_mutex_lock(&quarantine.mutex);
    for (unsigned i = 0; i < KEPT; i++) {
        let_go(quarantine.blocks[i]);
        quarantine.blocks[i] = NULL;
    }
    pthread_mutex_unlock(&quarantine.mutex);
}
