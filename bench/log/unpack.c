/* unpack.c - a stack of what unpacks: the file at the bottom, plain bytes on top. */
#include "bench/log/unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <iconv.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bench/log/pattern.h"

enum { BLOCK = 1 << 18, LOOK = 1 << 16, WAIT_MS = 100, CAUSE_SIZE = 256, DEEPEST = 8 };

/* One layer of packing. */
struct stage {
    struct log_bytes *bytes;
    struct stage *below; /* NULL: the file itself */
    ssize_t (*fill)(struct stage *stage, const char **block); /* 0 = the member's end */
    bool ended;
    struct bytes ahead;  /* bytes that were looked at, and not taken */

    struct archive *archive;
    bool last_member; /* libarchive must not be asked again */
    z_stream *zlib;
    z_stream zlib_state;
    bool gzip_member_ended;
    iconv_t utf8;
    bool utf8_up;
    const char *charset; /* of a text that is no UTF-8 */
    struct bytes wide;   /* what is not converted yet */
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
    int error; /* stays, until another member is asked for: nothing is read beyond damage */
    struct stage *failed;
    char cause[CAUSE_SIZE];
    char member[CAUSE_SIZE]; /* of an archive; "" = none */
};

static int fail(struct stage *s, int error, const char *cause)
{
    snprintf(s->bytes->cause, CAUSE_SIZE, "%s", cause);
    s->bytes->failed = s;
    s->bytes->error = error;
    return error;
}

static int no_memory(struct stage *s)
{
    return fail(s, -ENOMEM, "out of memory while unpacking");
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
            return fail(s, -errno, strerror(errno));
        if (b->idle && b->idle(b->context))
            return -EINTR;
    }
}

/* The next bytes of a stage that have not been taken yet. */
static ssize_t pull(struct stage *s, const char **block)
{
    size_t ahead = s->ahead.used;

    *block = s->ahead.at;
    s->ahead.used = 0;
    if (ahead || s->ended)
        return (ssize_t)ahead;
    ssize_t n = s->bytes->error ? s->bytes->error : s->fill(s, block);
    s->ended = n == 0;
    return n;
}

/*
 * Looks ahead, to the first line's end or `most` bytes or all that there are.  What is there
 * already when waiting is stopped is enough.  0 or a negative errno.
 */
static int look(struct stage *s, size_t most)
{
    const char *block;

    while (s->ahead.used < most && !s->ended &&
           (!s->ahead.used || !memchr(s->ahead.at, '\n', s->ahead.used))) {
        ssize_t n = s->bytes->error ? s->bytes->error : s->fill(s, &block);
        s->ended = n == 0;
        if (n < 0)
            return s->ahead.used ? 0 : (int)n;
        if (bytes_add(&s->ahead, block, (size_t)n))
            return no_memory(s);
    }
    return 0;
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
        return no_memory(s);
    return fail(s, -EILSEQ, cause ? cause : "cannot be unpacked");
}

/* The next file in the archive: 1, 0 = there is no other, or a negative errno. */
static int archive_member(struct stage *s)
{
    struct archive_entry *entry;

    s->bytes->member[0] = '\0';
    while (!s->last_member) {
        int r = archive_read_next_header(s->archive, &entry);
        bool found = r == ARCHIVE_OK || r == ARCHIVE_WARN;
        s->last_member = !found && r != ARCHIVE_RETRY;
        if (!found && r != ARCHIVE_EOF)
            return archive_failed(s);
        if (found && archive_format(s->archive) == ARCHIVE_FORMAT_RAW)
            return 1;
        const char *path = found ? archive_entry_pathname(entry) : NULL;
        const char *base = path && strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
        if (found && archive_entry_filetype(entry) == AE_IFREG &&
            (!base || strncmp(base, "._", 2) != 0)) { /* there a Mac keeps what it knows of a file */
            snprintf(s->bytes->member, CAUSE_SIZE, "%s", path ? path : "");
            return 1;
        }
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
        int error = r == ARCHIVE_OK ? 0 : archive_failed(s);
        if (error && (r != ARCHIVE_WARN || !length))
            return error;
    } while (length == 0); /* with the last bytes comes a warning that their checksum is wrong */
    *block = data;
    return (ssize_t)length;
}

