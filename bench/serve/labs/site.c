/* site.c - see site.h. */
#include "bench/serve/labs/site.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "bench/base/interrupt.h"
#include "bench/base/shortage.h"
#include "bench/serve/labs/said.h"
#include "bench/serve/labs/wire.h"
#include "bench/stores/servers/process.h"
#include "locks/parts/platform.h"

enum { START_MS = 30000, STOP_MS = 8000, LOOK_MS = 2, ANSWER_S = 20, PATH = 256 };

/* ---- processes ---- */

/* What has been written to the descriptor, ended by a zero byte; free() it.  NULL without memory. */
static char *everything(int fd)
{
    struct stat file;
    size_t size = fstat(fd, &file) == 0 ? (size_t)file.st_size : 0;
    char *text = malloc(size + 1);
    ssize_t n = text ? pread(fd, text, size, 0) : 0;

    if (text)
        text[n > 0 ? n : 0] = '\0';
    return text;
}

/* Starts argv[0], whose output goes to a new descriptor *log.  Its id, or a negative errno value. */
static pid_t start(const char *const *argv, int *log)
{
    char path[PATH], program[PATH];
    const char *words[SITE_OPTIONS + 1] = { argv[0] };
    pid_t pid;

    if (!strchr(argv[0], '/')) {
        if (!process_find(argv[0], program, sizeof program))
            return -ENOENT;
        words[0] = program;
    }
    for (unsigned i = 1; argv[i] && i < SITE_OPTIONS; i++)
        words[i] = argv[i];
    *log = memfd_create("output", MFD_CLOEXEC);
    if (*log < 0)
        return -errno;
    snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)getpid(), *log);
    const struct process_plan plan = { .argv = words, .log = path, .folder = "/",
                                       .end_signal = SIGTERM };
    pid = process_start(&plan);
    if (pid < 0) {
        close(*log);
        *log = -1;
    }
    return pid;
}

/* The port of its address; 0: it has printed none yet. */
static unsigned port_of(int log)
{
    char *text = everything(log);
    unsigned port = text ? said_port(text) : 0;

    free(text);
    return port;
}

static void keep_last_words(struct site *s)
{
    char *text = everything(s->log);

    if (text)
        said_last_line(text, s->said, sizeof s->said);
    if (strstr(s->said, SHORTAGE_THREADS)) /* then this command has not what it needs, either */
        shortage_note(-EAGAIN);
    free(text);
}

bool site_left_out(const char *why)
{
    return strstr(why, "this build has no") != NULL;
}

int site_start(struct site *s, const char *const *options)
{
    const char *argv[SITE_OPTIONS + 1] = { "/proc/self/exe", "serve", "--port=0", "--quiet" };
    unsigned used = 4;
    pid_t pid;

    memset(s, 0, sizeof *s);
    for (unsigned i = 0; options[i] && used < SITE_OPTIONS; i++)
        argv[used++] = options[i];
    pid = start(argv, &s->log);
    if (pid < 0)
        return (int)pid;
    s->pid = pid;
    for (unsigned waited = 0; waited < START_MS; waited += LOOK_MS) {
        s->port = port_of(s->log);
        if (s->port)
            return 0;
        if (process_ended(pid)) {
            keep_last_words(s);
            s->pid = 0;
            close(s->log);
            return -ENOENT;
        }
        if (interrupt_came()) {
            site_stop(s);
            return -EINTR;
        }
        process_nap(LOOK_MS);
    }
    site_stop(s);
    return -ETIMEDOUT;
}

static void end(struct site *s, int signal)
{
    if (s->pid) {
        process_end(s->pid, signal, STOP_MS);
        close(s->log);
    }
    s->pid = 0;
}

void site_stop(struct site *s)
{
    end(s, SIGTERM);
}

void site_kill(struct site *s)
{
    end(s, SIGKILL);
}

char *site_run_program(const char *const *argv, unsigned patience_ms)
{
    int log = -1;
    pid_t pid = start(argv, &log);
    bool ended = false;
    char *text;

    if (pid < 0)
        return NULL;
    for (unsigned waited = 0; !ended && waited < patience_ms && !interrupt_came(); waited += LOOK_MS) {
        ended = process_ended(pid);
        if (!ended)
            process_nap(LOOK_MS);
    }
    if (!ended)
        process_end(pid, SIGTERM, 500);
    text = ended ? everything(log) : NULL;
    close(log);
    return text;
}

/* ---- what it says of itself ---- */

int site_connect(unsigned port)
{
    const struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                    .sin_addr = { htonl(INADDR_LOOPBACK) } };
    const struct timeval patience = { ANSWER_S, 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, error;

    if (fd < 0)
        return -errno;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (connect(fd, (const struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}

char *site_ask(unsigned port, const char *method, const char *path, const char *body, int *status)
{
    char head[PATH + 128];
    size_t got = 0, length = body ? strlen(body) : 0;
    char *text = malloc(WIRE_MOST + 1), *result = NULL;
    int fd = text ? site_connect(port) : -1;
    int n = snprintf(head, sizeof head,
                     "%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %zu\r\n\r\n", method, path, length);
    struct wire_answer a;

    if (fd >= 0 && wire_send(fd, head, (size_t)n) == 0 && wire_send(fd, body, length) == 0)
        while (got < WIRE_MOST) {
            ssize_t more = recv(fd, text + got, WIRE_MOST - got, 0);
            if (more < 0 && errno == EINTR && !interrupt_came())
                continue;
            if (more <= 0)
                break;
            got += (size_t)more;
            if (wire_read_answer(text, got, &a) != 0)
                break;
        }
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && got && wire_read_answer(text, got, &a) > 0) {
        result = strndup(a.body, a.length);
        if (status)
            *status = a.status;
    }
    free(text);
    return result;
}

json_t *site_stats(const struct site *s)
{
    char *text = site_ask(s->port, "GET", "/stats", NULL, NULL);
    json_t *stats = text ? json_loads(text, 0, NULL) : NULL;

    free(text);
    return stats;
}

uint64_t site_number(const json_t *stats, const char *name)
{
    json_int_t n = json_integer_value(json_object_get(stats, name));

    return n > 0 ? (uint64_t)n : 0;
}

uint64_t site_cpu_ns(const struct site *s)
{
    clockid_t clock;
    struct timespec t;

    if (!s->pid || clock_getcpuclockid(s->pid, &clock) != 0 || clock_gettime(clock, &t) != 0)
        return 0;
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t site_bytes(const struct site *s)
{
    char path[PATH];
    unsigned long long pages = 0;
    FILE *f;

    snprintf(path, sizeof path, "/proc/%d/statm", (int)s->pid);
    f = fopen(path, "re");
    if (!f)
        return 0;
    if (fscanf(f, "%*u %llu", &pages) != 1)
        pages = 0;
    fclose(f);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t site_descriptors(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 1024;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return limit.rlim_cur;
}
