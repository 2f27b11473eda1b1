/*
 * serve_cache_file.c - the file of a cache's level on a disk: a line "SLOTS KEY NOW TTL FAILS", and behind it the
 * file, as it is and with the checksums that its records should have, so that what they protect is read too.
 *
 * A slow reader says which record counts; if none does, the source behind is asked, and what it gave is found
 * the next time, in the key's own places and nowhere else.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/serve/cache/file.h"
#include "tests/fuzz/fuzz.h"

enum { RECORD = sizeof(struct cache_file_record), SET = CACHE_FILE_WAYS * RECORD, MOST_SLOTS = 16 };

struct asked {
    uint64_t slots, key, now, ttl, fails;
};

/* The source: what it says of a key, and how often it was asked. */
struct behind {
    bool fails;
    unsigned asked;
};

static struct cache_value value_of(uint64_t key, uint64_t now)
{
    return (struct cache_value){ .version = 1, .loaded_ns = now, .took_ns = 5, .data = { key, ~key } };
}

static int load(void *ctx, uint64_t key, uint64_t now, struct cache_value *out)
{
    struct behind *b = ctx;

    b->asked++;
    if (b->fails)
        return -EIO;
    *out = value_of(key, now);
    return 0;
}

static int save(void *ctx, uint64_t key, uint64_t now, struct cache_value *value)
{
    (void)ctx, (void)key, (void)now, (void)value;
    return 0;
}

static bool same(const struct cache_value *a, const struct cache_value *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The first record of the key that counts, of the places that are whole; or false. */
static bool find_slowly(const uint8_t *file, size_t size, size_t place, const struct asked *q,
                        struct cache_value *out)
{
    struct cache_file_record r;

    for (size_t at = place; at < place + SET && at + RECORD <= size; at += RECORD) {
        memcpy(&r, file + at, RECORD);
        if (r.key == q->key && r.checksum == cache_file_checksum(&r) && r.value.loaded_ns <= q->now &&
            q->now - r.value.loaded_ns < q->ttl) {
            *out = r.value;
            return true;
        }
    }
    return false;
}

/* Outside of the set nothing has changed, and the file is no longer than up to the set's end. */
static void check_rest(int fd, const uint8_t *file, size_t size, size_t place)
{
    size_t most = (size > place + SET ? size : place + SET) + 1;
    uint8_t *now = calloc(1, most);
    ssize_t got = pread(fd, now, most, 0);

    FUZZ_CHECK(got >= (ssize_t)size && got < (ssize_t)most);
    for (size_t i = 0; i < (size_t)got; i++)
        if (i < place || i >= place + SET)
            FUZZ_CHECK(now[i] == (i < size ? file[i] : 0));
    free(now);
}

static void try_file(const uint8_t *file, size_t size, const struct asked *q)
{
    char name[FUZZ_NAME];
    struct behind b = { q->fails & 1, 0 };
    const struct cache_source source = { load, save, &b };
    struct cache_file f;
    struct cache_value expected, out, again;
    int fd = fuzz_file(file, size, name);
    struct cache_source level = cache_file_open(&f, fd, q->slots, q->ttl, &source);
    size_t place = (size_t)cache_file_place(&f, q->key);

    FUZZ_CHECK(place % SET == 0 && place / SET < q->slots);
    bool hit = find_slowly(file, size, place, q, &expected);
    int error = level.load(level.ctx, q->key, q->now, &out);
    FUZZ_CHECK(b.asked == !hit && atomic_load(&f.hits) == hit && atomic_load(&f.misses) == !hit);
    FUZZ_CHECK(error == (!hit && b.fails ? -EIO : 0));
    check_rest(fd, file, size, place);
    if (error == 0) {
        if (!hit)
            expected = value_of(q->key, q->now);
        FUZZ_CHECK(same(&out, &expected));
        unsigned before = b.asked;
        FUZZ_CHECK(level.load(level.ctx, q->key, q->now, &again) == 0 || b.fails);
        /* Without a TTL nothing counts. */
        FUZZ_CHECK(b.asked == before + (q->ttl == 0) && (b.asked > before || same(&again, &expected)));
    }
    close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *rest;
    char *line = fuzz_string(data, fuzz_first_line(data, size, &rest));
    struct asked q;
    int found = sscanf(line, "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64, &q.slots, &q.key,
                       &q.now, &q.ttl, &q.fails);

    free(line);
    if (found != 5)
        return 0;
    q.slots = q.slots % MOST_SLOTS + 1;
    size = (size_t)(data + size - rest);
    uint8_t *file = (uint8_t *)fuzz_copy(rest, size);
    try_file(file, size, &q);
    for (size_t at = 0; at + RECORD <= size; at += RECORD) {
        struct cache_file_record r;
        memcpy(&r, file + at, RECORD);
        r.checksum = cache_file_checksum(&r);
        memcpy(file + at, &r, RECORD);
    }
    try_file(file, size, &q);
    free(file);
    return 0;
}
