/* unpack.c - a stack of what unpacks: the file at the bottom, plain bytes on top. */
#include "bench/log/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { BLOCK = 1 << 18, WAIT_MS = 100, CAUSE_SIZE = 256, DEEPEST = 8, TAR_HEAD = 262 };

/* One layer of packing. */
struct stage {
    struct log_bytes *bytes;
    struct stage *below; /* NULL: the file itself */
    ssize_t (*fill)(struct stage *stage, const char **block); /* 0 = the member's end */
    bool ended;

    const char *ahead;   /* bytes that were looked at, and not taken */
    size_t ahead_length;
    char *gathered;      /* where they are kept if they came in pieces */
    size_t capacity;

    struct archive *archive;
    bool last_member; /* libarchive must not be asked again */
    bool zlib_up, member_ended;
    z_stream zlib;
    char buffer[BLOCK];
};

struct log_bytes {
    int fd;
    bool regular; /* a file with a size: reading it does not wait for anybody */
    log_input_idle *idle;
    void *context;
    uint64_t done;
    struct stage *top;
    unsigned depth;
    bool begun;
    int error; /* stays: nothing is read beyond damage */
    char cause[CAUSE_SIZE];
};

static int fail(struct log_bytes *b, int error, const char *cause)
{
    if (cause != b->cause)
        snprintf(b->cause, sizeof b->cause, "%s", cause);
    b->error = error;
    return error;
}

static ssize_t file_fill(struct stage *s, const char **block)
{
    struct log_bytes *b = s->bytes;

    *block = s->buffer;
    for (;;) {
        struct pollfd waiting = { .fd = b->fd, .events = POLLIN };
        int ready = b->regular ? 1 : poll(&waiting, 1, WAIT_MS);
        ssize_t n = ready > 0 ? read(b->fd, s->buffer, BLOCK) : -1;

        if (n >= 0) {
            b->done += (size_t)n;
            return n;
        }
        if (ready != 0 && errno != EINTR && errno != EAGAIN)
            return fail(b, -errno, strerror(errno));
        if (b->idle && b->idle(b->context))
            return -EINTR;
    }
}

/* The next bytes of a stage that have not been taken yet. */
static ssize_t pull(struct stage *s, const char **block)
{
    size_t ahead = s->ahead_length;

    if (ahead) {
        *block = s->ahead;
        s->ahead_length = 0;
        return (ssize_t)ahead;
    }
    if (s->ended)
        return 0;
    ssize_t n = s->bytes->error ? s->bytes->error : s->fill(s, block);
    s->ended = n == 0;
    return n;
}

/* Keeps a copy of bytes that are looked at, behind what is kept already. */
static int gather(struct stage *s, const char *block, size_t length)
{
    size_t kept = s->ahead == s->gathered ? s->ahead_length : 0, wanted = kept + length;

    if (wanted > s->capacity) {
        char *grown = realloc(s->gathered, 2 * wanted);
        if (!grown)
            return fail(s->bytes, -ENOMEM, "out of memory");
        s->gathered = grown;
        s->capacity = 2 * wanted;
    }
    memcpy(s->gathered + kept, block, length);
    s->ahead = s->gathered;
    s->ahead_length = wanted;
    return 0;
}

/* See log_bytes_peek().  What is there already when waiting is stopped is enough. */
static ssize_t peek(struct stage *s, size_t most, const char **block)
{
    while (s->ahead_length < most && !s->ended &&
           (!s->ahead_length || !memchr(s->ahead, '\n', s->ahead_length))) {
        const char *next;
        int error = 0;
        if (s->ahead_length && s->ahead != s->gathered) /* it would be overwritten */
            error = gather(s, s->ahead, s->ahead_length);
        ssize_t n = error ? error : s->fill(s, &next);
        s->ended = n == 0;
        if (n < 0 && !s->ahead_length)
            return n;
        if (n <= 0)
            break;
        if (s->ahead_length)
            error = gather(s, next, (size_t)n);
        if (error)
            return error;
        if (!s->ahead_length) { /* the usual case: all of it is in one piece */
            s->ahead = next;
            s->ahead_length = (size_t)n;
        }
    }
    *block = s->ahead;
    return (ssize_t)s->ahead_length;
}

