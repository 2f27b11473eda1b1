/* attempt.c - a child with a pipe, a deadline and a file for its figures. */
#include "bench/course/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/base/interrupt.h"
#include "bench/base/shortage.h"
#include "locks/parts/platform.h"

enum { WORDS = 64, WORDS_SIZE = 2048, POLL_MS = 100, PATIENCE_MS = 3000 };

/* ---- the command line ---- */

struct words {
    char buffer[WORDS_SIZE];
    char *list[WORDS + 1];
    unsigned count;
    size_t used;
};

/* Adds the words of a text.  0 or -E2BIG. */
static int add_words(struct words *w, const char *text)
{
    while (*(text += strspn(text, " "))) {
        bool quoted = false;
        if (w->count == WORDS)
            return -E2BIG;
        w->list[w->count++] = w->buffer + w->used;
        for (; *text && (quoted || *text != ' '); text++) {
            if (*text == '\'') {
                quoted = !quoted;
                continue;
            }
            if (w->used + 2 > WORDS_SIZE)
                return -E2BIG;
            w->buffer[w->used++] = *text;
        }
        if (w->used + 1 > WORDS_SIZE)
            return -E2BIG;
        w->buffer[w->used++] = '\0';
    }
    w->list[w->count] = NULL;
    return 0;
}

/* How much of a word "--name=value" is its name; 0: it is no such word. */
static size_t option_name(const char *word)
{
    const char *equals = strncmp(word, "--", 2) == 0 ? strchr(word, '=') : NULL;

    return equals ? (size_t)(equals - word) : 0;
}

/* Adds options; one that is there already takes the place of the old one.  0 or -E2BIG. */
static int add_options(struct words *w, const char *text)
{
    unsigned old = w->count, kept = old;
    int error = add_words(w, text);

    for (unsigned i = old; !error && i < w->count; i++) {
        size_t length = option_name(w->list[i]);
        unsigned same = 0;
        while (same < old && !(length && option_name(w->list[same]) == length &&
                               strncmp(w->list[same], w->list[i], length) == 0))
            same++;
        w->list[same < old ? same : kept++] = w->list[i];
    }
    w->count = error ? w->count : kept;
    w->list[w->count] = NULL;
    return error;
}

/* ---- who else used the machine ---- */

struct ticks {
    double busy, all; /* of all processors, in ticks; NAN = unavailable */
};

static struct ticks read_ticks(void)
{
    double field[8];
    FILE *f = fopen("/proc/stat", "re");
    bool read = f && fscanf(f, "cpu %lf %lf %lf %lf %lf %lf %lf %lf", &field[0], &field[1], &field[2],
                            &field[3], &field[4], &field[5], &field[6], &field[7]) == 8;
    struct ticks t = { NAN, NAN };

    if (f)
        fclose(f);
    if (!read)
        return t;
    t.all = 0;
    for (int i = 0; i < 8; i++)
        t.all += field[i];
    t.busy = t.all - field[3] - field[4]; /* but for idle and iowait */
    return t;
}

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Processor time of this process and of the children that it has waited for, in ticks. */
static double own_ticks(void)
{
    struct rusage own, children;

    getrusage(RUSAGE_SELF, &own);
    getrusage(RUSAGE_CHILDREN, &children);
    return (seconds_of(own.ru_utime) + seconds_of(own.ru_stime) + seconds_of(children.ru_utime) +
            seconds_of(children.ru_stime)) * (double)sysconf(_SC_CLK_TCK);
}

/* The kernel's account is by whole ticks, ours is not: a tick of each processor is rounding. */
static double others_share(struct ticks before, struct ticks now, double own)
{
    double all = now.all - before.all, rounding = (double)sysconf(_SC_NPROCESSORS_ONLN);

    return all > 0 ? fmax(0, (now.busy - before.busy - own - rounding) / all) : NAN;
}

/* ---- the child ---- */

/* Becomes the command.  Only what may be called between fork() and exec(). */
_Noreturn static void become(char **words, int out, int in, bool silent)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (dup2(in, STDIN_FILENO) == -1 || dup2(out, STDOUT_FILENO) == -1 ||
        (silent && dup2(in, STDERR_FILENO) == -1))
        _exit(127);
    execv("/proc/self/exe", words);
    _exit(127);
}

static int start(pid_t *child, int *from, char **words, bool silent)
{
    int ends[2], nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    if (nothing == -1 || pipe2(ends, O_CLOEXEC) == -1) {
        int error = -errno;
        if (nothing != -1)
            close(nothing);
        return error;
    }
    fflush(NULL);
    *child = fork();
    if (*child == 0)
        become(words, ends[1], nothing, silent);
    int error = *child == -1 ? -errno : 0;
    shortage_note(error);
    close(nothing);
    close(ends[1]);
    if (error)
        close(ends[0]);
    *from = ends[0];
    return error;
}

