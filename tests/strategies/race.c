/*
 * race.c - two threads clap with one counter, named on the command line.
 *
 * Run under ThreadSanitizer by races.py: an exhibit that races must be reported, and nothing
 * else: neither a correct counter nor one that is wrong without a data race.  Without a name it lists the counters that ThreadSanitizer can
 * judge: "races NAME" or "silent NAME", a line each.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "counters/counter.h"
#include "locks/parts/platform.h"

struct shared {
    const struct counter_ops *ops;
    void *counter;
};

static void *clap(void *arg)
{
    struct shared *s = arg;
    void *handle = contend_alloc_aligned(s->ops->handle_size);

    if (!handle || s->ops->attach(s->counter, handle) != 0)
        abort();
    s->ops->loops.add(s->counter, handle, 100000);
    s->ops->detach(s->counter, handle);
    free(handle);
    return NULL;
}

static void list_counters(void)
{
    for (size_t i = 0; contend_counter_registry[i]; i++) {
        const struct counter_traits *traits = contend_counter_registry[i]->traits;
        const struct contend_identity *id = &traits->id;

        if (!(id->flags & (CONTEND_FLOOR | CONTEND_TSAN_UNSOUND)))
            printf("%s %s\n", traits->features & COUNTER_RACES ? "races" : "silent", id->name);
    }
}

int main(int argc, char **argv)
{
    struct shared s = { argc > 1 ? contend_counter_find(argv[1]) : NULL, NULL };
    pthread_t threads[2];

    if (argc == 1) {
        list_counters();
        return 0;
    }
    if (!s.ops) {
        fprintf(stderr, "race: which counter?\n");
        return 2;
    }
    s.counter = contend_alloc_aligned(s.ops->size);
    if (!s.counter || s.ops->init(s.counter, NULL) != 0)
        return 1;
    for (int i = 0; i < 2; i++)
        if (pthread_create(&threads[i], NULL, clap, &s) != 0)
            return 1;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    int error = s.ops->fini(s.counter);
    free(s.counter);
    return error != 0;
}
