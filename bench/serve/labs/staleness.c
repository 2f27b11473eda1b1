/* staleness.c - for each version, the earliest return of a later one. */
#include "bench/serve/labs/staleness.h"

#include <errno.h>
#include <stdlib.h>

static int by_version(const void *a, const void *b)
{
    const struct stale_event *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->version > y->version) - (x->version < y->version);
}

/* The index of the first write of the key with at least that version. */
static size_t find(const struct stale_event *writes, size_t n, uint64_t key, uint64_t version)
{
    const struct stale_event wanted = { .key = key, .version = version };
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (by_version(&writes[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int staleness_judge(struct stale_event *writes, size_t n, const struct stale_event *reads, size_t m,
                    uint64_t bound_ns, struct stale_verdict *out)
{
    uint64_t *earliest = malloc((n + 1) * sizeof *earliest); /* return of this version or a later one */

    *out = (struct stale_verdict){ .reads = m };
    if (!earliest)
        return -ENOMEM;
    qsort(writes, n, sizeof *writes, by_version);
    for (size_t i = n; i-- > 0;) {
        earliest[i] = writes[i].end_ns;
        if (i + 1 < n && writes[i + 1].key == writes[i].key && earliest[i + 1] < earliest[i])
            earliest[i] = earliest[i + 1];
    }
    for (size_t i = 0; i < m; i++) {
        const struct stale_event *r = &reads[i];
        size_t at = find(writes, n, r->key, r->version);
        if (r->version > 1 && (at == n || writes[at].key != r->key ||
                               writes[at].version != r->version || writes[at].begin_ns > r->end_ns))
            out->from_nowhere++;
        size_t later = find(writes, n, r->key, r->version + 1);
        if (later == n || writes[later].key != r->key || earliest[later] >= r->begin_ns)
            continue;
        uint64_t age = r->begin_ns - earliest[later];
        out->worst_ns = age > out->worst_ns ? age : out->worst_ns;
        out->stale += age > bound_ns;
    }
    free(earliest);
    return 0;
}