/* ---- listening ---- */

struct listener {
    struct attempt *attempt;
    const char *path; /* of the figures; a line that names it is left out, since the file goes again */
    char line[2048];  /* what has come of a line */
    size_t used;
    const struct attempt_request *request;
    FILE *kept;
    pid_t child;
    int from;
    uint64_t ends_ns;
    uint64_t asked_ns; /* when it was asked to end; 0: not yet */
};

/* Ends a child that takes too long, or that did not hear the Ctrl-C that we heard. */
static void watch(struct listener *l)
{
    uint64_t now = contend_clock_ns(), patience = PATIENCE_MS * UINT64_C(1000000);

    if (interrupt_came() && !l->attempt->interrupted) {
        l->attempt->interrupted = true;
        l->asked_ns = now; /* the terminal has told the child as well */
    }
    if (!l->attempt->late && now > l->ends_ns) {
        l->attempt->late = true;
        l->asked_ns = now;
        kill(l->child, SIGTERM);
    }
    if (l->asked_ns && now > l->asked_ns + patience) {
        kill(l->child, now > l->asked_ns + 2 * patience ? SIGKILL : SIGTERM);
        l->asked_ns = now > l->asked_ns + 2 * patience ? now : l->asked_ns;
    }
}

static void pass_on(struct listener *l)
{
    l->line[l->used] = '\0';
    l->used = 0;
    if (l->path[0] && strstr(l->line, l->path))
        return;
    fputs(l->line, l->kept);
    if (l->request->show) {
        fputs(l->line, l->request->show);
        fflush(l->request->show);
    }
}

/* Passes on what is complete, line by line. */
static void hear(struct listener *l, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i])
            l->line[l->used++] = text[i];
        if (text[i] == '\n' || l->used + 1 == sizeof l->line)
            pass_on(l);
    }
}

static void listen_to(struct listener *l)
{
    struct pollfd poller = { .fd = l->from, .events = POLLIN };
    char text[4096];

    for (;;) {
        watch(l);
        int ready = poll(&poller, 1, POLL_MS);
        if (ready <= 0)
            continue; /* a signal, or nothing yet: the deadline bounds it */
        ssize_t length = read(l->from, text, sizeof text);
        if (length <= 0) {
            pass_on(l);
            return;
        }
        hear(l, text, (size_t)length);
    }
}

static int run_child(struct attempt *t, const struct attempt_request *q, char **words, const char *path)
{
    size_t size;
    struct listener l = { .attempt = t, .request = q, .path = path, .kept = open_memstream(&t->output, &size) };
    int error = l.kept ? start(&l.child, &l.from, words, q->silent) : -ENOMEM, status = 0;

    if (!error) {
        l.ends_ns = contend_clock_ns() + q->limit_s * UINT64_C(1000000000);
        listen_to(&l);
        close(l.from);
        while (waitpid(l.child, &status, 0) == -1 && errno == EINTR)
            continue;
        t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        t->interrupted |= interrupt_came();
    }
    if (l.kept && (fclose(l.kept) != 0 || !t->output))
        error = error ? error : -ENOMEM;
    return error;
}

/* ---- the file with the figures ---- */

/* A new file's name; the file is there.  Whether it could be made. */
static bool make_file(char path[], size_t size)
{
    const char *folder = getenv("TMPDIR");

    snprintf(path, size, "%s/contend-lab-XXXXXX", folder && folder[0] ? folder : "/tmp");
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd == -1)
        return false;
    close(fd);
    return true;
}

int attempt_run(struct attempt *t, const struct attempt_request *q)
{
    struct words w = { .count = 0 };
    char path[1024] = "", option[1100] = "";
    json_error_t ignored;

    *t = (struct attempt){ .others = NAN };
    if (q->figures && !make_file(path, sizeof path))
        return -errno;
    if (q->figures)
        snprintf(option, sizeof option, "'--json=%s'", path);
    int error = add_words(&w, q->command);
    error = error ? error : add_options(&w, q->more);
    error = error ? error : add_words(&w, option);
    if (!error) {
        struct ticks before = read_ticks();
        double own = own_ticks();
        uint64_t began = contend_clock_ns();
        error = run_child(t, q, w.list, path);
        t->seconds = (double)(contend_clock_ns() - began) / 1e9;
        t->others = others_share(before, read_ticks(), own_ticks() - own);
    }
    if (!error && path[0])
        t->figures = json_load_file(path, 0, &ignored);
    if (path[0])
        unlink(path);
    return error;
}

void attempt_free(struct attempt *t)
{
    free(t->output);
    json_decref(t->figures);
    *t = (struct attempt){ .status = 0 };
}
