/*
 * serve_state.c - states of `contend serve`: as they are, and with the end that they should have, so
 * that what the checksum protects is read as well.
 *
 * What is taken, written again, must be the same text; after a refusal nothing has been taken.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/state.h"
#include "tests/fuzz/fuzz.h"

/* What was taken, as a state is written. */
struct copy {
    FILE *out;
    uint64_t lines;
};

static void begin(void *ctx, uint64_t saved_ms)
{
    struct copy *c = ctx;

    fprintf(c->out, "contend-state %d\nsaved %" PRIu64 "\n", STATE_VERSION, saved_ms);
}

static int take_user(void *ctx, uint64_t user, uint64_t age_ms)
{
    struct copy *c = ctx;

    c->lines++;
    return fprintf(c->out, "user %" PRIu64 " %" PRIu64 "\n", user, age_ms) < 0;
}

static int take_clap(void *ctx, uint64_t post, uint64_t reader, uint64_t claps)
{
    struct copy *c = ctx;

    FUZZ_CHECK(claps >= 1 && claps <= APPLAUSE_LIMIT);
    c->lines++;
    return fprintf(c->out, "clap %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", post, reader, claps) < 0;
}

static int take_view(void *ctx, uint64_t post, uint64_t views)
{
    struct copy *c = ctx;

    c->lines++;
    return fprintf(c->out, "view %" PRIu64 " %" PRIu64 "\n", post, views) < 0;
}

static void print_text(FILE *out, const char *text, size_t size)
{
    fputs(size ? " " : " -", out);
    for (size_t i = 0; i < size; i++)
        fprintf(out, "%02x", (unsigned char)text[i]);
}

static int take_person(void *ctx, const struct directory_person *p)
{
    struct copy *c = ctx;

    FUZZ_CHECK(p->name_size <= DIRECTORY_NAME && p->bio_size <= DIRECTORY_BIO);
    c->lines++;
    fprintf(c->out, "person %" PRIu64, p->id);
    print_text(c->out, p->name, p->name_size);
    print_text(c->out, p->bio, p->bio_size);
    return fputc('\n', c->out) == EOF;
}

static int take_blog(void *ctx, const struct directory_blog *b)
{
    struct copy *c = ctx;

    FUZZ_CHECK(b->title_size <= DIRECTORY_TITLE);
    c->lines++;
    fprintf(c->out, "blog %" PRIu64 " %" PRIu64, b->id, b->owner);
    print_text(c->out, b->title, b->title_size);
    return fputc('\n', c->out) == EOF;
}

static int take_post(void *ctx, const struct posts_draft *d, bool deleted, uint64_t deleted_for_ms)
{
    struct copy *c = ctx;

    FUZZ_CHECK(posts_check_draft(d) == 0 || d->id == UINT64_MAX);
    c->lines++;
    fprintf(c->out, "post %" PRIu64 " %" PRIu64 " %" PRIu64 " %d %" PRIu64, d->id, d->blog,
            d->published_at, deleted, deleted_for_ms);
    print_text(c->out, d->title, d->title_size);
    print_text(c->out, d->body, d->body_size);
    return fputc('\n', c->out) == EOF;
}

static int take_last(void *ctx, uint64_t post)
{
    struct copy *c = ctx;

    c->lines++;
    return fprintf(c->out, "last %" PRIu64 "\n", post) < 0;
}

/* FNV-1a, written once more. */
static uint64_t checksum(const char *text, size_t length)
{
    uint64_t h = 14695981039346656037u;

    while (length--) {
        h ^= (uint8_t)*text++;
        h *= 1099511628211u;
    }
    return h;
}

/* Numbers may have been written with zeros before them. */
static size_t without_zeros(const char *text, size_t length, char *out)
{
    size_t n = 0;

    for (size_t i = 0; i < length; i++) {
        int leads = text[i] == '0' && i && text[i - 1] == ' ';
        while (leads && i + 1 < length && text[i] == '0' && text[i + 1] >= '0' &&
               text[i + 1] <= '9')
            i++;
        out[n++] = text[i];
    }
    return n;
}

static void try_text(const char *text, size_t length)
{
    struct copy c = { NULL, 0 };
    const struct state_taker taker = { begin, take_user, take_clap, take_view, take_person,
                                       take_blog, take_post, take_last, &c };
    char *written = NULL, why[STATE_WHY] = "";
    size_t size;

    c.out = open_memstream(&written, &size);
    int error = state_read(text, length, &taker, why);
    fflush(c.out);
    FUZZ_CHECK(error == 0 || (error == -EINVAL && why[0] && size == 0));
    if (error == 0) {
        /* A hexadecimal text may begin with zeros as well, so both lose them. */
        char *plain = malloc(length), *again = malloc(size);
        size_t n = without_zeros(text, length, plain), m = without_zeros(written, size, again);
        FUZZ_CHECK(n > m && memcmp(plain, again, m) == 0);
        free(plain);
        free(again);
    }
    fclose(c.out);
    free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_copy(data, size), *whole;
    uint64_t lines = 0;

    try_text(text, size);
    for (size_t i = 0; i < size; i++)
        lines += text[i] == '\n';
    whole = malloc(size + 64);
    memcpy(whole, text, size);
    int end = snprintf(whole + size, 64, "end %" PRIu64 " %016" PRIx64 "\n", lines - 2,
                       checksum(text, size));
    char *exact = fuzz_copy(whole, size + (size_t)end);
    try_text(exact, size + (size_t)end);
    free(exact);
    free(whole);
    free(text);
    return 0;
}
