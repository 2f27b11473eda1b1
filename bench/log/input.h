/*
 * input.h - the lines of a file or of standard input, whatever packed it.
 *
 * gzip, xz, bzip2, zstd and lz4 are recognised by their content, not by name.
 * gzip goes through zlib, because libarchive does not compare its checksum; the
 * others go through libarchive.
 *
 * A line ends at '\n', "\r\n" or the end of the input.  Zero bytes in it are
 * ordinary bytes, and so a line is not a string: it has a length.
 */
#ifndef CONTEND_BENCH_LOG_INPUT_H
#define CONTEND_BENCH_LOG_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LOG_LINE_MAX = 1 << 20,  /* bytes; a longer line is delivered cut, as too long */
    LOG_MESSAGE_SIZE = 1024, /* for what went wrong */
};

struct log_line {
    const char *text; /* valid until the next call */
    size_t length;    /* without the line's end */
    uint64_t number;  /* the first is 1 */
    bool too_long;    /* `text` is only its first LOG_LINE_MAX bytes */
};

struct log_input;

/*
 * Called about every 100 ms while the input has nothing to read (a pipe), and
 * after a signal.  Not 0 = stop waiting: log_input_next() returns -EINTR.
 */
typedef int log_input_idle(void *context);

/*
 * Opens `name`, or standard input if it is "-".  0, or a negative errno with
 * `message` naming the file and the cause.  `name` must outlive the input;
 * `idle` may be NULL.
 */
int log_input_open(struct log_input **in, const char *name, log_input_idle *idle, void *context,
                   char message[LOG_MESSAGE_SIZE]);

/*
 * 1 = a line; 0 = the end; -EINTR = stopped by `idle`; another negative errno =
 * the input is damaged or cannot be read further, `message` says how.  All whole
 * lines before the damage have been delivered then.
 */
int log_input_next(struct log_input *in, struct log_line *line, char message[LOG_MESSAGE_SIZE]);

/* Bytes of the file (packed, if it is) read so far. */
uint64_t log_input_done(const struct log_input *in);

void log_input_close(struct log_input *in); /* NULL is fine */

/*
 * Whether `name` can be opened, and its size in *bytes (0 = not known): to complain
 * before the first of many files is read, and to know how far one is.
 */
int log_input_check(const char *name, uint64_t *bytes, char message[LOG_MESSAGE_SIZE]);

#endif
