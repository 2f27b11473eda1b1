/* input.c - bytes of a file, cut into records. */
#include "bench/log/input.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/log/pattern.h"

enum { LOOK_BYTES = 1 << 18 };

static const char between[] = " \t\r\n,[]\x1e"; /* objects */

struct log_input {
    const char *name;
    log_input_idle *idle;
    void *context;
    struct log_bytes *bytes;
    bool member;       /* within one: the first, or the next in an archive */
    bool objects;      /* records are JSON objects */
    struct bytes text; /* what is not taken yet, from `at` on, and the record before */
    size_t record, at;
    uint64_t lines;    /* that are over */
    uint64_t hole;     /* zero bytes that were just left out */
};

static int say(const char *name, const char *member, int error, const char *cause,
               char message[LOG_MESSAGE_SIZE])
{
    if (error < 0 && error != -EINTR)
        snprintf(message, LOG_MESSAGE_SIZE, "%s%s%s: %s%s",
                 strcmp(name, "-") == 0 ? "standard input" : name, *member ? ":" : "", member,
                 error == -EILSEQ ? "damaged: " : "", cause);
    return error;
}

int log_input_open(struct log_input **out, const char *name, log_input_idle *idle, void *context,
                   char message[LOG_MESSAGE_SIZE])
{
    struct log_input *in = *out = calloc(1, sizeof *in);
    const char *cause = "out of memory";

    if (!in)
        return say(name, "", -ENOMEM, cause, message);
    *in = (struct log_input){ .name = name, .idle = idle, .context = context };
    int error = log_bytes_open(&in->bytes, name, idle, context, &cause);
    if (error) {
        say(name, "", error, cause, message);
        log_input_close(in);
        *out = NULL;
    }
    return error;
}

void log_input_close(struct log_input *in)
{
    if (!in)
        return;
    log_bytes_close(in->bytes);
    free(in->text.at);
    free(in);
}

const char *log_input_name(const struct log_input *in)
{
    return log_bytes_name(in->bytes);
}

static uint64_t count_lines(const char *text, size_t length)
{
    uint64_t n = 0;

    for (const char *end = text + length; (text = memchr(text, '\n', (size_t)(end - text))); text++)
        n++;
    return n;
}

/* How many bytes the object at `text` has, or the line if it is none; 0: its end is not there. */
static size_t object_end(const char *text, size_t length)
{
    const char *line = *text != '{' ? memchr(text, '\n', length) : NULL;
    bool quoted = false;
    unsigned depth = 0;

    if (*text != '{')
        return line ? (size_t)(line - text) : 0;
    for (size_t n = 0; n < length; n++) {
        char c = text[n];
        if ((c == '\n' && quoted) || (c == '{' && n && text[n - 1] == '\n')) /* it is broken */
            return n;
        if (c == '\\' && quoted && n + 1 < length && text[n + 1] != '\n')
            n++;
        else if (c == '"')
            quoted = !quoted;
        else if (c == '{' && !quoted)
            depth++;
        else if (c == '}' && !quoted && --depth == 0)
            return n + 1;
    }
    return 0;
}

bool log_input_has_objects(const char *text)
{
    const char *at = text + strspn(text, "\xef\xbb\xbf \t\r\n");
    size_t line = strcspn(at, "\n");

    if (*at == '\x1e') /* RFC 7464: each object begins with it */
        return at[1] == '{';
    if (*at == '[') { /* "[2001:db8::1]:80 - -" is no array */
        at += 1 + strspn(at + 1, " \t\r\n");
        return !*at || *at == '{';
    }
    size_t object = *at == '{' ? object_end(at, line) : 0;
    return object ? at[object + strspn(at + object, between)] == '{' && object < line
                  : *at == '{' && at[line];
}

/* The next block of text: 1, 0 at the member's end, or a negative errno. */
static int more_text(struct log_input *in, const char **cause)
{
    const char *block;
    /* A record may have no end, as that of /dev/zero. */
    ssize_t n = in->idle && in->idle(in->context) ? -EINTR
                                                  : log_bytes_next(in->bytes, &block, cause);

    if (n <= 0)
        return (int)n;
    if (in->record) { /* what was taken gives way */
        in->text.used -= in->record;
        memmove(in->text.at, in->text.at + in->record, in->text.used);
        in->at -= in->record;
        in->record = 0;
    }
    size_t from = in->text.used - (in->text.used > 0);
    if (bytes_add(&in->text, block, (size_t)n)) {
        *cause = "out of memory";
        return -ENOMEM;
    }
    /* The lines of old Macs end as others do; of the last byte only the next block tells. */
    char *cr = in->text.at + from, *last = in->text.at + in->text.used - 1;
    for (; (cr = memchr(cr, '\r', (size_t)(last - cr))); cr++)
        *cr = cr[1] == '\n' ? *cr : '\n';
    return 1;
}

int log_input_member(struct log_input *in, char message[LOG_MESSAGE_SIZE])
{
    const char *cause = "";
    int more = log_bytes_member(in->bytes, &cause);

    in->text.used = in->record = in->at = in->hole = 0;
    in->member = more > 0;
    more = in->member ? more_text(in, &cause) : more;
    if (more > 0)
        in->objects = log_input_has_objects(in->text.at);
    return more < 0 ? say(in->name, log_input_name(in), more, cause, message) : more || in->member;
}

