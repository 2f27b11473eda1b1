/* plan.c - see plan.h: scenarios as text, and made up. */
#include "bench/check/plan.h"

#include <stdlib.h>
#include <string.h>

#include "bench/base/random.h"

unsigned plan_kinds(const struct check_structure *s)
{
    unsigned count = 0;

    while (count < PLAN_KINDS && s->operations[count].name)
        count++;
    return count;
}

static bool takes_argument(const struct check_operation *o)
{
    return o->least != 0 || o->most != 0;
}

/* ---- made up ---- */

static struct call one_call(const struct check_structure *s, struct random *r)
{
    struct call c = { .operation = (unsigned)random_below(r, plan_kinds(s)) };
    const struct check_operation *o = &s->operations[c.operation];

    c.argument = o->least + (int64_t)random_below(r, (uint64_t)(o->most - o->least) + 1);
    return c;
}

static void fill(struct plan_part *p, unsigned count, const struct check_structure *s, struct random *r)
{
    p->count = 0;
    while (p->count < count)
        p->calls[p->count++] = one_call(s, r);
}

/* Two threads of one operation, then of two, then everything: short scenarios are explored best. */
void plan_generate(struct plan *p, const struct check_structure *s, unsigned index, uint64_t seed)
{
    enum { SHORT = 8, MIDDLE = 24 };
    struct random r = random_seeded(seed, index);
    unsigned most_threads = s->threads == 2 ? 2 : CHECK_STRUCTURE_THREADS;
    unsigned longest = s->length ? s->length : 3;

    *p = (struct plan){ .structure = s, .thread_count = 2 };
    if (longest > CHECK_STRUCTURE_LENGTH)
        longest = CHECK_STRUCTURE_LENGTH;
    if (index >= MIDDLE && most_threads > 2)
        p->thread_count = 2 + (unsigned)random_below(&r, 2);
    unsigned most = index < SHORT ? 1 : index < MIDDLE && longest > 2 ? 2 : longest;
    fill(&p->before, (unsigned)random_below(&r, index < SHORT ? 3 : PLAN_BEFORE + 1), s, &r);
    for (unsigned t = 0; t < p->thread_count; t++)
        fill(&p->threads[t], 1 + (unsigned)random_below(&r, most), s, &r);
}

/* ---- as text ---- */

static void print_part(const struct plan_part *p, const struct check_structure *s, char *text)
{
    for (unsigned i = 0; i < p->count; i++) {
        const struct check_operation *o = &s->operations[p->calls[i].operation];
        size_t used = strlen(text);
        if (takes_argument(o))
            snprintf(text + used, PLAN_TEXT - used, "%s%s(%lld)", i ? "," : "", o->name,
                     (long long)p->calls[i].argument);
        else
            snprintf(text + used, PLAN_TEXT - used, "%s%s()", i ? "," : "", o->name);
    }
}

void plan_print(const struct plan *p, char text[PLAN_TEXT])
{
    text[0] = '\0';
    print_part(&p->before, p->structure, text);
    for (unsigned t = 0; t < p->thread_count; t++) {
        size_t used = strlen(text);
        snprintf(text + used, PLAN_TEXT - used, "%s", t ? "+" : p->before.count ? "/" : "");
        print_part(&p->threads[t], p->structure, text);
    }
}

static bool refuse(char *why, size_t size, const char *at, const char *what)
{
    snprintf(why, size, "at '%.40s': %s", at, what);
    return false;
}

/* One call off the text. */
static bool parse_call(const char **text, const struct check_structure *s, struct call *c, char *why,
                       size_t size)
{
    const char *from = *text;
    size_t length = strcspn(from, "(,+/");
    char *end;

    for (unsigned i = 0; i < plan_kinds(s); i++) {
        const struct check_operation *o = &s->operations[i];
        if (strlen(o->name) != length || strncmp(o->name, from, length) != 0)
            continue;
        *c = (struct call){ .operation = i };
        if (from[length] != '(')
            return refuse(why, size, from, "an operation is written with its argument in brackets");
        c->argument = strtoll(from + length + 1, &end, 10);
        if (*end != ')' || (end == from + length + 1) == takes_argument(o))
            return refuse(why, size, from, takes_argument(o) ? "it takes a number" : "it takes nothing");
        *text = end + 1;
        return true;
    }
    return refuse(why, size, from, "no operation has this name");
}

static bool parse_part(const char **text, const struct check_structure *s, unsigned most,
                       struct plan_part *p, char *why, size_t size)
{
    p->count = 0;
    do {
        if (p->count == most)
            return refuse(why, size, *text, "too many operations of one thread");
        if (!parse_call(text, s, &p->calls[p->count++], why, size))
            return false;
    } while (**text == ',' && *++*text);
    return true;
}

bool plan_parse(struct plan *p, const struct check_structure *s, const char *text, bool progress,
                char *why, size_t size)
{
    unsigned most = progress ? PLAN_KINDS : CHECK_STRUCTURE_LENGTH;

    *p = (struct plan){ .structure = s, .progress = progress };
    if (strchr(text, '/')) {
        if (*text != '/' && !parse_part(&text, s, PLAN_BEFORE, &p->before, why, size))
            return false;
        if (*text++ != '/')
            return refuse(why, size, text - 1, "one thread does what stands before the '/'");
    }
    do {
        if (p->thread_count == CHECK_STRUCTURE_THREADS)
            return refuse(why, size, text, "too many threads");
        if (!parse_part(&text, s, most, &p->threads[p->thread_count++], why, size))
            return false;
    } while (*text == '+' && *++text);
    return *text == '\0' || refuse(why, size, text, "threads are separated by '+'");
}
