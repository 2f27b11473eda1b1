/*
 * wholes.c - statics that a library changes: put back as a whole.
 *
 * A static std::map is changed by code of libstdc++ as well as by that in its headers, and the former is
 * not instrumented.  Put back byte by byte, as far as changes were seen (memory.c), such an object would
 * be half of one execution and half of another.  So with libstdc++ in the program each small static that is
 * touched is kept as it was when it was first touched, before main() has done anything to it, and
 * put back whole.
 */
#include "bench/check/wholes.h"

#include <errno.h>
#include <string.h>

#include "bench/check/state.h"

enum { WHOLES = 512, LARGEST = 256, KNOWN = 1 << 13 };

struct whole {
    uintptr_t start;
    size_t size;
    uint64_t touched; /* in which execution */
    unsigned char first[LARGEST];
};

static struct {
    struct whole list[WHOLES];
    unsigned count;
    struct {
        uintptr_t base; /* of eight bytes; 0 = free */
        struct whole *whole; /* NULL = it belongs to none, or to a large one */
    } known[KNOWN];
    unsigned known_count;
    bool followed;
} wholes;

/* Of libstdc++; without it the compiler's instrumentation sees every change. */
void rebalance(void) __asm__("_ZSt29_Rb_tree_insert_and_rebalancebPSt18_Rb_tree_node_baseS0_RS_")
    __attribute__((weak));

static struct whole *find(const void *at)
{
    char name[128];
    size_t size;
    int own = errno; /* the checked code's */
    const void *start = source_object(at, name, sizeof name, &size);
    struct whole *w = wholes.list;

    errno = own;
    if (!start || size > LARGEST)
        return NULL;
    while (w < wholes.list + wholes.count && w->start != (uintptr_t)start)
        w++;
    if (w < wholes.list + wholes.count)
        return w;
    if (wholes.count == WHOLES)
        return NULL;
    wholes.count++;
    *w = (struct whole){ .start = (uintptr_t)start, .size = size };
    memcpy(w->first, start, size);
    return w;
}

void wholes_follow(void)
{
    wholes.followed = rebalance != NULL;
}

bool wholes_followed(void)
{
    return wholes.followed;
}

void wholes_touch(uintptr_t base)
{
    if (!wholes.followed || wholes.known_count == KNOWN / 2)
        return;
    size_t i = (size_t)((base >> 3) * UINT64_C(0x9e3779b97f4a7c15) >> 51);
    while (wholes.known[i].base && wholes.known[i].base != base)
        i = (i + 1) % KNOWN;
    if (!wholes.known[i].base) {
        wholes.known[i].base = base;
        wholes.known[i].whole = find((const void *)base);
        wholes.known_count++;
    }
    if (wholes.known[i].whole)
        wholes.known[i].whole->touched = run.begun;
}

void wholes_put_back(void)
{
    for (struct whole *w = wholes.list; w < wholes.list + wholes.count; w++)
        if (w->touched == run.begun && memcmp((const void *)w->start, w->first, w->size) != 0)
            memcpy((void *)w->start, w->first, w->size);
}

bool wholes_each(bool (*fn)(uintptr_t start, size_t size))
{
    bool any = false;

    for (struct whole *w = wholes.list; w < wholes.list + wholes.count; w++)
        if (w->touched == run.begun)
            any |= fn(w->start, w->size);
    return any;
}
