/* input.c - bytes of a file, unpacked, cut into lines. */
#include "bench/log/input.h"

#include <archive.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static const char is_a_folder[] = "is a folder; name the files in it";

enum { BLOCK = 1 << 18, WAIT_MS = 100, CAUSE_SIZE = 256 };

struct log_input {
    const char *name;
    int fd;
    bool regular; /* a file with a size: reading it does not wait for anybody */
    log_input_idle *idle;
    void *context;
    uint64_t done;

    unsigned char raw[BLOCK]; /* as it lies in the file */
    size_t raw_waits;         /* bytes that were read ahead to see what it is */

    struct archive *archive;  /* one of the two unpacks */
    bool gzip, member_ended;
    z_stream zlib;
    unsigned char plain[BLOCK]; /* from zlib */

    const char *block; /* unpacked bytes that are not delivered yet */
    size_t left;
    bool ended;
    int error;         /* is reported once `block` is used up */
    char cause[CAUSE_SIZE];

    uint64_t lines;
    char *carry;       /* a line that is spread over blocks: its first LOG_LINE_MAX + 1 bytes */
    size_t carried;    /* all its bytes so far */
    bool carry_delivered;
};

static const char *shown_name(const char *name)
{
    return strcmp(name, "-") == 0 ? "standard input" : name;
}

static int fail(struct log_input *in, int error, const char *cause)
{
    snprintf(in->cause, sizeof in->cause, "%s", cause);
    in->error = error;
    return error;
}

/* Bytes of the file into `raw`, from `at` on: how many, 0 at the end, or a negative errno. */
static ssize_t raw_read(struct log_input *in, size_t at)
{
    for (;;) {
        struct pollfd waiting = { .fd = in->fd, .events = POLLIN };
        int ready = in->regular ? 1 : poll(&waiting, 1, WAIT_MS);
        ssize_t n = ready > 0 ? read(in->fd, in->raw + at, BLOCK - at) : -1;

        if (n >= 0) {
            in->done += (size_t)n;
            return n;
        }
        if (ready != 0 && errno != EINTR && errno != EAGAIN)
            return fail(in, -errno, strerror(errno));
        if (in->idle && in->idle(in->context))
            return -EINTR;
    }
}

/* The next bytes that nobody has had yet. */
static ssize_t raw_fill(struct log_input *in)
{
    ssize_t n = in->raw_waits ? (ssize_t)in->raw_waits : raw_read(in, 0);

    in->raw_waits = 0;
    return n;
}

/* libarchive asks for bytes. */
static la_ssize_t archive_wants(struct archive *archive, void *context, const void **block)
{
    struct log_input *in = context;
    ssize_t n = raw_fill(in);

    *block = in->raw;
    if (n < 0)
        archive_set_error(archive, (int)-n, "%s", n == -EINTR ? "stopped" : in->cause);
    return n < 0 ? ARCHIVE_FATAL : n;
}

static int archive_failed(struct log_input *in)
{
    const char *cause = archive_error_string(in->archive);
    int error = archive_errno(in->archive);

    if (in->error || error == EINTR) /* reading failed, not unpacking */
        return in->error ? in->error : -EINTR;
    if (error == ENOMEM)
        return fail(in, -ENOMEM, "out of memory while unpacking");
    return fail(in, -EILSEQ, cause ? cause : "cannot be unpacked");
}

static int archive_begin(struct log_input *in)
{
    struct archive_entry *entry;
    struct archive *a = in->archive = archive_read_new();

    if (!a)
        return fail(in, -ENOMEM, "out of memory");
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    if (archive_read_open(a, in, NULL, archive_wants, NULL) != ARCHIVE_OK)
        return archive_failed(in);
    int r = archive_read_next_header(a, &entry);
    in->ended = r == ARCHIVE_EOF;
    return r == ARCHIVE_OK || r == ARCHIVE_EOF ? 0 : archive_failed(in);
}

static int archive_block(struct log_input *in)
{
    const void *block;
    la_int64_t offset;
    int r = archive_read_data_block(in->archive, &block, &in->left, &offset);

    if (r == ARCHIVE_EOF) {
        in->left = 0;
        in->ended = true;
        return 0;
    }
    if (r != ARCHIVE_OK && r != ARCHIVE_WARN) {
        in->left = 0;
        return archive_failed(in);
    }
    in->block = block;
    return 0;
}

static int gzip_begin(struct log_input *in)
{
    in->gzip = true;
    /* 15 bits of window, 16 = with gzip's header and checksum. */
    if (inflateInit2(&in->zlib, 15 + 16) != Z_OK)
        return fail(in, -ENOMEM, "out of memory");
    return 0;
}

/* More packed bytes for zlib, past the padding between members.  1 = it may go on. */
static int gzip_feed(struct log_input *in)
{
    z_stream *z = &in->zlib;

    for (;;) {
        if (z->avail_in == 0) {
            ssize_t n = raw_fill(in);
            if (n < 0)
                return (int)n;
            in->ended = n == 0;
            z->next_in = in->raw;
            z->avail_in = (unsigned)n;
        }
        if (in->ended && !in->member_ended)
            return fail(in, -EILSEQ, "it ends in the middle of its gzip data");
        if (in->ended || !in->member_ended)
            return !in->ended;
        while (z->avail_in && *z->next_in == 0) {
            z->next_in++;
            z->avail_in--;
        }
        if (z->avail_in && *z->next_in != 0x1f)
            return fail(in, -EILSEQ, "something else follows its gzip data");
        if (z->avail_in) {
            inflateReset(z);
            in->member_ended = false;
        }
    }
}

