/*
 * cache.h - `contend cache`: what each way to keep a cache current costs, and what it saves the store.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_CACHE_H
#define CONTEND_BENCH_SERVE_LABS_CACHE_H

#include "bench/report/experiment.h"
#include "bench/serve/cache/cache.h"
#include "bench/serve/labs/cache_gateway.h"
#include "bench/serve/labs/staleness.h"

enum { CACHE_ENTRIES = 12 };

struct cache_lab_options {
    struct experiment_options base;
    uint64_t crowd;      /* threads of the stampede */
    uint64_t latency_us; /* of the store */
    uint64_t window_ms;  /* of each run */
    bool without_gateway; /* no levels that are programs */
};

/* What came of a means under the mixed load. */
struct cache_run {
    bool done;
    double seconds, gets;           /* all threads together */
    double share[CACHE_LEVELS];     /* of the gets that each level answered */
    double loads_per_s;
    uint64_t broken;                /* values that the store never gave */
    struct stale_verdict verdict;
    uint64_t bound_ns;
};

struct cache_lab {
    const struct cache_lab_options *options;
    struct experiment e;
    const struct cache_ops *entries[CACHE_ENTRIES];
    unsigned count;
    struct cache_run mixed[CACHE_ENTRIES];
    struct {
        bool done;
        uint64_t loads;
    } stampede[CACHE_ENTRIES];
    struct {
        bool done;
        double loads; /* for each TTL that passed */
    } expiry[CACHE_ENTRIES];
    struct gateway gateway;
    struct cache_run cold, filed; /* after a restart: without a file level, and with one */
};

/* Runs it; the exit status of the command. */
int cache_lab_command(const struct cache_lab_options *o);

/* For cache_lab_command(): a means under the mixed load, before `source`; and the threads that meet. */
int cache_lab_mixed(struct cache_lab *l, const struct cache_ops *ops, const struct cache_source *source,
                    uint64_t ttl_ns, unsigned puts_percent, struct cache_run *out);
int cache_lab_stampede(struct cache_lab *l, unsigned entry);
int cache_lab_expiry(struct cache_lab *l, unsigned entry);

void cache_lab_judge(struct cache_lab *l);
void cache_lab_print(const struct cache_lab *l);
json_t *cache_lab_json(const struct cache_lab *l);

#endif
