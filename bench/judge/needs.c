/* needs.c - needs against traits. */
#include "bench/judge/needs.h"

#include <string.h>

#include "bench/judge/promise_family.h"

static const struct {
    const char *word, *lacks, *asks;
} all[NEED_COUNT] = {
#define ROW(BIT, WORD, LACKS, ASKS) { WORD, LACKS, ASKS },
    NEED_EACH(ROW)
#undef ROW
};

static const struct promise_family *const of_family[FAMILY_COUNT] = {
#define ROW(OBJECT) [FAMILY_##OBJECT] = &promises_##OBJECT,
    FAMILY_EACH(ROW)
#undef ROW
};

/* The needs that any family can have, met by the identity, the progress and the build. */
enum { COMMON = NEED_LOCK_FREE | NEED_WAIT_FREE | NEED_NO_LIBRARY | NEED_NO_LGPL | NEED_CROWDED |
                NEED_NO_THREAD | NEED_SIGNAL_SAFE | NEED_PROCESS_SHARED };

/* The call is last_seen, the word last-seen: either is understood. */
static bool is_word(const char *word, const char *text)
{
    while (*word && (*word == *text || (*word == '-' && *text == '_')))
        word++, text++;
    return *word == *text;
}

enum need need_named(const char *word)
{
    for (unsigned i = 0; i < NEED_COUNT; i++)
        if (is_word(all[i].word, word))
            return (enum need)(1u << i);
    return NEED_NONE;
}

const char *need_word(unsigned at)
{
    return at < NEED_COUNT ? all[at].word : NULL;
}

static unsigned place_of(enum need need)
{
    unsigned at = 0;

    while (at + 1 < NEED_COUNT && need != (enum need)(1u << at))
        at++;
    return at;
}

const char *need_lacks(enum need need)
{
    return all[place_of(need)].lacks;
}

const char *need_question(enum need need)
{
    return all[place_of(need)].asks;
}

unsigned needs_of_family(const struct family *family)
{
    return COMMON | of_family[family->index]->own_needs;
}

static unsigned common_met(const struct contestant *c)
{
    const struct contend_identity *id = contestant_identity(c);
    const char *library = c->family->needs(c->ops);
    unsigned write, read, met = 0;

    promise_pair(c, &write, &read);
    write &= CONTEND_PROGRESS_CLASS;
    read &= CONTEND_PROGRESS_CLASS;
    met |= write <= CONTEND_LOCK_FREE && read <= CONTEND_LOCK_FREE ? NEED_LOCK_FREE : 0;
    met |= write == CONTEND_WAIT_FREE && read == CONTEND_WAIT_FREE ? NEED_WAIT_FREE : 0;
    met |= library ? 0 : NEED_NO_LIBRARY;
    met |= library && strcmp(library, "liburcu") == 0 ? 0 : NEED_NO_LGPL;
    met |= id->flags & CONTEND_SPINS ? 0 : NEED_CROWDED;
    met |= id->flags & CONTEND_RUNS_THREAD ? 0 : NEED_NO_THREAD;
    met |= id->flags & CONTEND_SIGNAL_SAFE ? NEED_SIGNAL_SAFE : 0;
    met |= id->flags & CONTEND_PROCESS_SHARED ? NEED_PROCESS_SHARED : 0;
    return met;
}

unsigned needs_unmet(unsigned needs, const struct contestant *c)
{
    const struct promise_family *f = of_family[c->family->index];
    unsigned met = common_met(c) | (f->meets ? f->meets(contestant_traits(c)) : 0);

    return needs & needs_of_family(c->family) & ~met;
}