/* libarchive asks for bytes. */
static la_ssize_t archive_wants(struct archive *archive, void *context, const void **block)
{
    struct stage *s = context;
    const char *text = NULL;
    ssize_t n = pull(s->below, &text);

    *block = text;
    if (n < 0)
        archive_set_error(archive, (int)-n, "%s", n == -EINTR ? "stopped" : s->bytes->cause);
    return n < 0 ? ARCHIVE_FATAL : n;
}

static int archive_failed(struct stage *s)
{
    const char *cause = archive_error_string(s->archive);
    int error = archive_errno(s->archive);

    if (s->bytes->error || error == EINTR) /* reading failed, not unpacking */
        return s->bytes->error ? s->bytes->error : -EINTR;
    if (error == ENOMEM)
        return fail(s->bytes, -ENOMEM, "out of memory while unpacking");
    return fail(s->bytes, -EILSEQ, cause ? cause : "cannot be unpacked");
}

/* The next file in the archive: 1, 0 = there is no other, or a negative errno. */
static int archive_member(struct stage *s)
{
    struct archive_entry *entry;

    while (!s->last_member) {
        int r = archive_read_next_header(s->archive, &entry);
        s->last_member = r == ARCHIVE_EOF;
        if (r == ARCHIVE_EOF)
            break;
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return archive_failed(s);
        if (archive_format(s->archive) == ARCHIVE_FORMAT_RAW ||
            archive_entry_filetype(entry) == AE_IFREG)
            return 1;
    }
    return 0;
}

static ssize_t archive_fill(struct stage *s, const char **block)
{
    const void *data;
    size_t length = 0;
    la_int64_t offset;

    do {
        int r = archive_read_data_block(s->archive, &data, &length, &offset);
        if (r == ARCHIVE_EOF)
            return 0;
        if (r != ARCHIVE_OK && r != ARCHIVE_WARN)
            return archive_failed(s);
    } while (length == 0);
    *block = data;
    return (ssize_t)length;
}

static int archive_begin(struct stage *s)
{
    struct archive *a = s->archive = archive_read_new();

    if (!a)
        return fail(s->bytes, -ENOMEM, "out of memory");
    s->fill = archive_fill;
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_filter_lz4(a);
    archive_read_support_format_tar(a);
    archive_read_support_format_zip_streamable(a);
    archive_read_support_format_raw(a);
    archive_read_support_format_empty(a);
    if (archive_read_open(a, s, NULL, archive_wants, NULL) != ARCHIVE_OK)
        return archive_failed(s);
    int found = archive_member(s);
    s->ended = found == 0;
    return found < 0 ? found : 0;
}

/* More packed bytes for zlib, past the padding between members.  1 = it may go on. */
static int gzip_feed(struct stage *s)
{
    z_stream *z = &s->zlib;

    for (;;) {
        bool ended = false;
        if (z->avail_in == 0) {
            const char *packed = NULL;
            ssize_t n = pull(s->below, &packed);
            if (n < 0)
                return (int)n;
            ended = n == 0;
            z->next_in = (unsigned char *)(uintptr_t)packed;
            z->avail_in = (unsigned)n;
        }
        if (ended && !s->member_ended)
            return fail(s->bytes, -EILSEQ, "it ends in the middle of its gzip data");
        if (ended || !s->member_ended)
            return !ended;
        while (z->avail_in && *z->next_in == 0) {
            z->next_in++;
            z->avail_in--;
        }
        if (z->avail_in && *z->next_in != 0x1f)
            return fail(s->bytes, -EILSEQ, "something else follows its gzip data");
        if (z->avail_in) {
            inflateReset(z);
            s->member_ended = false;
        }
    }
}

static ssize_t gzip_fill(struct stage *s, const char **block)
{
    z_stream *z = &s->zlib;
    size_t length;

    do {
        int more = s->bytes->error ? s->bytes->error : gzip_feed(s);
        if (more <= 0)
            return more;
        z->next_out = (unsigned char *)s->buffer;
        z->avail_out = BLOCK;
        int r = inflate(z, Z_NO_FLUSH);
        length = BLOCK - z->avail_out;
        s->member_ended = r == Z_STREAM_END;
        if (r == Z_MEM_ERROR)
            fail(s->bytes, -ENOMEM, "out of memory while unpacking");
        else if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            fail(s->bytes, -EILSEQ, z->msg ? z->msg : "its gzip data are damaged");
    } while (!length); /* what came before damage is delivered first */
    *block = s->buffer;
    return (ssize_t)length;
}

