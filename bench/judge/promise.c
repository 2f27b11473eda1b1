/* promise.c - traits in words, whatever the family. */
#include <math.h>
#include <stdio.h>

#include "bench/base/words.h"
#include "bench/judge/promise_family.h"

#define ROW(OBJECT) [FAMILY_##OBJECT] = &promises_##OBJECT,
static const struct promise_family *const of_family[] = { FAMILY_EACH(ROW) };
#undef ROW

static const struct promise_family *hooks(const struct contestant *c)
{
    return of_family[c->family->index];
}

unsigned promise_weaker(unsigned a, unsigned b)
{
    unsigned x = a & CONTEND_PROGRESS_CLASS, y = b & CONTEND_PROGRESS_CLASS;

    return x == y ? a | b : x > y ? a : b;
}

void promise_pair(const struct contestant *c, unsigned *write, unsigned *read)
{
    hooks(c)->pair(contestant_traits(c), write, read);
}

unsigned promise_hindrance(const struct contestant *c)
{
    unsigned write, read;

    promise_pair(c, &write, &read);
    return (write & CONTEND_PROGRESS_CLASS) + (read & CONTEND_PROGRESS_CLASS);
}

const char *promise_progress(const struct contestant *c, char buffer[PROMISE_WORDS])
{
    unsigned write, read;

    promise_pair(c, &write, &read);
    if ((write & CONTEND_PROGRESS_CLASS) == (read & CONTEND_PROGRESS_CLASS))
        return words_progress(write);
    snprintf(buffer, PROMISE_WORDS, "%s/%s", words_progress(write), words_progress(read));
    return buffer;
}

const char *promise_guarantee(const struct contestant *c, char buffer[PROMISE_WORDS])
{
    return hooks(c)->guarantee(contestant_traits(c), buffer);
}

const char *promise_heading(const struct family *family)
{
    return of_family[family->index]->heading;
}

uint64_t promise_weakness(const struct contestant *c)
{
    return hooks(c)->weakness(contestant_traits(c));
}

const char *promise_stronger(const struct family *family)
{
    return of_family[family->index]->stronger;
}

double promise_stale_ms(const struct contestant *c)
{
    return hooks(c)->stale_ms ? hooks(c)->stale_ms(contestant_traits(c)) : NAN;
}

const char *promise_limits(const struct contestant *c, char buffer[PROMISE_WORDS])
{
    buffer[0] = '\0';
    return hooks(c)->limits ? hooks(c)->limits(contestant_traits(c), buffer) : buffer;
}

const char *promise_demand(const struct contestant *c)
{
    return hooks(c)->demand ? hooks(c)->demand(contestant_traits(c)) : NULL;
}
