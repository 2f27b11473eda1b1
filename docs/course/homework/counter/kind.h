/* kind.h - a counter, for the judge. */
#include "counter.h"

enum { ADD = 1, READ };

struct object {
    struct counter counter;
};

struct model {
    long value;
};

static int object_init(struct object *o) { return counter_init(&o->counter); }
static void object_fini(struct object *o) { counter_fini(&o->counter); }

static long object_apply(struct object *o, int op, long argument)
{
    if (op == READ)
        return counter_read(&o->counter);
    counter_add(&o->counter, argument);
    return 0;
}

static long model_apply(struct model *m, int op, long argument)
{
    if (op == READ)
        return m->value;
    m->value += argument;
    return 0;
}

/* How a call and its answer read in the homework. */
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS])
{
    if (c->op == READ) {
        snprintf(call, JUDGE_WORDS, "read()");
        snprintf(answer, JUDGE_WORDS, "%ld", c->result);
    } else {
        snprintf(call, JUDGE_WORDS, "add(%ld)", c->argument);
        snprintf(answer, JUDGE_WORDS, "done");
    }
}

static const struct scenario scenarios[] = {
    { .threads = { { { ADD, 1 } }, { { ADD, 1 } } }, .after = { { READ, 0 } } },
    { .threads = { { { ADD, 1 }, { READ, 0 } }, { { ADD, 1 }, { READ, 0 } } }, .after = { { READ, 0 } } },
    { .threads = { { { ADD, 5 } }, { { ADD, 1 } }, { { READ, 0 }, { READ, 0 } } }, .after = { { READ, 0 } } },
};
static const struct step mix[] = { { ADD, 1 } };
