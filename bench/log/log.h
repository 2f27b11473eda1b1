/*
 * log.h - a whole log in memory: who came when, and for which post.
 *
 *     struct log log;
 *     log_init(&log);
 *     error = log_read(&log, files, count, &options);   // log.message says what
 *     if (!error) error = log_sort(&log);
 *     ...
 *     log_free(&log);
 *
 * An event takes 16 bytes (while the array grows, up to 24 of each), and sorting
 * at most 8 more; names.h says what visitors and posts take.  One thread reads;
 * a log that is read may be looked at by any number of threads.
 */
#ifndef CONTEND_BENCH_LOG_LOG_H
#define CONTEND_BENCH_LOG_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/base/names.h"
#include "bench/log/input.h"
#include "bench/log/parse.h"

#define LOG_NO_POST UINT32_MAX /* a heartbeat without a clap */

enum {
    LOG_COMPLAINTS = 5,    /* unreadable lines that are kept */
    LOG_CUT = 80,          /* characters that are kept of one */
    LOG_CUT_SIZE = 4 * LOG_CUT + 1, /* bytes for them, the zero included */
};

struct log_event {
    uint64_t time_ms;    /* since 1970, UTC */
    uint32_t user, post; /* numbers in log.users, log.posts; post may be LOG_NO_POST */
};

struct log_complaint {
    const char *file; /* as it was given to log_read() */
    uint64_t line;
    char reason[LOG_REASON_SIZE];
    char text[LOG_CUT_SIZE]; /* printable */
};

/* What came of one file. */
struct log_file {
    const char *name; /* as it was given to log_read() */
    uint64_t bytes;   /* as it lies there, packed if it is; those that were read */
    uint64_t lines, unreadable;
    char format[LOG_REASON_SIZE];   /* in words; "" = no event was read */
    char damage[LOG_MESSAGE_SIZE];  /* why it could not be read to its end; "" = it was */
};

struct log_progress {
    const char *file;
    uint64_t done, total; /* bytes of all files, packed as they are; total 0 = not known */
    uint64_t lines;
};

/* Called at most about every 100 ms.  Not 0 = stop: what was read is kept. */
typedef int log_progress_call(void *context, const struct log_progress *progress);

struct log_options {
    struct log_parse_options parse;
    bool strict;                 /* the first damage and the first unreadable line are errors */
    log_progress_call *progress; /* may be NULL */
    void *context;
};

struct log {
    struct log_event *events;
    size_t count, capacity;
    struct names users, posts;

    uint64_t lines;      /* all that were read */
    uint64_t unreadable; /* counted and left out */
    uint64_t skipped;    /* blank lines and CSV headers */
    uint64_t backwards;  /* events whose stamp lies before that of the event before, as logged */
    bool sorted;         /* the events are in the order of their stamps */
    bool stopped;        /* the progress call asked to stop */
    char no_post[LOG_REASON_SIZE]; /* why the first event has none, if it has none */

    struct log_file *files; /* one for each that was begun */
    size_t file_count, damaged;
    struct log_complaint complaints[LOG_COMPLAINTS]; /* the first unreadable lines */
    unsigned complaint_count;
    char message[LOG_MESSAGE_SIZE]; /* of the last error: the file, the cause, the way out */
};

void log_init(struct log *log);
void log_free(struct log *log);

/*
 * Reads the files one after the other ("-" is standard input) and appends their
 * events.  A file that is damaged is read up to there, and the next is begun; see
 * log->damaged.  0, or a negative errno with log->message:
 *   -ENOENT, -EACCES, ...  a file cannot be opened; found before the first is read;
 *   -EIO, -EILSEQ          no event was read, and this is why; or, if strict, a file is damaged;
 *   -EBADMSG               strict: a line is unreadable;
 *   -ENODATA               not one line was readable; says what was expected;
 *   -ENOMEM, -EOVERFLOW    the log is too large for the memory, or has too many names;
 *   -EINVAL                the options do not fit together, or not to a file.
 * After every error the log holds what was read before it, and is valid.  `files`
 * must outlive the log (the complaints name them).
 */
int log_read(struct log *log, const char *const *files, size_t count,
             const struct log_options *options);

/*
 * How much of the log is lost, in 0 to 1: of the lines, those that were unreadable; or of the
 * files, those that are damaged, where that is more.
 */
double log_lost(const struct log *log);

/* One event by hand, as if it had been read.  -ENOMEM, -EOVERFLOW. */
int log_append(struct log *log, const struct log_fields *fields);

/*
 * Orders the events by stamp; equal stamps keep their order.  A merge sort that
 * passes over what is in order already.  -ENOMEM: all events are still there.
 */
int log_sort(struct log *log);

#endif
