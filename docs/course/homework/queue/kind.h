/* kind.h - a queue, for the judge. */
#include "queue.h"

enum { PUT = 1, TAKE };

struct object {
    struct queue queue;
};

struct model {
    long items[JUDGE_ITEMS];
    unsigned first, count;
};

static int object_init(struct object *o) { return queue_init(&o->queue); }
static void object_fini(struct object *o) { queue_fini(&o->queue); }

static long object_apply(struct object *o, int op, long argument)
{
    long value;

    if (op == PUT)
        return queue_put(&o->queue, argument) ? 0 : JUDGE_NO_MEMORY;
    return queue_take(&o->queue, &value) ? value : -1;
}

static long model_apply(struct model *m, int op, long argument)
{
    if (op == PUT) {
        if (m->count < JUDGE_ITEMS)
            m->items[(m->first + m->count++) % JUDGE_ITEMS] = argument;
        return 0;
    }
    if (m->count == 0)
        return -1;
    m->count--;
    return m->items[m->first++ % JUDGE_ITEMS];
}

/* How a call and its answer read in the homework. */
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS])
{
    if (c->op == TAKE) {
        snprintf(call, JUDGE_WORDS, "take()");
        if (c->result == -1)
            snprintf(answer, JUDGE_WORDS, "empty");
        else
            snprintf(answer, JUDGE_WORDS, "%ld", c->result);
    } else {
        snprintf(call, JUDGE_WORDS, "put(%ld)", c->argument);
        snprintf(answer, JUDGE_WORDS, "done");
    }
}

static const struct scenario scenarios[] = {
    { .threads = { { { PUT, 1 } }, { { PUT, 2 } } }, .after = { { TAKE, 0 }, { TAKE, 0 }, { TAKE, 0 } } },
    { .before = { { PUT, 1 }, { PUT, 2 } }, .threads = { { { TAKE, 0 } }, { { TAKE, 0 } } },
      .after = { { TAKE, 0 } } },
    { .threads = { { { PUT, 1 }, { PUT, 2 } }, { { TAKE, 0 }, { TAKE, 0 } } },
      .after = { { TAKE, 0 }, { TAKE, 0 } } },
    { .before = { { PUT, 1 } }, .threads = { { { TAKE, 0 } }, { { TAKE, 0 }, { PUT, 2 } } },
      .after = { { TAKE, 0 } } },
};
static const struct step mix[] = { { PUT, 1 }, { TAKE, 0 } };
