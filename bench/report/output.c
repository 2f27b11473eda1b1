/* output.c - files by rename, devices and pipes in place, and what to say when they fail. */
#include "bench/report/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/base/arguments.h"

static int standard = -1; /* what was standard output before an option claimed it */

static bool is_standard(const char *path)
{
    static const char *const names[] = { "-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(path, names[i]) == 0)
            return true;
    return false;
}

/* ---- writing ---- */

/* Writes everything and makes sure that it arrived. */
static int write_through(int fd, const char *text)
{
    size_t left = strlen(text);

    while (left > 0) {
        ssize_t n = write(fd, text, left);
        if (n < 0 && errno != EINTR)
            return -errno;
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    /* A pipe or a device has nothing to synchronise. */
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP)
        return -errno;
    return 0;
}

static int write_and_close(int fd, const char *text)
{
    int error = fd < 0 ? -errno : write_through(fd, text);

    if (fd >= 0 && close(fd) != 0 && !error)
        error = -errno;
    return error;
}

static int write_in_place(const char *path, const char *text)
{
    return write_and_close(open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666),
                           text);
}

static int write_standard(const char *text)
{
    if (standard >= 0)
        return write_through(standard, text);
    return fflush(stdout) != 0 ? -errno : write_through(STDOUT_FILENO, text);
}

/* The file that the path means, behind all links; itself if it is not there.  free() it. */
static char *place_of(const char *path)
{
    char *place = realpath(path, NULL);

    return place || errno == ENOMEM ? place : strdup(path);
}

/* The name that is written first: beside the file.  free() it. */
static char *name_beside(const char *place)
{
    size_t size = strlen(place) + 32;
    char *beside = malloc(size);

    if (beside)
        snprintf(beside, size, "%s.%ld.tmp", place, (long)getpid());
    return beside;
}

/* Whether nothing can stand beside it, or take its place. */
static bool is_fixed(int error)
{
    return error == EACCES || error == EPERM || error == EROFS || error == EBUSY || error == EXDEV;
}

/* Open for writing, with the mode and the owner of `old`, or those of a new file; or -1. */
static int open_beside(const char *beside, const struct stat *old)
{
    int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
                  old ? 0600 : 0666);

    if (fd >= 0 && old) {
        /* Only root can give a file away; who cannot keeps it. */
        bool given = fchown(fd, old->st_uid, old->st_gid) == 0;
        /* Without the owner's bits for running as somebody else if it is not the same owner. */
        fchmod(fd, old->st_mode & (given ? 07777 : 0777));
    }
    return fd;
}

static int replace(const char *place, const struct stat *old, const char *text)
{
    char *beside = name_beside(place);

    if (!beside)
        return -ENOMEM;
    int fd = open_beside(beside, old);
    int error = write_and_close(fd, text);
    if (!error && rename(beside, place) != 0)
        error = -errno;
    if (error && fd >= 0)
        unlink(beside);
    free(beside);
    return error && old && is_fixed(-error) ? write_in_place(place, text) : error;
}

/* Whether a file may be replaced by another; `st` is what is there. */
static bool may_be_replaced(const struct stat *st)
{
    return S_ISREG(st->st_mode) && st->st_nlink == 1;
}

/* A link to a file that is not there yet. */
static bool is_dangling(const char *path)
{
    struct stat st;

    return stat(path, &st) != 0 && lstat(path, &st) == 0;
}

bool output_is_replaced(const char *path)
{
    struct stat st;

    return !is_standard(path) && (stat(path, &st) != 0 || S_ISREG(st.st_mode));
}

int output_write(const char *path, const char *text)
{
    struct stat st;

    if (is_standard(path))
        return write_standard(text);
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return -EISDIR;
    if (there ? !may_be_replaced(&st) : is_dangling(path))
        return write_in_place(path, text);
    char *place = place_of(path);
    int error = place ? replace(place, there ? &st : NULL, text) : -ENOMEM;
    free(place);
    return error;
}

/* ---- trying ---- */