static int gzip_block(struct log_input *in)
{
    z_stream *z = &in->zlib;
    int more = gzip_feed(in);

    if (more <= 0)
        return more;
    z->next_out = in->plain;
    z->avail_out = BLOCK;
    int r = inflate(z, Z_NO_FLUSH);
    in->block = (const char *)in->plain;
    in->left = BLOCK - z->avail_out;
    in->member_ended = r == Z_STREAM_END;
    if (r == Z_MEM_ERROR)
        fail(in, -ENOMEM, "out of memory while unpacking");
    else if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
        fail(in, -EILSEQ, z->msg ? z->msg : "its gzip data are damaged");
    return in->error && !in->left ? in->error : 0; /* first what came before the damage */
}

static int open_file(struct log_input *in)
{
    bool standard = strcmp(in->name, "-") == 0;
    struct stat status;

    in->fd = standard ? STDIN_FILENO : open(in->name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (in->fd < 0 || fstat(in->fd, &status))
        return fail(in, -errno, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return fail(in, -EISDIR, is_a_folder);
    in->regular = S_ISREG(status.st_mode);
    return 0;
}

static int say(const char *name, int error, const char *cause, char message[LOG_MESSAGE_SIZE])
{
    if (error < 0 && error != -EINTR)
        snprintf(message, LOG_MESSAGE_SIZE, "%s: %s%s", shown_name(name),
                 error == -EILSEQ ? "damaged: " : "", cause);
    return error;
}

/* Looks at the first bytes and chooses who unpacks. */
static int begin_unpacking(struct log_input *in)
{
    size_t have = 0;
    ssize_t n = 1;

    /* Two bytes are needed to know gzip; a pipe may deliver them one by one. */
    while (have < 2 && n > 0) {
        n = raw_read(in, have);
        if (n < 0)
            return (int)n;
        have += (size_t)n;
    }
    in->raw_waits = have;
    if (have >= 2 && in->raw[0] == 0x1f && in->raw[1] == 0x8b)
        return gzip_begin(in);
    return archive_begin(in);
}

int log_input_open(struct log_input **out, const char *name, log_input_idle *idle, void *context,
                   char message[LOG_MESSAGE_SIZE])
{
    struct log_input *in = calloc(1, sizeof *in);
    char *carry = malloc(LOG_LINE_MAX + 1);

    *out = NULL;
    if (!in || !carry) {
        free(in);
        free(carry);
        snprintf(message, LOG_MESSAGE_SIZE, "%s: out of memory", shown_name(name));
        return -ENOMEM;
    }
    in->name = name;
    in->carry = carry;
    in->idle = idle;
    in->context = context;
    int error = open_file(in);
    if (!error)
        error = begin_unpacking(in);
    if (error) {
        say(in->name, error, in->cause, message);
        log_input_close(in);
        return error;
    }
    *out = in;
    return 0;
}

void log_input_close(struct log_input *in)
{
    if (!in)
        return;
    if (in->gzip)
        inflateEnd(&in->zlib);
    archive_read_free(in->archive);
    if (in->fd > STDIN_FILENO)
        close(in->fd);
    free(in->carry);
    free(in);
}

/* Keeps a piece of a line for which the next block is needed. */
static void carry_piece(struct log_input *in, size_t length)
{
    if (in->carried <= LOG_LINE_MAX) {
        size_t room = LOG_LINE_MAX + 1 - in->carried;
        memcpy(in->carry + in->carried, in->block, length < room ? length : room);
    }
    in->carried += length;
}

/* A line of `length` bytes, its '\n' not counted, of which `text` has LOG_LINE_MAX + 1 at least. */
static int deliver(struct log_input *in, struct log_line *line, const char *text, size_t length)
{
    if (length && length <= LOG_LINE_MAX + 1 && text[length - 1] == '\r')
        length--;
    if (in->lines == 0 && length >= 3 && length <= LOG_LINE_MAX &&
        memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3; /* the byte order mark that some editors write */
        length -= 3;
    }
    line->number = ++in->lines;
    line->too_long = length > LOG_LINE_MAX;
    line->length = line->too_long ? LOG_LINE_MAX : length;
    line->text = text;
    return 1;
}

int log_input_next(struct log_input *in, struct log_line *line, char message[LOG_MESSAGE_SIZE])
{
    if (in->carry_delivered)
        in->carried = 0;
    in->carry_delivered = false;
    for (;;) {
        const char *end = in->left ? memchr(in->block, '\n', in->left) : NULL;
        const char *text = in->block;
        size_t piece = end ? (size_t)(end - text) : in->left;
        bool whole = end && !in->carried;

        if (in->left) {
            if (!whole)
                carry_piece(in, piece);
            in->block += piece + (end != NULL);
            in->left -= piece + (end != NULL);
        }
        if (whole)
            return deliver(in, line, text, piece);
        if (end || (in->ended && in->carried)) {
            in->carry_delivered = true;
            return deliver(in, line, in->carry, in->carried);
        }
        if (in->ended || in->error)
            return say(in->name, in->error, in->cause, message);
        int error = in->gzip ? gzip_block(in) : archive_block(in);
        if (error)
            return say(in->name, error, in->cause, message);
    }
}

uint64_t log_input_done(const struct log_input *in)
{
    return in->done;
}

int log_input_check(const char *name, uint64_t *bytes, char message[LOG_MESSAGE_SIZE])
{
    bool standard = strcmp(name, "-") == 0;
    struct stat status;

    *bytes = 0;
    /* Not opened: that would disturb whoever writes into a named pipe. */
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
