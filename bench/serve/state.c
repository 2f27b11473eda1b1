/* state.c - see state.h. */
#include "bench/serve/state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/arguments.h"
#include "bench/serve/request.h"

static const char magic[] = "contend-state 1\n";

static uint64_t hash_of(const char *text, size_t length)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (size_t i = 0; i < length; i++)
        h = (h ^ (unsigned char)text[i]) * UINT64_C(0x100000001b3);
    return h;
}

static uint64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* ---- reading ---- */

enum { MOST_NUMBERS = 3 };

/* A line "word 1 2 3": its numbers; their number, or -1 if it is none. */
static int read_line(const char *line, size_t length, const char *word,
                     uint64_t numbers[MOST_NUMBERS])
{
    size_t at = strlen(word);
    int count = 0;

    if (length <= at || memcmp(line, word, at) != 0)
        return -1;
    while (at < length) {
        if (line[at++] != ' ' || count == MOST_NUMBERS)
            return -1;
        const char *blank = memchr(line + at, ' ', length - at);
        size_t digits = blank ? (size_t)(blank - line) - at : length - at;
        if (request_number(line + at, digits, &numbers[count++]) != 0)
            return -1;
        at += digits;
    }
    return count;
}

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

/* One line of a user, a pair or a post, taken if there is a taker.  -EINVAL for any other. */
static int take_line(const char *line, size_t length, const struct state_taker *taker)
{
    uint64_t n[MOST_NUMBERS];

    if (read_line(line, length, "user", n) == 2)
        return taker ? taker->user(taker->ctx, n[0], n[1]) : 0;
    if (read_line(line, length, "clap", n) == 3 && n[2] >= 1 && n[2] <= APPLAUSE_LIMIT)
        return taker ? taker->clap(taker->ctx, n[0], n[1], n[2]) : 0;
    if (read_line(line, length, "view", n) == 2 && n[1] < INT64_MAX / 2)
        return taker ? taker->view(taker->ctx, n[0], n[1]) : 0;
    return -EINVAL;
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
    uint64_t wanted, hash, count, numbers[MOST_NUMBERS];

    if (length < sizeof any - 1 || memcmp(text, any, sizeof any - 1) != 0)
        return refuse(why, "it is no state of contend serve");
    if (length < sizeof magic - 1 || memcmp(text, magic, sizeof magic - 1) != 0)
        return refuse(why, "it is of a version that this build does not read");
    const char *end = find_end(text, length, &wanted, &hash);
    if (!end)
        return refuse(why, "its end is missing");
    if (hash_of(text, (size_t)(end - text)) != hash)
        return refuse(why, "it is damaged: its checksum is another");
    text += sizeof magic - 1;
    const char *stop = text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
    if (!stop || read_line(text, (size_t)(stop - text), "saved", numbers) != 1)
        return refuse(why, "the time is missing");
    if (take_lines(stop + 1, end, NULL, &count) != 0 || count != wanted)
        return refuse(why, "a line is none of a state");
    taker->begin(taker->ctx, numbers[0]);
    return take_lines(stop + 1, end, taker, &count);
}

/* ---- restoring ---- */

struct restoring {
    struct service *s;
    unsigned side;
    uint64_t now, gone_ms; /* virtual: how long ago it was saved */
};

static void restore_begin(void *ctx, uint64_t saved_ms)
{
    struct restoring *r = ctx;
    uint64_t wall = wall_ms();

    r->gone_ms = wall > saved_ms ? (wall - saved_ms) * r->s->plan.speed : 0;
}

static int restore_user(void *ctx, uint64_t user, uint64_t age_ms)
{
    struct restoring *r = ctx;
    uint64_t most = users_remembered_ms(r->s->users);

    if (r->gone_ms > most || age_ms > most - r->gone_ms)
        return 0; /* forgotten by now */
    return service_remember(r->s, r->side, user, r->now - age_ms - r->gone_ms);
}

static int restore_clap(void *ctx, uint64_t post, uint64_t reader, uint64_t claps)
{
    struct restoring *r = ctx;
    int given = applause_give(r->s->applause, r->side, post, reader, (int)claps);

    return given < 0 ? given : 0;
}

static int restore_view(void *ctx, uint64_t post, uint64_t views)
{
    struct restoring *r = ctx;

    return views_add(r->s->views, r->side, post, (int64_t)views);
}