/* Whether a file can be made beside the place; leaves nothing. */
static int try_beside(const char *path)
{
    char *place = place_of(path), *beside = place ? name_beside(place) : NULL;
    int error = beside ? 0 : -ENOMEM;
    int fd = beside ? open(beside, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600) : -1;

    if (!error && (fd < 0 || close(fd) != 0 || unlink(beside) != 0))
        error = -errno;
    free(place);
    free(beside);
    return error;
}

/* Whether output_write() could write it now.  0 or a negative errno value. */
static int try_one(const char *path)
{
    struct stat st;
    int error;

    if (!path[0])
        return -ENOENT;
    if (is_standard(path))
        return fcntl(STDOUT_FILENO, F_GETFD) < 0 ? -errno : 0;
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode))
        return -EISDIR;
    if (there && !S_ISREG(st.st_mode)) /* opening a pipe would wait */
        return access(path, W_OK) == 0 ? 0 : -errno;
    error = try_beside(path);
    return error && there && is_fixed(-error) ? access(path, W_OK) == 0 ? 0 : -errno : error;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int refuse(const struct output *o, const char *why, const char *name)
{
    return arguments_error("--%s=%s: %s%s", o->option, o->path, why, name);
}

/* Whether writing it would destroy something that is still wanted. */
static int check_clash(const struct output *outputs, const struct output *o,
                       const char *const *inputs, size_t input_count)
{
    struct stat mine, other;
    bool there = !is_standard(o->path) && stat(o->path, &mine) == 0 && S_ISREG(mine.st_mode);

    for (const struct output *p = outputs; p != o; p++)
        if (p->path && ((is_standard(p->path) && is_standard(o->path)) ||
                        strcmp(p->path, o->path) == 0 ||
                        (there && stat(p->path, &other) == 0 && is_same(&mine, &other))))
            if (strcmp(o->path, "/dev/null") != 0)
                return refuse(o, "it would overwrite what is written by --", p->option);
    if (!there)
        return 0;
    for (size_t i = 0; i < input_count; i++) {
        bool read = strcmp(inputs[i], "-") == 0;
        if ((read ? fstat(STDIN_FILENO, &other) : stat(inputs[i], &other)) == 0 &&
            is_same(&mine, &other))
            return refuse(o, "it is an input, which would be lost: ",
                          read ? "standard input" : inputs[i]);
    }
    for (int fd = STDOUT_FILENO; fd <= STDERR_FILENO; fd++)
        if (fstat(fd, &other) == 0 && is_same(&mine, &other))
            return refuse(o, "what is printed goes there, too; '-' means standard output", "");
    return 0;
}

/* From now on what is printed goes to standard error. */
static int claim_standard(void)
{
    fflush(stdout);
    standard = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return standard < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0 ? -errno : 0;
}

static int complain(const char *option, const char *path, int error)
{
    if (error)
        arguments_error("--%s=%s: could not be written: %s", option, path, strerror(-error));
    return error;
}

int output_try(const struct output *outputs, const char *const *inputs, size_t input_count)
{
    const struct output *wants_standard = NULL;
    int error = 0;

    for (const struct output *o = outputs; o->option && !error; o++) {
        if (!o->path)
            continue;
        error = complain(o->option, o->path, try_one(o->path));
        if (!error)
            error = check_clash(outputs, o, inputs, input_count);
        if (is_standard(o->path))
            wants_standard = o;
    }
    if (!error && wants_standard && standard < 0)
        error = complain(wants_standard->option, wants_standard->path, claim_standard());
    return error;
}

int output_save(const char *option, const char *path, const char *text)
{
    return complain(option, path, text ? output_write(path, text) : -ENOMEM);
}

int output_end(int status)
{
    bool failed = ferror(stdout);

    errno = 0;
    if (failed) /* earlier, and the reason is forgotten: one byte more is refused for the same one */
        (void)!write(STDOUT_FILENO, "\n", 1);
    failed |= fflush(stdout) != 0;
    if (!failed || errno == EPIPE)
        return status;
    arguments_error("what was printed could not be written%s%s", errno ? ": " : "",
                    errno ? strerror(errno) : "");
    return status == 0 ? 1 : status;
}