static int archive_begin(struct stage *s)
{
    struct archive *a = s->archive = archive_read_new();

    if (!a)
        return no_memory(s);
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
    z_stream *z = s->zlib;

    while (!z->avail_in || s->gzip_member_ended) {
        if (!z->avail_in) {
            const char *packed = NULL;
            ssize_t n = pull(s->below, &packed);
            if (n == 0 && !s->gzip_member_ended)
                return fail(s, -EILSEQ, "it ends in the middle of its gzip data");
            if (n <= 0)
                return (int)n;
            z->next_in = (unsigned char *)(uintptr_t)packed;
            z->avail_in = (unsigned)n;
        } else if (*z->next_in == 0) {
            z->next_in++;
            z->avail_in--;
        } else if (*z->next_in != 0x1f) {
            return fail(s, -EILSEQ, "something else follows its gzip data");
        } else {
            inflateReset(z);
            s->gzip_member_ended = false;
        }
    }
    return 1;
}

static ssize_t gzip_fill(struct stage *s, const char **block)
{
    z_stream *z = s->zlib;
    size_t length;

    do {
        int more = s->bytes->error ? s->bytes->error : gzip_feed(s);
        if (more <= 0)
            return more;
        z->next_out = (unsigned char *)s->buffer;
        z->avail_out = BLOCK;
        int r = inflate(z, Z_NO_FLUSH);
        length = BLOCK - z->avail_out;
        s->gzip_member_ended = r == Z_STREAM_END;
        if (r == Z_MEM_ERROR)
            no_memory(s);
        else if (r != Z_OK && r != Z_STREAM_END && r != Z_BUF_ERROR)
            fail(s, -EILSEQ, z->msg ? z->msg : "its gzip data are damaged");
    } while (!length); /* what came before damage is delivered first */
    *block = s->buffer;
    return (ssize_t)length;
}

static int gzip_begin(struct stage *s)
{
    s->fill = gzip_fill;
    /* 15 bits of window, 16 = with gzip's header and checksum. */
    if (inflateInit2(&s->zlib_state, 15 + 16) != Z_OK)
        return no_memory(s);
    s->zlib = &s->zlib_state;
    return 0;
}

/* What is no character becomes U+FFFD. */
static ssize_t text_fill(struct stage *s, const char **block)
{
    static const char none[] = "\xef\xbf\xbd";
    size_t unit = s->charset[4] == '3' ? 4 : 2; /* UTF-32 */
    char *out = s->buffer;

    while (out == s->buffer) {
        ssize_t n = pull(s->below, block);
        if (n < 0 || (n == 0 && s->wide.used < unit))
            return n;
        if (bytes_add(&s->wide, *block, (size_t)n))
            return no_memory(s);
        char *in = s->wide.at;
        size_t left = s->wide.used, room = BLOCK;
        while (iconv(s->utf8, &in, &left, &out, &room) == (size_t)-1 && room > sizeof none &&
               (errno == EILSEQ || (n == 0 && left >= unit))) {
            memcpy(out, none, 3);
            out += 3;
            room -= 3;
            in += unit;
            left -= unit;
        }
        memmove(s->wide.at, in, left);
        s->wide.used = left;
    }
    *block = s->buffer;
    return out - s->buffer;
}

static int text_begin(struct stage *s)
{
    s->fill = text_fill;
    s->utf8 = iconv_open("UTF-8", s->charset);
    s->utf8_up = s->utf8 != (iconv_t)-1;
    return s->utf8_up ? 0 : fail(s, -errno, "its characters cannot be converted here");
}

