/* cache.c - the runs of `contend cache`. */
#include "bench/serve/labs/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/base/shortage.h"
#include "bench/serve/cache/file.h"
#include "bench/serve/labs/slow_store.h"

enum { KEYS = 4096, FILE_SLOTS = 4096, PUTS_PERCENT = 1 };

static const uint64_t mixed_ttl_ns = 50000000, filed_ttl_ns = UINT64_C(3600000000000);

/* A fresh store, the load, and how often it was asked. */
static int run_mixed(struct cache_lab *l, unsigned i)
{
    struct slow_store store;
    int error = slow_store_make(&store, KEYS, l->options->latency_us * 1000);
    struct cache_source source;

    if (error)
        return error;
    source = slow_store_source(&store);
    error = cache_lab_mixed(l, l->entries[i], &source, mixed_ttl_ns, PUTS_PERCENT, &l->mixed[i]);
    /* relaxed: the load is over. */
    l->mixed[i].loads_per_s = (double)atomic_load_explicit(&store.loads, memory_order_relaxed) /
                              (l->mixed[i].seconds > 0 ? l->mixed[i].seconds : 1);
    slow_store_free(&store);
    return error;
}

/* An open file without a name, in the folder for such files. */
static int unnamed_file(void)
{
    const char *folder = getenv("TMPDIR");
    char name[512];

    snprintf(name, sizeof name, "%s/contend-cache-XXXXXX", folder && folder[0] ? folder : "/tmp");
    int fd = mkstemp(name);
    if (fd >= 0)
        unlink(name);
    return fd;
}

/*
 * After a restart the memory is empty.  The same cache before the store, and before a file that a run
 * has filled; nothing is put, so that the file's records stay current.
 */
static int run_restart(struct cache_lab *l, const struct cache_ops *ops)
{
    struct slow_store store;
    struct cache_file file;
    struct cache_run warm;
    int error = slow_store_make(&store, KEYS, l->options->latency_us * 1000), fd = unnamed_file();
    uint64_t before;

    if (error || fd < 0) {
        error = error ? error : -errno;
        goto out;
    }
    struct cache_source direct = slow_store_source(&store);
    struct cache_source filed = cache_file_open(&file, fd, FILE_SLOTS, filed_ttl_ns, &direct);
    error = cache_lab_mixed(l, ops, &direct, filed_ttl_ns, 0, &l->cold);
    /* relaxed, all: each load is over. */
    l->cold.loads_per_s = (double)atomic_load_explicit(&store.loads, memory_order_relaxed) /
                          l->cold.seconds;
    error = error ? error : cache_lab_mixed(l, ops, &filed, filed_ttl_ns, 0, &warm);
    before = atomic_load_explicit(&store.loads, memory_order_relaxed);
    error = error ? error : cache_lab_mixed(l, ops, &filed, filed_ttl_ns, 0, &l->filed);
    l->filed.loads_per_s =
        (double)(atomic_load_explicit(&store.loads, memory_order_relaxed) - before) /
        (l->filed.seconds > 0 ? l->filed.seconds : 1);
out:
    if (fd >= 0)
        close(fd);
    slow_store_free(&store);
    return error;
}

int cache_lab_command(const struct cache_lab_options *o)
{
    static struct cache_lab lab;
    struct cache_lab *l = &lab;
    int error = 0;

    memset(l, 0, sizeof *l);
    l->options = o;
    experiment_begin(&l->e, "cache", &o->base);
    while (contend_cache_registry[l->count] && l->count < CACHE_ENTRIES) {
        l->entries[l->count] = contend_cache_registry[l->count];
        l->count++;
    }
    unsigned steps = 3 * l->count + 2;
    for (unsigned i = 0; i < l->count && !error && !experiment_is_over(&l->e); i++) {
        experiment_progress(&l->e, i, steps, l->entries[i]->traits->id.name);
        error = run_mixed(l, i);
    }
    for (unsigned i = 0; i < l->count && !error && !experiment_is_over(&l->e); i++) {
        experiment_progress(&l->e, l->count + 2 * i, steps, "stampede and expiry");
        error = cache_lab_stampede(l, i);
        if (error == -EAGAIN || error == -ENOMEM)
            arguments_error("a crowd of %.0f threads cannot be made; --crowd=N asks for fewer",
                            (double)o->crowd);
        if (!error && !experiment_is_over(&l->e) && l->entries[i]->traits->features & CACHE_EXPIRES)
            error = cache_lab_expiry(l, i);
    }
    experiment_progress(&l->e, 3 * l->count, steps, "restart");
    const struct cache_ops *ttl = contend_cache_find("ttl");
    if (!error && ttl && !experiment_is_over(&l->e))
        error = run_restart(l, ttl);
    experiment_progress(&l->e, 3 * l->count + 1, steps, "gateway and edge");
    if (o->without_gateway)
        snprintf(l->gateway.why, sizeof l->gateway.why, "not wanted");
    else if (!error && !experiment_is_over(&l->e))
        gateway_run_all(&l->gateway, &l->e, o->window_ms * 1000000);
    if (error)
        shortage_fail(error);
    cache_lab_judge(l);
    if (experiment_has_figures(&l->e))
        cache_lab_print(l);
    return experiment_end(&l->e, cache_lab_json(l), error != 0);
}