static int gzip_begin(struct stage *s)
{
    s->fill = gzip_fill;
    /* 15 bits of window, 16 = with gzip's header and checksum. */
    s->zlib_up = inflateInit2(&s->zlib, 15 + 16) == Z_OK;
    return s->zlib_up ? 0 : fail(s->bytes, -ENOMEM, "out of memory");
}

static struct stage *push(struct log_bytes *b)
{
    struct stage *s = calloc(1, sizeof *s);

    if (!s) {
        fail(b, -ENOMEM, "out of memory");
        return NULL;
    }
    s->bytes = b;
    s->below = b->top;
    b->top = s;
    b->depth++;
    return s;
}

static void pop(struct log_bytes *b)
{
    struct stage *s = b->top;

    b->top = s->below;
    b->depth--;
    if (s->zlib_up)
        inflateEnd(&s->zlib);
    archive_read_free(s->archive);
    free(s->gathered);
    free(s);
}

static bool begins(const char *block, size_t have, const char *magic, size_t length)
{
    return have >= length && memcmp(block, magic, length) == 0;
}

static bool is_archive(const char *block, size_t have)
{
    return begins(block, have, "BZh", 3) || begins(block, have, "\xfd" "7zXZ", 5) ||
           begins(block, have, "\x28\xb5\x2f\xfd", 4) ||
           begins(block, have, "\x04\x22\x4d\x18", 4) ||
           begins(block, have, "PK\3\4", 4) || begins(block, have, "PK\5\6", 4) ||
           (have >= TAR_HEAD && memcmp(block + TAR_HEAD - 5, "ustar", 5) == 0);
}

/* Looks at the first bytes of what is on top, and puts what unpacks them above it. */
static int unpack(struct log_bytes *b)
{
    for (;;) {
        const char *block = NULL;
        ssize_t have = peek(b->top, TAR_HEAD, &block);
        bool gzip = have >= 2 && memcmp(block, "\x1f\x8b", 2) == 0;
        if (have < 0)
            return (int)have;
        if (!gzip && !is_archive(block, (size_t)have))
            return 0;
        if (b->depth == DEEPEST)
            return fail(b, -EILSEQ, "it is packed more than seven times over");
        struct stage *s = push(b);
        int error = !s ? b->error : gzip ? gzip_begin(s) : archive_begin(s);
        if (error)
            return error;
    }
}

int log_bytes_member(struct log_bytes *b, const char **cause)
{
    int found = 1, error;

    *cause = b->cause;
    if (b->error)
        return b->error;
    while (b->begun) {
        if (b->top->archive && (found = archive_member(b->top)) != 0) {
            b->top->ended = false;
            break;
        }
        if (!b->top->below)
            return 0;
        pop(b);
    }
    b->begun = true;
    error = found < 0 ? found : unpack(b);
    return error ? error : 1;
}

ssize_t log_bytes_next(struct log_bytes *b, const char **block, const char **cause)
{
    *cause = b->cause;
    return pull(b->top, block);
}

ssize_t log_bytes_peek(struct log_bytes *b, size_t most, const char **block, const char **cause)
{
    *cause = b->cause;
    return peek(b->top, most, block);
}

int log_bytes_open(struct log_bytes **out, const char *name, log_input_idle *idle, void *context,
                   const char **cause)
{
    struct log_bytes *b = calloc(1, sizeof *b);
    bool standard = strcmp(name, "-") == 0;
    struct stat status;

    *out = b;
    *cause = b ? b->cause : "out of memory";
    if (!b)
        return -ENOMEM;
    b->idle = idle;
    b->context = context;
    b->fd = standard ? STDIN_FILENO : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (b->fd < 0 || fstat(b->fd, &status))
        return fail(b, -errno, strerror(errno));
    b->regular = S_ISREG(status.st_mode);
    struct stage *s = push(b);
    if (s)
        s->fill = file_fill;
    return b->error;
}

void log_bytes_close(struct log_bytes *b)
{
    if (!b)
        return;
    while (b->top)
        pop(b);
    if (b->fd > STDIN_FILENO)
        close(b->fd);
    free(b);
}

uint64_t log_bytes_done(const struct log_bytes *b)
{
    return b->done;
}
