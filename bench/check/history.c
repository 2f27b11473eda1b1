/* history.c - see history.h. */
#include "bench/check/history.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "bench/check/check.h"

struct history history;
static const struct history_words *spoken;

enum { KNOWN = 1 << 14 };
static uint64_t known[KNOWN];

void history_reset(const struct history_words *words)
{
    history.count = 0;
    spoken = words;
}

void history_forget(void)
{
    memset(known, 0, sizeof known);
}

/* Bit i: operation i has ended, as far as the running thread knows by happens-before. */
static uint64_t known_to_have_ended(void)
{
    uint64_t ended = 0;

    for (size_t i = 0; i < history.count; i++) {
        const struct history_place *p = &history.places[i];
        ended |= (uint64_t)(p->ended && check_knows(p->thread, p->ended)) << i;
    }
    return ended;
}

size_t history_next(void)
{
    return check_repeats() ? check_self() : history.count;
}

struct linear_op *history_begin(int kind, int64_t argument)
{
    struct history_place *place = &history.places[history_next()];
    struct linear_op *op = &history.ops[history_next()];
    uint64_t before = known_to_have_ended();
    char text[HISTORY_WORDS] = "";

    history.count += !check_repeats();
    *op = (struct linear_op){ .kind = kind, .argument = argument };
    if (check_explaining())
        spoken->call(op, text);
    check_operation_begin(text, &op->begin);
    *place = (struct history_place){ .thread = check_self(), .called = check_step(),
                                       .before = before };
    return op;
}

void history_end(struct linear_op *op, int64_t result)
{
    char text[HISTORY_WORDS] = "";

    op->result = result;
    if (check_explaining())
        spoken->result(op, text);
    check_operation_end(text, &op->begin, &op->end);
    history.places[op - history.ops].returned = check_step();
    history.places[op - history.ops].ended = check_now();
}

uint64_t history_order(void)
{
    uint64_t hash = 1;

    for (size_t i = 0; i < history.count; i++)
        hash = (hash ^ history.places[i].before) * UINT64_C(0x9e3779b97f4a7c15);
    return hash;
}

/*
 * Stamps are counted per execution, so equal histories have equal stamps.  The thread is
 * included because its operations stand for their arguments, which are not hashed.
 */
static uint64_t fingerprint(uint64_t more)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ more;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        uint64_t words[] = { op->begin, op->end, (uint64_t)op->kind, (uint64_t)op->argument,
                             (uint64_t)op->result, history.places[i].thread };
        for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
            hash = (hash ^ words[w]) * UINT64_C(0x9e3779b97f4a7c15);
            hash ^= hash >> 29;
        }
    }
    return hash | 1;
}

bool history_known(uint64_t more)
{
    uint64_t hash = fingerprint(more);

    return !check_replays() && !check_is_accompanied() && known[hash >> 50] == hash;
}

void history_remember(uint64_t more)
{
    uint64_t hash = fingerprint(more);

    known[hash >> 50] = hash;
}

/* ---- in words ---- */

static const char *error_name(int64_t result)
{
    switch (result) {
    case -ENOENT: return "-ENOENT";
    case -ENOSPC: return "-ENOSPC";
    case -ERANGE: return "-ERANGE";
    case -EINVAL: return "-EINVAL";
    case -ENOMEM: return "-ENOMEM";
    case -EOVERFLOW: return "-EOVERFLOW";
    case -ENOTSUP: return "-ENOTSUP";
    case -EBUSY: return "-EBUSY";
    default: return NULL;
    }
}

const char *history_number(int64_t result, char text[HISTORY_WORDS])
{
    const char *name = error_name(result);

    if (name)
        snprintf(text, HISTORY_WORDS, "%s", name);
    else
        snprintf(text, HISTORY_WORDS, "%lld", (long long)result);
    return text;
}

enum { WHOLE = 2 * HISTORY_WORDS + 3 };

/* "add(1) = 0" */
static const char *whole_text(const struct linear_op *op, char text[WHOLE])
{
    char call[HISTORY_WORDS], result[HISTORY_WORDS];

    spoken->call(op, call);
    spoken->result(op, result);
    snprintf(text, WHOLE, "%s = %s", call, result);
    return text;
}

/* One line of the list: thread, operation, result, and its steps in the explanation. */
static void append_operation(size_t i, bool before, int width, char *text, size_t size)
{
    const struct history_place *p = &history.places[i];
    size_t used = strlen(text);
    char who[16], whole[WHOLE];

    snprintf(who, sizeof who, p->thread ? "thread %u" : before ? "before" : "afterwards",
             p->thread);
    snprintf(text + used, size - used, "\n    %-11s %-*s", who, p->called ? width : 0,
             whole_text(&history.ops[i], whole));
    used = strlen(text);
    if (p->called)
        snprintf(text + used, size - used, "  called in step %u, returned in step %u", p->called,
                 p->returned);
}

static void take_away(size_t i)
{
    uint64_t below = ((uint64_t)1 << i) - 1;

    history.count--;
    memmove(&history.ops[i], &history.ops[i + 1], (history.count - i) * sizeof *history.ops);
    memmove(&history.places[i], &history.places[i + 1],
            (history.count - i) * sizeof *history.places);
    for (size_t k = 0; k < history.count; k++) {
        uint64_t *before = &history.places[k].before;
        *before = (*before & below) | (*before >> 1 & ~below);
    }
}

/* The first operation of these kinds without which the others are possible; `count` if none. */
static size_t find_culprit(bool (*possible)(void), const char *kinds)
{
    struct history whole = history;
    size_t i;

    for (i = 0; i < whole.count; i++) {
        if (!strchr(kinds, whole.ops[i].kind))
            continue;
        take_away(i);
        bool enough = possible();
        history = whole;
        if (enough)
            break;
    }
    return i;
}

void history_refuse(const char *sentence, bool (*possible)(void), const char *reads,
                    const char *writes)
{
    char list[CHECK_TEXT - 256], whole[WHOLE];
    size_t culprit = find_culprit(possible, reads);
    bool before = true;
    int width = 0;

    if (culprit == history.count)
        culprit = find_culprit(possible, writes);
    for (size_t i = 0; i < history.count; i++) {
        int length = (int)strlen(whole_text(&history.ops[i], whole));
        width = length > width ? length : width;
    }
    list[0] = '\0';
    for (size_t i = 0; i < history.count; i++) {
        before &= history.places[i].thread == 0;
        append_operation(i, before, width, list, sizeof list);
    }
    if (culprit < history.count)
        check_fail("%s:%s\n  Without %s the rest can be explained.", sentence, list,
                   whole_text(&history.ops[culprit], whole));
    check_fail("%s:%s", sentence, list);
}
