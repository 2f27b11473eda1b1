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

static uint64_t wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
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

static int restore_person(void *ctx, const struct directory_person *p)
{
    struct restoring *r = ctx;
    int answer = blogs_set_person(r->s->blogs, r->side, p);

    return answer == -ENOSPC ? -ERANGE : answer < 0 ? answer : 0;
}

static int restore_blog(void *ctx, const struct directory_blog *b)
{
    struct restoring *r = ctx;
    struct directory_blog copy = *b;
    int error = directory_open(blogs_directory(r->s->blogs), &copy);

    if (error == -ENOSPC)
        return -ERANGE;
    return error ? error : copy.id == b->id ? 0 : -EINVAL; /* they stand in order */
}

static int restore_post(void *ctx, const struct posts_draft *draft, bool deleted,
                        uint64_t deleted_for_ms)
{
    struct restoring *r = ctx;
    int64_t id = blogs_write(r->s->blogs, r->side, draft);
    uint64_t gone = deleted_for_ms + r->gone_ms;

    if (id < 0)
        return id == -ENOSPC ? -ERANGE : (int)id;
    if (!deleted)
        return 0;
    gone = gone < deleted_for_ms || gone > r->now ? r->now : gone;
    return blogs_remove(r->s->blogs, r->side, draft->id, r->now - gone);
}

static int restore_last(void *ctx, uint64_t post)
{
    struct restoring *r = ctx;

    return blogs_skip_to(r->s->blogs, post);
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
    const struct state_taker taker = { restore_begin, restore_user, restore_clap, restore_view,
                                       restore_person, restore_blog, restore_post, restore_last, &r };
    char why[STATE_WHY] = "";
    size_t length;
    char *text = read_file(path, &length);

    if (!text)
        return errno == ENOENT ? 0 : arguments_error("%s: %s", path, strerror(errno));
    int error = state_read(text, length, &taker, why);
    free(text);
    if (error == -ERANGE)
        return arguments_error("%s has more posts, readers or users than --post-count, --readers and "
                               "--users, or ids that this map does not take", path);
    if (error == -ENOENT || error == -EEXIST || error == -EMFILE)
        return arguments_error("%s: a line contradicts those before it", path);
    if (error)
        return arguments_error("%s: %s", path, why[0] ? why : strerror(-error));
    directory_sort(blogs_directory(s->blogs));
    return 1;
}

/* ---- saving ---- */

struct saving {
    FILE *out;
    uint64_t now, lines, blogs; /* blogs: those that are saved */
};

static int save_user(void *ctx, uint64_t user, uint64_t last_seen)
{
    struct saving *v = ctx;

    fprintf(v->out, "user %" PRIu64 " %" PRIu64 "\n", user,
            last_seen < v->now ? v->now - last_seen : 0);
    v->lines++;
    return 0;
}

/* A text as a field of a line. */
static void save_text(FILE *out, const char *text, size_t size)
{
    fputs(size ? " " : " -", out);
    for (size_t i = 0; i < size; i++)
        fprintf(out, "%02x", (unsigned char)text[i]);
}

static int save_person(void *ctx, const struct directory_person *p)
{
    struct saving *v = ctx;

    fprintf(v->out, "person %" PRIu64, p->id);
    save_text(v->out, p->name, p->name_size);
    save_text(v->out, p->bio, p->bio_size);
    fputc('\n', v->out);
    v->lines++;
    return 0;
}

static int save_post(void *ctx, const struct posts_post *p)
{
    struct saving *v = ctx;

    if (p->blog > v->blogs)
        return 0; /* it came later, with a blog that is not saved */
    fprintf(v->out, "post %" PRIu64 " %" PRIu64 " %" PRIu64 " %d %" PRIu64, p->id, p->blog,
            p->published_at, p->deleted, p->deleted && p->deleted_at < v->now ? v->now - p->deleted_at : 0);
    save_text(v->out, p->title, p->title_size);
    save_text(v->out, p->body, p->body_size);
    fputc('\n', v->out);
    v->lines++;
    return 0;
}

/* The blogs are counted before people are written, so that the owner of each that is saved is, too. */
static int save_blogs(struct service *s, struct saving *v)
{
    struct directory *d = blogs_directory(s->blogs);
    struct directory_blog b;
    int error;

    v->blogs = directory_blogs(d);
    error = directory_each_person(d, save_person, v);
    for (uint64_t id = 1; id <= v->blogs && !error; id++, v->lines++) {
        error = directory_blog(d, id, &b);
        fprintf(v->out, "blog %" PRIu64 " %" PRIu64, b.id, b.owner);
        save_text(v->out, b.title, b.title_size);
        fputc('\n', v->out);
    }
    if (!error)
        error = blogs_each_post(s->blogs, s->sides - 1, save_post, v);
    fprintf(v->out, "last %" PRIu64 "\n", blogs_last(s->blogs));
    v->lines++;
    return error;
}

static int save_claps(void *ctx, uint64_t post, uint64_t reader, int given)
{
    struct saving *v = ctx;

    fprintf(v->out, "clap %" PRIu64 " %" PRIu64 " %d\n", post, reader, given);
    v->lines++;
    return 0;
}

/* What was given to posts, and how often they were read. */
static int save_figures(struct service *s, struct saving *v)
{
    unsigned side = s->sides - 1;
    int error = applause_each(s->applause, side, save_claps, v);

    for (uint64_t post = 0; post < s->plan.posts && !error; post++) {
        int64_t views = views_read(s->views, side, post);
        if (views > 0)
            fprintf(v->out, "view %" PRIu64 " %" PRId64 "\n", post, views);
        v->lines += views > 0;
        /* A store does not answer: the old file says more than one without it. */
        error = views < 0 ? -EIO : 0;
    }
    return error;
}

/* The state as a text; to be freed.  NULL, with errno. */
static char *make_text(struct service *s, size_t *length)
{
    struct saving v = { .now = serve_clock_ms(&s->clock) };
    char *text = NULL;

    v.out = open_memstream(&text, length);
    if (!v.out)
        return NULL;
    fprintf(v.out, "%ssaved %" PRIu64 "\n", state_magic, wall_ms());
    int error = users_each(s->users, s->sides - 1, v.now, save_user, &v);
    if (!error)
        error = save_blogs(s, &v);
    if (!error)
        error = save_figures(s, &v);
    if (fflush(v.out) != 0)
        error = -ENOMEM;
    if (!error)
        fprintf(v.out, "end %" PRIu64 " %016" PRIx64 "\n", v.lines, state_hash(text, *length));
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
    tally_add(error ? &s->side[s->sides - 1].tally.saves_failed
                    : &s->side[s->sides - 1].tally.saves, 1);
    return error;
}