/* How packings begin, and texts whose characters are not bytes, with a mark or without. */
static const struct {
    const char *regex;
    int (*begin)(struct stage *s);
    const char *charset;
} packings[] = {
    { "^\\x1f\\x8b", gzip_begin, NULL },
    { "^(?:BZh|\\xfd7zXZ|\\x28\\xb5\\x2f\\xfd|\\x04\\x22\\x4d\\x18|PK(?:\\x03\\x04|\\x05\\x06)"
      "|.{257}ustar)", archive_begin, NULL },
    { "^(?:\\xff\\xfe\\0\\0|(?:[^\\0]\\0{3}){2})", text_begin, "UTF-32LE" },
    { "^(?:\\0\\0\\xfe\\xff|(?:\\0{3}[^\\0]){2})", text_begin, "UTF-32BE" },
    { "^(?:\\xff\\xfe|(?:[^\\0]\\0){2})", text_begin, "UTF-16LE" },
    { "^(?:\\xfe\\xff|(?:\\0[^\\0]){2})", text_begin, "UTF-16BE" },
};

static int push(struct log_bytes *b, int (*begin)(struct stage *s), const char *charset)
{
    struct stage *s = calloc(1, sizeof *s);

    if (!s) {
        snprintf(b->cause, CAUSE_SIZE, "out of memory while unpacking");
        return b->error = -ENOMEM;
    }
    s->bytes = b;
    s->below = b->top;
    s->charset = charset;
    s->fill = file_fill;
    b->top = s;
    b->depth++;
    return begin ? begin(s) : 0;
}

static void pop(struct log_bytes *b)
{
    struct stage *s = b->top;

    b->top = s->below;
    b->depth--;
    if (s->zlib)
        inflateEnd(s->zlib);
    if (s->utf8_up)
        iconv_close(s->utf8);
    archive_read_free(s->archive);
    free(s->ahead.at);
    free(s->wide.at);
    free(s);
}

/* Looks at the first bytes of what is on top, and puts what unpacks them above it. */
static int unpack(struct log_bytes *b)
{
    enum { KINDS = sizeof packings / sizeof *packings };
    static struct pattern patterns[KINDS];

    for (size_t i = 0; i < KINDS;) {
        int error = look(b->top, LOOK);
        struct span ahead = { b->top->ahead.used ? b->top->ahead.at : "", b->top->ahead.used };
        for (i = 0; !error && i < KINDS; i++)
            if (pattern_find(&patterns[i], packings[i].regex, ahead, 0))
                break;
        if (!error && i < KINDS)
            error = b->depth == DEEPEST ? fail(b->top, -EILSEQ, "it is packed more than seven times over")
                                        : push(b, packings[i].begin, packings[i].charset);
        if (error)
            return error;
    }
    return 1;
}

int log_bytes_member(struct log_bytes *b, const char **cause)
{
    int found = 1;

    *cause = b->cause;
    if (b->error && b->error != -EILSEQ)
        return b->error;
    while (b->error && b->top != b->failed) /* these had their bytes from it */
        pop(b);
    b->error = 0;
    while (b->begun) {
        if (b->top->archive && (found = archive_member(b->top)) != 0) {
            b->top->ended = false;
            b->top->ahead.used = 0;
            break;
        }
        if (!b->top->below)
            return 0;
        pop(b);
    }
    b->begun = true;
    return found < 0 ? found : unpack(b);
}

ssize_t log_bytes_next(struct log_bytes *b, const char **block, const char **cause)
{
    *cause = b->cause;
    return pull(b->top, block);
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
    if (b->fd < 0 || fstat(b->fd, &status)) {
        snprintf(b->cause, CAUSE_SIZE, "%s", strerror(errno));
        return -errno;
    }
    b->regular = S_ISREG(status.st_mode);
    return push(b, NULL, NULL);
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

const char *log_bytes_name(const struct log_bytes *b)
{
    return b->member;
}

uint64_t log_bytes_done(const struct log_bytes *b)
{
    return b->done;
}
