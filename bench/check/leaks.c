/* leaks.c - blocks that nobody has freed when an execution ends. */
#include <string.h>

#include "bench/check/state.h"
#include "bench/check/wholes.h"

enum { WORD = sizeof(uintptr_t) };

/* Words that may be pointers, as a collector of garbage takes them. */
static bool keep_from(uintptr_t at, size_t size)
{
    uintptr_t end = at + size;
    bool more = false;

    for (at = (at + WORD - 1) & ~(uintptr_t)(WORD - 1); at + WORD <= end; at += WORD) {
        uintptr_t to;
        memcpy(&to, (const void *)at, sizeof to);
        struct block *b = memory_block((const void *)to);
        if (!b || b->freed || b->kept || to - b->start >= b->size)
            continue;
        more = b->kept = true;
    }
    return more;
}

/* What a static object of C++ still holds is no leak: its destructor runs behind main(). */
static void keep_what_statics_hold(void)
{
    bool more = wholes_each(keep_from);

    while (more) {
        more = false;
        for (unsigned n = 0; memory_block_nth(n); n++)
            if (memory_block_nth(n)->kept)
                more |= keep_from(memory_block_nth(n)->start, memory_block_nth(n)->size);
    }
}

void memory_check_leaks(void)
{
    const struct block *b;
    char line[128];

    keep_what_statics_hold();
    for (unsigned n = 0; (b = memory_block_nth(n)) != NULL; n++) {
        if (b->freed || b->internal || b->kept)
            continue;
        source_line(b->made, line, sizeof line);
        fail(CHECK_LEAK, "the %zu bytes made at %s are never freed", b->size, line);
    }
}
