/* state_read.c - reads the text of a state; see state.h. */
#include <errno.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/serve/request.h"
#include "bench/serve/state.h"

uint64_t state_hash(const char *text, size_t length)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return h;
}

/* ---- a line ---- */

enum { MOST_NUMBERS = 5, MOST_TEXTS = 2 };

struct fields {
    uint64_t n[MOST_NUMBERS];
    char *text[MOST_TEXTS]; /* to be freed; not ended by a 0 */
    size_t size[MOST_TEXTS];
    unsigned numbers, texts;
};

/* The value of a hexadecimal digit as a state is written, or -1. */
static int digit_of(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A text: two digits a byte, and "-" for none.  Only UTF-8 without a 0 is one. */
static int read_text(struct fields *f, const char *from, size_t length)
{
    bool none = length == 1 && from[0] == '-';
    size_t size = none ? 0 : length / 2;
    char *text = f->texts < MOST_TEXTS && (none || (length > 0 && length % 2 == 0))
                     ? malloc(size + 1) : NULL;
    int bad = 0;

    if (!text)
        return -EINVAL;
    for (size_t i = 0; i < size; i++) {
        int high = digit_of(from[2 * i]), low = digit_of(from[2 * i + 1]);
        bad |= high < 0 || low < 0 || (high == 0 && low == 0);
        text[i] = (char)(bad ? 1 : 16 * high + low);
    }
    json_t *valid = bad ? NULL : json_stringn(text, size);
    json_decref(valid);
    f->size[f->texts] = size;
    f->text[f->texts++] = text;
    return valid ? 0 : -EINVAL;
}

static void free_fields(struct fields *f)
{
    for (unsigned i = 0; i < f->texts; i++)
        free(f->text[i]);
}

/*
 * A line of the word and of fields, each "n" for a number and "t" for a text: "nnt".  0; -ENOENT if the
 * word is another; or -EINVAL.  The fields are to be freed if it is 0.
 */
static int read_line(const char *line, size_t length, const char *word, const char *form,
                     struct fields *f)
{
    size_t at = strlen(word);
    int error = 0;

    *f = (struct fields){ .numbers = 0 };
    if (length <= at || memcmp(line, word, at) != 0 || line[at] != ' ')
        return -ENOENT;
    for (; *form && !error; form++) {
        if (at >= length || line[at++] != ' ') {
            error = -EINVAL;
            break;
        }
        const char *blank = memchr(line + at, ' ', length - at);
        size_t size = blank ? (size_t)(blank - line) - at : length - at;
        error = *form == 't' ? read_text(f, line + at, size)
                             : request_number(line + at, size, &f->n[f->numbers++]);
        at += size;
    }
    error = error ? error : at == length ? 0 : -EINVAL;
    if (error)
        free_fields(f);
    return error;
}

/* ---- kinds of lines ---- */

static int take_user(const struct state_taker *t, const struct fields *f)
{
    return t ? t->user(t->ctx, f->n[0], f->n[1]) : 0;
}

static int take_clap(const struct state_taker *t, const struct fields *f)
{
    if (f->n[2] < 1 || f->n[2] > APPLAUSE_LIMIT)
        return -EINVAL;
    return t ? t->clap(t->ctx, f->n[0], f->n[1], f->n[2]) : 0;
}

static int take_view(const struct state_taker *t, const struct fields *f)
{
    if (f->n[1] >= INT64_MAX / 2)
        return -EINVAL;
    return t ? t->view(t->ctx, f->n[0], f->n[1]) : 0;
}

static int take_person(const struct state_taker *t, const struct fields *f)
{
    struct directory_person p = { .id = f->n[0], .name_size = (uint32_t)f->size[0],
                                  .bio_size = (uint32_t)f->size[1] };

    if (f->n[0] > INT64_MAX || f->size[0] > sizeof p.name || f->size[1] > sizeof p.bio)
        return -EINVAL;
    memcpy(p.name, f->text[0], f->size[0]);
    memcpy(p.bio, f->text[1], f->size[1]);
    return t ? t->person(t->ctx, &p) : 0;
}

static int take_blog(const struct state_taker *t, const struct fields *f)
{
    struct directory_blog b = { .id = f->n[0], .owner = f->n[1], .title_size = (uint32_t)f->size[0] };

    if (f->size[0] > sizeof b.title)
        return -EINVAL;
    memcpy(b.title, f->text[0], f->size[0]);
    return t ? t->blog(t->ctx, &b) : 0;
}

static int take_post(const struct state_taker *t, const struct fields *f)
{
    const struct posts_draft d = {
        .id = f->n[0], .blog = f->n[1], .published_at = f->n[2],
        .title = f->text[0], .title_size = (uint32_t)f->size[0],
        .body = f->text[1], .body_size = (uint32_t)f->size[1],
    };

    if (f->n[0] == 0 || f->n[2] > INT64_MAX || f->n[3] > 1 || f->size[0] > POSTS_TITLE ||
        f->size[1] > POSTS_BODY)
        return -EINVAL;
    return t ? t->post(t->ctx, &d, f->n[3] == 1, f->n[4]) : 0;
}

static int take_last(const struct state_taker *t, const struct fields *f)
{
    return t ? t->last(t->ctx, f->n[0]) : 0;
}

static const struct kind {
    const char *word, *form;
    int (*take)(const struct state_taker *taker, const struct fields *f);
} kinds[] = {
    { "user", "nn", take_user }, { "clap", "nnn", take_clap }, { "view", "nn", take_view },
    { "person", "ntt", take_person }, { "blog", "nnt", take_blog }, { "post", "nnnnntt", take_post },
    { "last", "n", take_last },
};

/* One line, taken if there is a taker.  -EINVAL if it is none of these. */
static int take_line(const char *line, size_t length, const struct state_taker *taker)
{
    struct fields f;

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        int error = read_line(line, length, kinds[i].word, kinds[i].form, &f);
        if (error == -ENOENT)
            continue;
        if (!error) {
            error = kinds[i].take(taker, &f);
            free_fields(&f);
        }
        return error;
    }
    return -EINVAL;
}

