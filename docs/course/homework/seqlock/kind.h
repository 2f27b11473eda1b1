/* kind.h - a seqlock, for the judge: the second word is always the first one's negative. */
#include "seqlock.h"

enum { WRITE = 1, READ };

static const char *const op_names[] = { "", "write", "read" };

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
    return a == -b ? a : -999; /* torn: halves of two writes */
}

static long model_apply(struct model *m, int op, long argument)
{
    if (op == READ)
        return m->value;
    m->value = argument;
    return 0;
}

static const struct scenario scenarios[] = {
    { .threads = { { { WRITE, 1 } }, { { READ, 0 } } }, .after = { { READ, 0 } } },
    { .threads = { { { WRITE, 1 }, { WRITE, 2 } }, { { READ, 0 }, { READ, 0 } } }, .after = { { READ, 0 } } },
    { .threads = { { { WRITE, 1 } }, { { READ, 0 } }, { { READ, 0 } } } },
};
/* Only reads: several threads may do this at once. */
static const struct step mix[] = { { READ, 0 } };
