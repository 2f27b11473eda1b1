/* kind.h - a map, for the judge; an argument is 1,000 times the key, and the value. */
#include "map.h"

enum { PUT = 1, GET };

struct object {
    struct map map;
};

struct model {
    int values[MAP_SLOTS]; /* and one; 0: none */
};

static int object_init(struct object *o) { return map_init(&o->map); }
static void object_fini(struct object *o) { map_fini(&o->map); }

static long object_apply(struct object *o, int op, long argument)
{
    int key = (int)(argument / 1000), value = (int)(argument % 1000);

    return op == PUT ? map_put(&o->map, key, value) : map_get(&o->map, key);
}

static long model_apply(struct model *m, int op, long argument)
{
    int *value = &m->values[argument / 1000];
    bool is_new = *value == 0;

    if (op == GET)
        return *value - 1;
    *value = (int)(argument % 1000) + 1;
    return is_new;
}

/* How a call and its answer read in the homework. */
static void call_words(const struct call *c, char call[JUDGE_WORDS], char answer[JUDGE_WORDS])
{
    long key = c->argument / 1000;

    if (c->op == GET) {
        snprintf(call, JUDGE_WORDS, "get(%ld)", key);
        snprintf(answer, JUDGE_WORDS, "%ld", c->result);
    } else {
        snprintf(call, JUDGE_WORDS, "put(%ld, %ld)", key, c->argument % 1000);
        snprintf(answer, JUDGE_WORDS, "%s", c->result ? "true" : "false");
    }
}

static const struct scenario scenarios[] = {
    { .threads = { { { PUT, 1007 } }, { { PUT, 1008 } } }, .after = { { GET, 1000 } } },
    { .threads = { { { PUT, 1007 } }, { { PUT, 2008 } } }, .after = { { GET, 1000 }, { GET, 2000 } } },
    { .threads = { { { PUT, 1007 }, { GET, 1000 } }, { { GET, 1000 }, { GET, 1000 } } } },
    /* A key that changes, one that is new, and a reader. */
    { .before = { { PUT, 1001 } }, .threads = { { { PUT, 1002 } }, { { GET, 1000 } }, { { PUT, 6003 } } },
      .after = { { GET, 1000 }, { GET, 6000 } } },
};
static const struct step mix[] = { { PUT, 1007 }, { GET, 1000 }, { PUT, 2003 }, { GET, 2000 } };
