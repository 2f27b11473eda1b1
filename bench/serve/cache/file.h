/*
 * file.h - a level on a disk: a file of records before the source, which survives a restart.
 *
 * Idea: a source that has a source.  A load looks into the file, and asks the other source only if
 *   the record there is another key's, torn, or as old as the TTL; then it writes the record.
 * Invariant: a record counts only if its checksum is that of its words, so that one which two threads
 *   or two processes wrote at once, or which a crash cut short, counts as nothing.  A value keeps the
 *   instant at which the store was asked, so that this level adds no staleness to that of a means
 *   with the same TTL.  Instants are of a clock that goes on between the processes that share it.
 * Progress: the kernel's.
 * Cost: a system call for a hit, two for a miss; 224 bytes of the file for each slot, which four keys
 *   share.
 * Breaks when: the clock begins anew, as the monotonic one does when the machine starts: records
 *   from the future do not count.
 * Use when: the store is far slower than the disk, and a cold start would fall upon it.
 * Reference: A. Chankhunthod et al., "A Hierarchical Internet Object Cache", USENIX 1996.
 */
#ifndef CONTEND_BENCH_SERVE_CACHE_FILE_H
#define CONTEND_BENCH_SERVE_CACHE_FILE_H

#include <errno.h>
#include <unistd.h>

#include "bench/serve/cache/cache.h"
#include "locks/parts/hash.h"
#include "locks/parts/platform.h"

struct cache_file_record {
    uint64_t key;
    struct cache_value value;
    uint64_t checksum;
};

struct cache_file {
    int fd;
    uint64_t slots, ttl_ns;
    struct cache_source behind;
    _Atomic uint64_t hits, misses, unwritten;
};

static inline uint64_t cache_file_checksum(const struct cache_file_record *r)
{
    uint64_t sum = presence_hash(r->key, 1) ^ presence_hash(r->value.version, 2) ^
                   presence_hash(r->value.loaded_ns, 3) ^ presence_hash(r->value.took_ns, 4);

    for (unsigned i = 0; i < CACHE_WORDS; i++)
        sum = presence_hash(sum ^ r->value.data[i], 5 + i);
    return sum;
}

/* A key may lie at any of so many places in a row, which are read at once. */
enum { CACHE_FILE_WAYS = 4 };

static inline off_t cache_file_place(const struct cache_file *f, uint64_t key)
{
    return (off_t)(presence_hash(key, 0) % f->slots * CACHE_FILE_WAYS *
                   sizeof(struct cache_file_record));
}

static inline bool cache_file_counts(const struct cache_file *f, const struct cache_file_record *r,
                                     uint64_t now)
{
    return r->checksum == cache_file_checksum(r) && r->value.loaded_ns <= now &&
           now - r->value.loaded_ns < f->ttl_ns;
}

/*
 * Whether a record of the key counts at `now`: it is then *out.  Otherwise *way is where one would
 * best be written: in the place of the key's old one, of one that does not count, or of the oldest.
 */
static inline bool cache_file_find(const struct cache_file *f, uint64_t key, uint64_t now,
                                   struct cache_value *out, unsigned *way)
{
    struct cache_file_record set[CACHE_FILE_WAYS];
    ssize_t got = pread(f->fd, set, sizeof set, cache_file_place(f, key));
    uint64_t oldest = UINT64_MAX;

    *way = 0;
    for (unsigned i = 0; i < CACHE_FILE_WAYS; i++) {
        bool counts = got >= (ssize_t)((i + 1) * sizeof *set) && cache_file_counts(f, &set[i], now);
        if (counts && set[i].key == key) {
            *out = set[i].value;
            return true;
        }
        bool own = got >= (ssize_t)((i + 1) * sizeof *set) && set[i].key == key;
        uint64_t age = own ? 0 : counts ? set[i].value.loaded_ns : 1;
        if (age < oldest) {
            oldest = age;
            *way = i;
        }
    }
    return false;
}

static inline int cache_file_load(void *ctx, uint64_t key, uint64_t now, struct cache_value *out)
{
    struct cache_file *f = ctx;
    struct cache_file_record r = { .key = key };
    unsigned way;

    if (cache_file_find(f, key, now, out, &way)) {
        /* relaxed, all three: counts. */
        atomic_fetch_add_explicit(&f->hits, 1, memory_order_relaxed);
        return 0;
    }
    atomic_fetch_add_explicit(&f->misses, 1, memory_order_relaxed);
    int error = f->behind.load(f->behind.ctx, key, now, out);
    if (error)
        return error;
    r.value = *out;
    r.checksum = cache_file_checksum(&r);
    /* A record that could not be written is a miss the next time, and a torn one as well. */
    if (pwrite(f->fd, &r, sizeof r, cache_file_place(f, key) + (off_t)(way * sizeof r)) !=
        (ssize_t)sizeof r)
        atomic_fetch_add_explicit(&f->unwritten, 1, memory_order_relaxed);
    return 0;
}

static inline int cache_file_save(void *ctx, uint64_t key, uint64_t now, struct cache_value *value)
{
    struct cache_file *f = ctx;

    return f->behind.save(f->behind.ctx, key, now, value);
}

/* The source that the file is; `fd` stays the caller's. */
static inline struct cache_source cache_file_open(struct cache_file *f, int fd, uint64_t slots,
                                                  uint64_t ttl_ns, const struct cache_source *behind)
{
    f->fd = fd;
    f->slots = slots;
    f->ttl_ns = ttl_ns;
    f->behind = *behind;
    atomic_init(&f->hits, 0);
    atomic_init(&f->misses, 0);
    atomic_init(&f->unwritten, 0);
    return (struct cache_source){ cache_file_load, cache_file_save, f };
}

#endif