/* Holes, marks of byte order, and what separates objects. */
static void skip_gap(struct log_input *in)
{
    const char *text = in->text.at + in->at, *end = in->text.at + in->text.used, *from = text;

    for (; text != end && (!*text || (in->objects && strchr(between, *text))); text++)
        in->hole += !*text;
    if (end - text >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3;
    in->lines += in->objects ? count_lines(from, (size_t)(text - from)) : 0;
    in->at += (size_t)(text - from);
}

static void reverse(char *text, size_t length)
{
    for (char *end = text + length; text < end; text++) {
        char c = *--end;
        *end = *text;
        *text = c;
    }
}

/*
 * Joins the line that the kubelet cut ("TIME stdout P ...") with the next of its stream, in whose
 * place a blank line stays.  false: that one is not there.
 */
static bool join_parts(char *text, size_t length)
{
    static const char regex[] =
        "^\\S++ std(out|err) (P) [^\\n]*+(\\n(?:(?: ++|\\S++ std(?!\\1)[^\\n]*+)\\n)*+(\\S++ std\\1 ([PF]) ))"
        "([^\\n]*+)\\n";
    static struct pattern part, parts;
    struct span all = { text, length }, tag, middle, front, next_tag, rest;

    while (pattern_find(&part, "^\\S++ std(?:out|err) P ", all, 0)) {
        if (!pattern_find(&parts, regex, all, 0))
            return false;
        pattern_group(&parts, all, 2, &tag);
        pattern_group(&parts, all, 3, &middle);
        pattern_group(&parts, all, 4, &front);
        pattern_group(&parts, all, 5, &next_tag);
        pattern_group(&parts, all, 6, &rest);
        text[tag.text - text] = *next_tag.text;
        memset(text + (front.text - text), ' ', front.length);
        /* What is between the parts changes places with the second one. */
        char *from = text + (middle.text - text);
        reverse(from, middle.length);
        reverse(from + middle.length, rest.length);
        reverse(from, middle.length + rest.length);
    }
    return true;
}

/* A record from the text: 1, 0 = more of it is needed.  At the end the last one has no end. */
static int cut(struct log_input *in, struct log_line *line, bool at_end)
{
    skip_gap(in);
    const char *text = in->text.at + in->at;
    size_t left = in->text.used - in->at, length;
    if (!left || (!in->objects && !join_parts(in->text.at + in->at, left) && !at_end &&
                  left <= LOG_LINE_MAX))
        return 0;
    const char *end = memchr(text, '\n', left);
    length = in->objects ? object_end(text, left) : end ? (size_t)(end - text) : left;
    const char *hole = in->objects ? NULL : memmem(text, length, "\0", 2);
    length = hole ? (size_t)(hole - text) : length;
    bool whole = in->objects ? length > 0 : hole || end;
    if (!whole && !at_end) {
        if (left > LOG_LINE_MAX + 2) /* it is too long, and its end is still to come */
            in->text.used = in->at + LOG_LINE_MAX + 2;
        return 0;
    }
    length = whole ? length : left;
    size_t taken = length + (length < left && text[length] == '\n');
    line->number = in->lines + 1;
    in->lines += in->objects ? count_lines(text, taken) : !hole;
    line->hole = in->hole;
    line->torn = hole != NULL;
    in->hole = 0;
    in->at += taken;
    length -= length && length <= LOG_LINE_MAX + 1 && text[length - 1] == '\r';
    line->too_long = length > LOG_LINE_MAX;
    line->length = line->too_long ? LOG_LINE_MAX : length;
    line->text = text;
    return 1;
}

/* The record at in->at. */
static int take(struct log_input *in, struct log_line *line, bool within,
                char message[LOG_MESSAGE_SIZE])
{
    const char *cause = "";

    for (;;) {
        if (in->at < in->text.used && cut(in, line, !in->member))
            return 1;
        if (!within) /* a hole may have no end */
            in->record = in->at;
        if (!in->member)
            return 0;
        int result = more_text(in, &cause);
        in->member = result != 0;
        if (result < 0)
            return say(in->name, log_input_name(in), result, cause, message);
    }
}

int log_input_next(struct log_input *in, struct log_line *line, char message[LOG_MESSAGE_SIZE])
{
    in->record = in->at;
    int result = take(in, line, false, message);
    if (result > 0)
        in->record = (size_t)(line->text - in->text.at);
    return result;
}

int log_input_extend(struct log_input *in, struct log_line *record, struct log_line *line,
                     char message[LOG_MESSAGE_SIZE])
{
    int result = take(in, line, true, message);

    record->text = in->text.at + in->record;
    if (result > 0)
        record->length = (size_t)(line->text + line->length - record->text);
    return result;
}

int log_input_look(struct log_input *in, struct span lines[LOG_LOOK_LINES], size_t *count,
                   char message[LOG_MESSAGE_SIZE])
{
    const char *cause = "";
    struct log_line line;
    uint64_t before = in->lines;
    int more = 1;

    *count = 0;
    while (in->member) {
        *count = in->at = in->hole = 0;
        for (; *count < LOG_LOOK_LINES && in->at < in->text.used &&
             cut(in, &line, more == 0) && !line.too_long; (*count)++)
            lines[*count] = (struct span){ line.text, line.length };
        if (more <= 0 || *count == LOG_LOOK_LINES || in->text.used >= LOOK_BYTES)
            break;
        more = more_text(in, &cause);
    }
    in->at = in->hole = 0;
    in->lines = before;
    return more < 0 ? say(in->name, log_input_name(in), more, cause, message) : 0;
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
        return say(name, "", -error, strerror(error), message);
    }
    if (S_ISDIR(status.st_mode))
        return say(name, "", -EISDIR, "is a folder; name the files in it", message);
    off_t at = standard ? lseek(STDIN_FILENO, 0, SEEK_CUR) : 0;
    if (S_ISREG(status.st_mode) && at >= 0 && at < status.st_size)
        *bytes = (uint64_t)(status.st_size - at);
    return 0;
}
