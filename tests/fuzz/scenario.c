/*
 * scenario.c - the text of a scenario, as each family reads it.
 *
 * What is accepted is written again from what was understood, and must be the same
 * text: nothing is read over, and no number is another one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/check/scenario.h"
#include "tests/fuzz/fuzz.h"

static size_t write_part(enum family_index family, const struct part *p, char *text)
{
    size_t used = 0;

    for (unsigned i = 0; i < p->count; i++) {
        const struct operation *o = &p->ops[i];
        used += (size_t)sprintf(text + used, "%s%c", i ? "," : "", o->kind);
        if (family == FAMILY_counter && strchr("ag", o->kind))
            used += (size_t)sprintf(text + used, "%d", o->n);
        if (family == FAMILY_claps && strchr("cug", o->kind))
            used += (size_t)sprintf(text + used, "%u", o->user);
        if (family == FAMILY_claps && strchr("cu", o->kind))
            used += (size_t)sprintf(text + used, "%d", o->n);
        if (family == FAMILY_distinct && o->kind == 'i')
            used += (size_t)sprintf(text + used, "%u", o->user);
        if (family == FAMILY_presence && strchr("honl", o->kind))
            used += (size_t)sprintf(text + used, "%u", o->user);
        if (family == FAMILY_presence && o->kind == 'b' && o->n > 1)
            used += (size_t)sprintf(text + used, "%d", o->n);
        if (family == FAMILY_presence && !strchr("nx", o->kind))
            used += (size_t)sprintf(text + used, "%c", o->time);
    }
    return used;
}

static void write_scenario(enum family_index family, const struct scenario *s, char *text)
{
    size_t used = s->capacity ? (size_t)sprintf(text, "%u:", s->capacity) : 0;

    used += s->idle ? (size_t)sprintf(text + used, "%u*", s->idle) : 0;
    used += (size_t)sprintf(text + used, "%s%s", s->comes_and_goes ? "~" : "", s->meet ? "=" : "");
    if (s->before.count) {
        used += write_part(family, &s->before, text + used);
        text[used++] = '/';
    }
    for (unsigned t = 0; t < s->thread_count; t++) {
        if (t > 0)
            text[used++] = '+';
        used += write_part(family, &s->threads[t], text + used);
    }
    text[used] = '\0';
}

static void check_bounds(const struct scenario *s)
{
    FUZZ_CHECK(s->thread_count >= 1 && s->thread_count <= SCENARIO_THREADS);
    FUZZ_CHECK(s->before.count <= SCENARIO_OPS);
    for (unsigned t = 0; t < s->thread_count; t++)
        FUZZ_CHECK(s->threads[t].count >= 1 && s->threads[t].count <= SCENARIO_OPS);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* No operation takes more than five characters and a separator. */
    enum { LONGEST = (SCENARIO_THREADS + 1) * SCENARIO_OPS * 6 + 8 };
    char *text = fuzz_string(data, size), again[LONGEST], why[CHECK_TEXT];
    struct scenario s;

    for (int family = 0; family < FAMILY_COUNT; family++) {
        why[0] = '\0';
        if (!scenario_parse(&s, (enum family_index)family, text, why, sizeof why)) {
            FUZZ_CHECK(why[0] != '\0');
            continue;
        }
        check_bounds(&s);
        write_scenario((enum family_index)family, &s, again);
        FUZZ_CHECK(strcmp(again, text) == 0 && strcmp(s.text, text) == 0);
    }
    free(text);
    return 0;
}