/* ---- the whole ---- */

/* The last line: "end 3 9ae16a3b2f90404f".  Where it begins, or NULL. */
static const char *find_end(const char *text, size_t length, uint64_t *lines, uint64_t *hash)
{
    const char *end = text + length, *at = end - 1;
    char copy[64], *stop;

    if (length < 2 || *at != '\n')
        return NULL;
    while (at > text && at[-1] != '\n')
        at--;
    size_t size = (size_t)(end - at) - 1;
    if (size >= sizeof copy)
        return NULL;
    memcpy(copy, at, size);
    copy[size] = '\0';
    if (strncmp(copy, "end ", 4) != 0 || copy[4] < '0' || copy[4] > '9')
        return NULL;
    *lines = strtoull(copy + 4, &stop, 10);
    if (stop[0] != ' ' || strspn(stop + 1, "0123456789abcdef") != 16 || stop[17])
        return NULL;
    *hash = strtoull(stop + 1, NULL, 16);
    return at;
}

static int take_lines(const char *text, const char *end, const struct state_taker *taker,
                      uint64_t *count)
{
    for (*count = 0; text < end; ++*count) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        int error = stop ? take_line(text, (size_t)(stop - text), taker) : -EINVAL;
        if (error)
            return error;
        text = stop + 1;
    }
    return 0;
}

static int refuse(char why[STATE_WHY], const char *reason)
{
    snprintf(why, STATE_WHY, "%s", reason);
    return -EINVAL;
}

int state_read(const char *text, size_t length, const struct state_taker *taker,
               char why[STATE_WHY])
{
    static const char any[] = "contend-state ";
    uint64_t wanted, hash, count;
    struct fields saved;

    if (length < sizeof any - 1 || memcmp(text, any, sizeof any - 1) != 0)
        return refuse(why, "it is no state of contend serve");
    if (length < sizeof state_magic - 1 || memcmp(text, state_magic, sizeof state_magic - 1) != 0)
        return refuse(why, "it is of a version that this build does not read");
    const char *end = find_end(text, length, &wanted, &hash);
    if (!end)
        return refuse(why, "its end is missing");
    if (state_hash(text, (size_t)(end - text)) != hash)
        return refuse(why, "it is damaged: its checksum is another");
    text += sizeof state_magic - 1;
    const char *stop = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
    if (!stop || read_line(text, (size_t)(stop - text), "saved", "n", &saved) != 0)
        return refuse(why, "the time is missing");
    if (take_lines(stop + 1, end, NULL, &count) != 0 || count != wanted)
        return refuse(why, "a line is none of a state");
    taker->begin(taker->ctx, saved.n[0]);
    return take_lines(stop + 1, end, taker, &count);
}

