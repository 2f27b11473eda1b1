/* kind.h - a seqlock, for the judge: the second word is always the first one's negative. */
#include "seqlock.h"

enum { WRITE = 1, READ, TORN = -999 };

struct object {
    struct seqlock seqlock;
};

struct model {
    long value;
};

static int object_init(struct object *o) { return seqlock_init(&o->seqlock); }
static void object_fini(struct object *o) { seqlock_fini(&o->seqlock); }

static long object_apply(struct object *o, int op, long argument)
{
    long a, b;

    if (op == WRITE) {
        seqlock_write(&o->seqlock, argument, -argument);
        return 0;
    }
    seqlock_read(&o->seqlock, &a, &b);
    return a == -b ? a : TORN; /* halves of two writes */
}

static long model_apply(struct model *m, int op, long argument)
{
    if (op == READ)
        return m->value;
    m->value = argument;
    return 0;
}

/* How a call and its answer read in the homework. */
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS])
{
    if (c->op == READ) {
        snprintf(call, JUDGE_WORDS, "read()");
        if (c->result == TORN)
            snprintf(answer, JUDGE_WORDS, "halves of two writes");
        else
            snprintf(answer, JUDGE_WORDS, "%ld, %ld", c->result, -c->result);
    } else {
        snprintf(call, JUDGE_WORDS, "write(%ld, %ld)", c->argument, -c->argument);
        snprintf(answer, JUDGE_WORDS, "done");
    }
}

static const struct scenario scenarios[] = {
    { .threads = { { { WRITE, 1 } }, { { READ, 0 } } }, .after = { { READ, 0 } } },
    { .threads = { { { WRITE, 1 }, { WRITE, 2 } }, { { READ, 0 }, { READ, 0 } } }, .after = { { READ, 0 } } },
    { .threads = { { { WRITE, 1 } }, { { READ, 0 } }, { { READ, 0 } } } },
};
/* Only reads: several threads may do this at once. */
static const struct step mix[] = { { READ, 0 } };
