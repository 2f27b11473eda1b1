/* kind.h - a stack, for the judge. */
#include "stack.h"

enum { PUSH = 1, POP };

struct object {
    struct stack stack;
};

struct model {
    long items[JUDGE_ITEMS];
    unsigned count;
};

static int object_init(struct object *o) { return stack_init(&o->stack); }
static void object_fini(struct object *o) { stack_fini(&o->stack); }

static long object_apply(struct object *o, int op, long argument)
{
    long value;

    if (op == PUSH)
        return stack_push(&o->stack, argument) ? 0 : JUDGE_NO_MEMORY;
    return stack_pop(&o->stack, &value) ? value : -1;
}

static long model_apply(struct model *m, int op, long argument)
{
    if (op == POP)
        return m->count > 0 ? m->items[--m->count] : -1;
    if (m->count < JUDGE_ITEMS)
        m->items[m->count++] = argument;
    return 0;
}

/* How a call and its answer read in the homework. */
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS])
{
    if (c->op == POP) {
        snprintf(call, JUDGE_WORDS, "pop()");
        if (c->result == -1)
            snprintf(answer, JUDGE_WORDS, "empty");
        else
            snprintf(answer, JUDGE_WORDS, "%ld", c->result);
    } else {
        snprintf(call, JUDGE_WORDS, "push(%ld)", c->argument);
        snprintf(answer, JUDGE_WORDS, "done");
    }
}

static const struct scenario scenarios[] = {
    { .threads = { { { PUSH, 1 } }, { { PUSH, 2 } } }, .after = { { POP, 0 }, { POP, 0 }, { POP, 0 } } },
    { .before = { { PUSH, 1 }, { PUSH, 2 } }, .threads = { { { POP, 0 } }, { { POP, 0 } } },
      .after = { { POP, 0 } } },
    { .before = { { PUSH, 1 } }, .threads = { { { PUSH, 2 } }, { { POP, 0 } } },
      .after = { { POP, 0 }, { POP, 0 } } },
    /* The trap: the top is the same node again, what lies below it is not. */
    { .before = { { PUSH, 1 }, { PUSH, 2 } },
      .threads = { { { POP, 0 } }, { { POP, 0 }, { POP, 0 }, { PUSH, 3 } } },
      .after = { { POP, 0 }, { POP, 0 }, { POP, 0 } } },
};
static const struct step mix[] = { { PUSH, 1 }, { POP, 0 } };
