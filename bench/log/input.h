/*
 * input.h - the records of a file or of standard input, whatever packed it: unpack.h.
 *
 * A record is a line: it ends at '\n', "\r\n", '\r' or the end of the input, or at a hole of
 * zero bytes, as truncating a log that is being written leaves it.  Holes are left out, and zero
 * bytes in front of a line; one alone within it is an ordinary byte, and so a line is not a string:
 * it has a length.  A line that a kubelet cut into parts is one, and a blank one for each part.
 *
 * In a text that begins with a JSON array, or with an object over several lines, a record is
 * an object.  A broken object ends where another begins at the start of a line.
 */
#ifndef CONTEND_BENCH_LOG_INPUT_H
#define CONTEND_BENCH_LOG_INPUT_H

#include <stdbool.h>

#include "bench/log/bytes.h"
#include "bench/log/unpack.h"

enum {
    LOG_LINE_MAX = 1 << 20,  /* bytes; a longer record is delivered cut, as too long */
    LOG_LOOK_LINES = 100,    /* at most so many records are looked at before they are taken */
    LOG_MESSAGE_SIZE = 1024, /* for what went wrong */
};

struct log_line {
    const char *text; /* valid until the next call */
    size_t length;    /* without the line's end */
    uint64_t number;  /* of its first line; the first is 1 */
    bool too_long;    /* `text` is only its first LOG_LINE_MAX bytes */
    bool torn;        /* a hole follows: what stands behind it is a line with the same number */
    uint64_t hole;    /* so many zero bytes stand in front */
};

struct log_input;

/*
 * Opens `name`, or standard input if it is "-".  0, or a negative errno with
 * `message` naming the file and the cause.  `name` must outlive the input;
 * `idle` may be NULL: it is called while the input has nothing to read (a pipe), after a signal,
 * and before each block of text, and makes log_input_next() return -EINTR.
 */
int log_input_open(struct log_input **in, const char *name, log_input_idle *idle, void *context,
                   char message[LOG_MESSAGE_SIZE]);

/*
 * Begins the first or the next member: of an archive each file, else there is one.  1, 0 = there
 * is no other, or a negative errno as below; after -EILSEQ others may follow, as behind damage.
 */
int log_input_member(struct log_input *in, char message[LOG_MESSAGE_SIZE]);

/*
 * 1 = a record; 0 = the member's end; -EINTR = stopped by `idle`; another negative errno =
 * the input is damaged or cannot be read further, `message` says how.  All whole
 * lines before the damage have been delivered then.
 */
int log_input_next(struct log_input *in, struct log_line *line, char message[LOG_MESSAGE_SIZE]);

/* The same for the line behind `record`, which then reaches to its end and has `line` in it. */
int log_input_extend(struct log_input *in, struct log_line *record, struct log_line *line,
                     char message[LOG_MESSAGE_SIZE]);

/*
 * The first records, without taking them; valid until the next call.  0, or a negative errno as
 * above; what is there already is in lines[] in any case.  Only before the member's first is taken.
 */
int log_input_look(struct log_input *in, struct span lines[LOG_LOOK_LINES], size_t *count,
                   char message[LOG_MESSAGE_SIZE]);

/* Whether a text that begins like this string has objects that are not one a line. */
bool log_input_has_objects(const char *text);

/* The member's name in its archive; "" = it is in none.  Valid until the next member. */
const char *log_input_name(const struct log_input *in);

/* Bytes of the file (packed, if it is) read so far. */
uint64_t log_input_done(const struct log_input *in);

void log_input_close(struct log_input *in); /* NULL is fine */

/*
 * Whether `name` can be opened, and its size in *bytes (0 = not known): to complain
 * before the first of many files is read, and to know how far one is.
 */
int log_input_check(const char *name, uint64_t *bytes, char message[LOG_MESSAGE_SIZE]);

#endif