/* All of a file; to be freed.  NULL, with errno. */
static char *read_file(const char *path, size_t *length)
{
    FILE *in = fopen(path, "rb"), *out;
    char *text = NULL, block[65536];
    size_t n;

    if (!in)
        return NULL;
    out = open_memstream(&text, length);
    while (out && (n = fread(block, 1, sizeof block, in)) > 0)
        fwrite(block, 1, n, out);
    int error = !out ? ENOMEM : ferror(in) ? EIO : 0;
    fclose(in);
    if (out && fclose(out) != 0)
        error = ENOMEM;
    if (error) {
        free(text);
        errno = error;
        return NULL;
    }
    return text;
}

int state_restore(struct service *s, const char *path)
{
    struct restoring r = { .s = s, .side = s->sides - 1, .now = serve_clock_ms(&s->clock) };
    const struct state_taker taker = { restore_begin, restore_user, restore_clap, restore_view, &r };
    char why[STATE_WHY] = "";
    size_t length;
    char *text = read_file(path, &length);

    if (!text)
        return errno == ENOENT ? 0 : arguments_error("%s: %s", path, strerror(errno));
    int error = state_read(text, length, &taker, why);
    free(text);
    if (error == -ERANGE)
        return arguments_error("%s has more posts, readers or users than --posts, --readers and "
                               "--users, or ids that this map does not take", path);
    if (error)
        return arguments_error("%s: %s", path, why[0] ? why : strerror(-error));
    return 0;
}

/* ---- saving ---- */

struct saving {
    FILE *out;
    uint64_t now, lines;
};

static int save_user(void *ctx, uint64_t user, uint64_t last_seen)
{
    struct saving *v = ctx;

    fprintf(v->out, "user %" PRIu64 " %" PRIu64 "\n", user,
            last_seen < v->now ? v->now - last_seen : 0);
    v->lines++;
    return 0;
}

static int save_posts(struct service *s, struct saving *v)
{
    unsigned side = s->sides - 1;

    for (uint64_t post = 0; post < s->plan.posts; post++) {
        int64_t views = views_read(s->views, side, post);
        for (uint64_t reader = 0; reader < s->plan.readers; reader++) {
            int given = applause_given(s->applause, side, post, reader);
            if (given > 0)
                fprintf(v->out, "clap %" PRIu64 " %" PRIu64 " %d\n", post, reader, given);
            v->lines += given > 0;
        }
        if (views > 0)
            fprintf(v->out, "view %" PRIu64 " %" PRId64 "\n", post, views);
        v->lines += views > 0;
    }
    return 0;
}

/* The state as a text; to be freed.  NULL, with errno. */
static char *make_text(struct service *s, size_t *length)
{
    struct saving v = { .now = serve_clock_ms(&s->clock) };
    char *text = NULL;

    v.out = open_memstream(&text, length);
    if (!v.out)
        return NULL;
    fprintf(v.out, "%ssaved %" PRIu64 "\n", magic, wall_ms());
    int error = users_each(s->users, s->sides - 1, v.now, save_user, &v);
    if (!error)
        error = save_posts(s, &v);
    if (fflush(v.out) != 0)
        error = -ENOMEM;
    if (!error)
        fprintf(v.out, "end %" PRIu64 " %016" PRIx64 "\n", v.lines, hash_of(text, *length));
    if (fclose(v.out) != 0)
        error = -ENOMEM;
    if (error) {
        free(text);
        errno = -error;
        return NULL;
    }
    return text;
}

/* Writes all of it to the disk.  0, or a negative errno value. */
static int write_all(const char *path, const char *text, size_t length)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), error = 0;

    if (fd < 0)
        return -errno;
    while (length && !error) {
        ssize_t n = write(fd, text, length);
        if (n < 0 && errno != EINTR)
            error = -errno;
        text += n > 0 ? n : 0;
        length -= n > 0 ? (size_t)n : 0;
    }
    if (!error && fsync(fd) != 0)
        error = -errno;
    if (close(fd) != 0 && !error)
        error = -errno;
    return error;
}

/* So that the new name is on the disk as well. */
static void sync_folder(const char *path)
{
    char *copy = strdup(path);
    int fd = copy ? open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

    if (fd >= 0) {
        (void)!fsync(fd);
        close(fd);
    }
    free(copy);
}

int state_save(struct service *s, const char *path)
{
    size_t length = 0;
    char *beside = NULL, *text = make_text(s, &length);
    int error = text ? 0 : -errno;

    if (!error && asprintf(&beside, "%s.new", path) < 0) {
        beside = NULL;
        error = -ENOMEM;
    }
    if (!error)
        error = write_all(beside, text, length);
    if (!error && rename(beside, path) != 0)
        error = -errno;
    if (error && beside)
        unlink(beside);
    else if (!error)
        sync_folder(path);
    free(beside);
    free(text);
    if (!error)
        tally_add(&s->side[s->sides - 1].tally.saves, 1);
    return error;
}
