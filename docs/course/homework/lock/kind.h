/* kind.h - a lock, for the judge: sections that count in a plain variable. */
#include "lock.h"

enum { SECTION = 1 };

struct object {
    struct lock lock;
    long sections;
};

struct model {
    long sections;
};

static int object_init(struct object *o)
{
    o->sections = 0;
    return lock_init(&o->lock);
}

static void object_fini(struct object *o) { lock_fini(&o->lock); }

static long object_apply(struct object *o, int op, long argument)
{
    (void)op;
    (void)argument;
    lock_acquire(&o->lock);
    long before = o->sections;
    o->sections = before + 1;
    lock_release(&o->lock);
    return before;
}

static long model_apply(struct model *m, int op, long argument)
{
    (void)op;
    (void)argument;
    return m->sections++;
}

/* How a call and its answer read in the homework. */
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS])
{
    snprintf(call, JUDGE_WORDS, "a section");
    snprintf(answer, JUDGE_WORDS, "%ld before it", c->result);
}

static const struct scenario scenarios[] = {
    { .threads = { { { SECTION, 0 } }, { { SECTION, 0 } } } },
    { .threads = { { { SECTION, 0 }, { SECTION, 0 } }, { { SECTION, 0 }, { SECTION, 0 } } } },
    { .threads = { { { SECTION, 0 } }, { { SECTION, 0 } }, { { SECTION, 0 } } } },
};
static const struct step mix[] = { { SECTION, 0 } };
