/* history.c - see history.h. */
#include "tests/check/history.h"

#include <stdio.h>
#include <string.h>

#include "tests/check/check.h"

struct history history;

enum { KNOWN = 1 << 14 };
static uint64_t known[KNOWN];

void history_reset(void)
{
    history.count = 0;
}

void history_forget(void)
{
    memset(known, 0, sizeof known);
}

struct linear_op *history_begin(int kind, int64_t argument, const char *text)
{
    struct linear_op *op = &history.ops[history.count++];

    *op = (struct linear_op){ .kind = kind, .argument = argument };
    check_operation_begin(text, &op->begin);
    return op;
}

void history_end(struct linear_op *op, int64_t result)
{
    char text[32];

    op->result = result;
    snprintf(text, sizeof text, "= %lld", (long long)result);
    check_operation_end(text, &op->begin, &op->end);
}

/* Stamps are counted per execution, so equal histories have equal ones. */
static uint64_t fingerprint(uint64_t more)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ more;

    for (size_t i = 0; i < history.count; i++) {
        const struct linear_op *op = &history.ops[i];
        uint64_t words[] = { op->begin, op->end, (uint64_t)op->kind, (uint64_t)op->argument,
                             (uint64_t)op->result };
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

    return known[hash >> 50] == hash;
}

void history_remember(uint64_t more)
{
    uint64_t hash = fingerprint(more);

    known[hash >> 50] = hash;
}

const char *history_text(const char *(*describe)(const struct linear_op *op))
{
    static char text[384];
    size_t used = 0;

    for (size_t i = 0; i < history.count && used + 48 < sizeof text; i++) {
        const struct linear_op *op = &history.ops[i];
        int n = snprintf(text + used, sizeof text - used, "%s%s = %lld [%llu, %llu]",
                         i ? ", " : "", describe(op), (long long)op->result,
                         (unsigned long long)op->begin, (unsigned long long)op->end);
        used += n > 0 ? (size_t)n : 0;
    }
    return text;
}
