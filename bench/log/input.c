/* input.c - bytes of a file, cut into records. */
#include "bench/log/input.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/log/objects.h"
#include "bench/log/utf16.h"

static const char is_a_folder[] = "is a folder; name the files in it";

enum { LOOK = 1 << 16 }; /* bytes in which an end of line should be */

struct log_input {
    const char *name;
    log_input_idle *idle;
    void *context;
    struct log_bytes *bytes;
    bool member;       /* within one: the first, or the next in an archive */
    char line_end;     /* '\n', or '\r' in a text without it */
    bool objects;      /* records are JSON objects */
    struct log_object object;
    struct utf16 utf16;

    const char *block; /* text that is not delivered yet */
    size_t left;
    uint64_t lines;    /* that are over */
    char *carry;       /* a record that is spread over blocks: its first LOG_LINE_MAX + 1 bytes */
    size_t carried;    /* all its bytes so far */
    uint64_t carried_lines;
    bool carry_delivered;
};

static const char *shown_name(const char *name)
{
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

static int say(const char *name, int error, const char *cause, char message[LOG_MESSAGE_SIZE])
{
    if (error < 0 && error != -EINTR)
        snprintf(message, LOG_MESSAGE_SIZE, "%s: %s%s", shown_name(name),
                 error == -EILSEQ ? "damaged: " : "", cause);
    return error;
}

int log_input_open(struct log_input **out, const char *name, log_input_idle *idle, void *context,
                   char message[LOG_MESSAGE_SIZE])
{
    struct log_input *in = calloc(1, sizeof *in);
    char *carry = malloc(LOG_LINE_MAX + 1);
    const char *cause = "out of memory";
    int error = -ENOMEM;

    *out = NULL;
    if (in && carry)
        error = log_bytes_open(&in->bytes, name, idle, context, &cause);
    if (error) {
        say(name, error, cause, message);
        if (in)
            log_bytes_close(in->bytes);
        free(in);
        free(carry);
        return error;
    }
    in->name = name;
    in->idle = idle;
    in->context = context;
    in->carry = carry;
    *out = in;
    return 0;
}

void log_input_close(struct log_input *in)
{
    if (!in)
        return;
    log_bytes_close(in->bytes);
    utf16_free(&in->utf16);
    free(in->carry);
    free(in);
}

/* Keeps a piece of a record for which the next block is needed. */
static void carry_piece(struct log_input *in, size_t length)
{
    if (in->carried <= LOG_LINE_MAX) {
        size_t free_bytes = LOG_LINE_MAX + 1 - in->carried;
        memcpy(in->carry + in->carried, in->block, length < free_bytes ? length : free_bytes);
    }
    in->carried += length;
}

/* A line of `length` bytes, its end not counted, of which `text` has LOG_LINE_MAX + 1 at least. */
static int deliver(struct log_input *in, struct log_line *line, const char *text, size_t length,
                   uint64_t lines)
{
    if (length && length <= LOG_LINE_MAX + 1 && text[length - 1] == '\r')
        length--;
    line->number = in->lines + 1;
    in->lines += lines;
    line->too_long = length > LOG_LINE_MAX;
    line->length = line->too_long ? LOG_LINE_MAX : length;
    line->text = text;
    return 1;
}

static uint64_t count_lines(const char *text, size_t length)
{
    uint64_t n = 0;

    for (const char *end = text + length; (text = memchr(text, '\n', (size_t)(end - text))); text++)
        n++;
    return n;
}

/* The next block of text: 1, 0 at the member's end, or a negative errno. */
static int more_text(struct log_input *in, const char **cause)
{
    ssize_t n = log_bytes_next(in->bytes, &in->block, cause);

    in->left = n > 0 ? (size_t)n : 0;
    if (n > 0 && in->utf16.order && utf16_convert(&in->utf16, &in->block, &in->left)) {
        *cause = "out of memory";
        return -ENOMEM;
    }
    return n > 0 ? 1 : (int)n;
}

/* What kind of text the member is, from how it begins.  0, or a negative errno. */
static int member_begin(struct log_input *in, const char **cause)
{
    const char *text = NULL;
    ssize_t have = log_bytes_peek(in->bytes, LOOK, &text, cause);

    if (have < 0)
        return (int)have;
    utf16_begin(&in->utf16, text, (size_t)have);
    int more = more_text(in, cause);
    if (more < 0)
        return more;
    if (in->left >= 3 && memcmp(in->block, "\xef\xbb\xbf", 3) == 0) {
        in->block += 3;
        in->left -= 3;
    }
    bool newline = in->left && memchr(in->block, '\n', in->left);
    in->line_end = !newline && in->left && memchr(in->block, '\r', in->left) ? '\r' : '\n';
    in->objects = log_objects_begin(in->block, in->left);
    in->object = (struct log_object){ 0 };
    in->member = true;
    return 0;
}

static void skip(struct log_input *in, size_t length)
{
    in->block += length;
    in->left -= length;
}

/* What stands between records: holes, and what separates objects. */
static void skip_gap(struct log_input *in)
{
    size_t zeros = 0;

    while (zeros < in->left && !in->block[zeros])
        zeros++;
    skip(in, zeros);
    if (in->objects) {
        size_t gap = log_object_gap(in->block, in->left);
        in->lines += count_lines(in->block, gap);
        skip(in, gap);
    }
}

/* How much of the block belongs to the record; *drop: bytes behind it that end it. */
static size_t find_end(struct log_input *in, bool *whole, size_t *drop)
{
    if (in->objects)
        return log_object_piece(&in->object, in->block, in->left, whole, drop);
    const char *end = memchr(in->block, in->line_end, in->left);
    *whole = end != NULL;
    *drop = *whole;
    return end ? (size_t)(end - in->block) : in->left;
}

/* A record from the block, with what was carried of it: 1, 0 = more text is needed. */
static int cut(struct log_input *in, struct log_line *line)
{
    const char *text;
    size_t piece, drop;
    bool whole;

    if (!in->carried)
        skip_gap(in);
    if (!in->left)
        return 0;
    text = in->block;
    piece = find_end(in, &whole, &drop);
    uint64_t lines = drop + (in->objects ? count_lines(text, piece) : 0);
    if (whole && !in->carried) {
        skip(in, piece + drop);
        return deliver(in, line, text, piece, lines);
    }
    carry_piece(in, piece);
    in->carried_lines += lines;
    skip(in, piece + drop);
    if (!whole)
        return 0;
    in->carry_delivered = true;
    return deliver(in, line, in->carry, in->carried, in->carried_lines);
}

int log_input_next(struct log_input *in, struct log_line *line, char message[LOG_MESSAGE_SIZE])
{
    const char *cause = "";
    int result;

    if (in->carry_delivered)
        in->carried = in->carried_lines = 0;
    in->carry_delivered = false;
    for (;;) {
        if (in->left && cut(in, line))
            return 1;
        if (!in->member) {
            result = log_bytes_member(in->bytes, &cause);
            if (result > 0)
                result = member_begin(in, &cause);
            else if (result == 0)
                return 0;
        } else {
            /* A record may have no end, as that of /dev/zero. */
            result = in->idle && in->idle(in->context) ? -EINTR : more_text(in, &cause);
            in->member = result != 0;
            if (result == 0 && in->carried) { /* its last line has no end */
                in->carry_delivered = true;
                return deliver(in, line, in->carry, in->carried, in->carried_lines + 1);
            }
        }
        if (result < 0)
            return say(in->name, result, cause, message);
    }
}

uint64_t log_input_done(const struct log_input *in)
{
    return log_bytes_done(in->bytes);
}

int log_input_check(const char *name, uint64_t *bytes, char message[LOG_MESSAGE_SIZE])
{
    bool standard = strcmp(name, "-") == 0;
    struct stat status;

    *bytes = 0;
    /* Not opened: that would disturb the writer of a named pipe. */
    if (standard ? fstat(STDIN_FILENO, &status)
                 : stat(name, &status) || faccessat(AT_FDCWD, name, R_OK, AT_EACCESS)) {
        int error = errno;
        return say(name, -error, strerror(error), message);
    }
    if (S_ISDIR(status.st_mode))
        return say(name, -EISDIR, is_a_folder, message);
    off_t at = standard ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
    if (S_ISREG(status.st_mode) && at >= 0 && at < status.st_size)
        *bytes = (uint64_t)(status.st_size - at);
    return 0;
}
