/* log.c - files become events. */
#include "bench/log/log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "locks/parts/platform.h"

static const uint64_t progress_every_ns = 100000000;

enum { FIRST_EVENTS = 1024, LINES_BETWEEN_LOOKS = 1024 };

/* One call of log_read(). */
struct reader {
    struct log *log;
    const struct log_options *options;
    struct log_parser *parser;
    struct log_input *in; /* NULL while it is being opened */
    struct log_progress progress;
    uint64_t before;      /* bytes of the files that are done */
    uint64_t shown_ns;
    uint64_t looked_at;   /* bytes that were done when the clock was last looked at */
};

void log_init(struct log *log)
{
    memset(log, 0, sizeof *log);
    names_init(&log->users);
    names_init(&log->posts);
    log->sorted = true;
}

void log_free(struct log *log)
{
    free(log->events);
    names_free(&log->users);
    names_free(&log->posts);
    log_init(log);
}

static int grow(struct log *log)
{
    size_t capacity = log->capacity ? log->capacity + log->capacity / 2 : FIRST_EVENTS;
    struct log_event *events;

    if (capacity > SIZE_MAX / sizeof *events)
        return -EOVERFLOW;
    events = realloc(log->events, capacity * sizeof *events);
    if (!events)
        return -ENOMEM;
    log->events = events;
    log->capacity = capacity;
    return 0;
}

int log_append(struct log *log, const struct log_fields *fields)
{
    struct log_event event = { .time_ms = fields->time_ms, .post = LOG_NO_POST };
    uint32_t users = log->users.count;
    int error = log->count == log->capacity ? grow(log) : 0;

    if (!error)
        error = names_intern(&log->users, fields->user, fields->user_length, &event.user);
    if (error)
        return error;
    if (fields->has_post)
        error = names_intern(&log->posts, fields->post, fields->post_length, &event.post);
    if (error) {
        if (log->users.count > users) /* a visitor must have come */
            names_forget_last(&log->users);
        return error;
    }
    if (log->count && event.time_ms < log->events[log->count - 1].time_ms) {
        log->backwards++;
        log->sorted = false;
    }
    log->events[log->count++] = event;
    return 0;
}

static void complain(struct reader *r, const struct log_line *line, const char *reason)
{
    struct log *log = r->log;

    log->unreadable++;
    if (log->complaint_count == LOG_COMPLAINTS)
        return;
    struct log_complaint *c = &log->complaints[log->complaint_count++];
    c->file = r->progress.file;
    c->line = line->number;
    c->reason = reason;
    log_printable(c->text, LOG_CUT, line->text, line->length);
}

/* Not 0 = stop. */
static int look_at_clock(void *context)
{
    struct reader *r = context;
    uint64_t now = contend_clock_ns();

    if (!r->options->progress || now - r->shown_ns < progress_every_ns)
        return 0;
    r->shown_ns = now;
    r->progress.lines = r->log->lines;
    r->progress.done = r->before + (r->in ? log_input_done(r->in) : 0);
    r->log->stopped = r->options->progress(r->options->context, &r->progress) != 0;
    return r->log->stopped;
}

static bool time_to_look(struct reader *r)
{
    uint64_t done = log_input_done(r->in);

    if (done == r->looked_at && r->log->lines % LINES_BETWEEN_LOOKS)
        return false;
    r->looked_at = done;
    return true;
}

static int say_limit(struct log *log, int error)
{
    bool users = log->users.count >= log->users.limit;

    if (error == -ENOMEM)
        snprintf(log->message, sizeof log->message,
                 "out of memory after %zu events, %lu visitors and %lu posts; read a part of it",
                 log->count, (unsigned long)log->users.count, (unsigned long)log->posts.count);
    else
        snprintf(log->message, sizeof log->message, "more than %lu %s; read a part of it",
                 (unsigned long)(users ? log->users.limit : log->posts.limit),
                 users ? "visitors" : "posts");
    return error;
}

static int take_line(struct reader *r, const struct log_line *line)
{
    struct log_fields fields;
    struct log *log = r->log;
    int result;

    log->lines++;
    if (line->too_long) {
        complain(r, line, "it is longer than 1 MiB");
        return 0;
    }
    result = log_parse(r->parser, line->text, line->length, &fields);
    if (result == 0)
        result = log_append(log, &fields);
    else if (result == -EINVAL)
        complain(r, line, fields.reason);
    else if (result > 0)
        log->skipped++;
    return result >= 0 || result == -EINVAL ? 0 : say_limit(log, result);
}

static int read_file(struct reader *r, const char *name)
{
    struct log *log = r->log;
    struct log_line line;
    int error;

    r->progress.file = name;
    log_parser_begin(r->parser);
    error = log_input_open(&r->in, name, look_at_clock, r, log->message);
    while (!error && !log->stopped) {
        int more = log_input_next(r->in, &line, log->message);
        if (more <= 0) {
            error = more;
            break;
        }
        error = take_line(r, &line);
        if (!error && time_to_look(r))
            look_at_clock(r);
    }
    r->before += r->in ? log_input_done(r->in) : 0;
    log_input_close(r->in);
    r->in = NULL;
    return log->stopped && error == -EINTR ? 0 : error;
}

/* All files must be there before the first is read; their size together, if it is known. */
static int check_files(struct reader *r, const char *const *files, size_t count)
{
    bool known = true;

    for (size_t i = 0; i < count; i++) {
        uint64_t bytes;
        int error = log_input_check(files[i], &bytes, r->log->message);
        if (error)
            return error;
        known = known && bytes;
        r->progress.total += bytes;
    }
    if (!known)
        r->progress.total = 0;
    return 0;
}

/* Nothing could be read. */
static int say_no_data(struct reader *r, const char *file, size_t count)
{
    struct log *log = r->log;
    const struct log_complaint *c = &log->complaints[0];
    const char *expected = log_parser_expected(r->parser);
    const char *name = strcmp(file, "-") == 0 ? "standard input" : file;

    if (log->complaint_count)
        snprintf(log->message, sizeof log->message,
                 "%s%s: not one line could be read; wanted is %s.  Line %llu is '%s': %s", name,
                 count > 1 ? " and the others" : "", expected, (unsigned long long)c->line, c->text,
                 c->reason);
    else
        snprintf(log->message, sizeof log->message, "%s%s: there is nothing in it; wanted is %s",
                 name, count > 1 ? " and the others" : "", expected);
    return -ENODATA;
}

int log_read(struct log *log, const char *const *files, size_t count,
             const struct log_options *options)
{
    struct reader r = { .log = log, .options = options, .shown_ns = contend_clock_ns() };
    size_t before = log->count;
    int error = log_parser_new(&r.parser, &options->parse);

    log->stopped = false;
    log->message[0] = '\0';
    if (error) {
        snprintf(log->message, sizeof log->message, "%s",
                 error == -ENOMEM ? "out of memory"
                                  : "for CSV and JSON the columns for time, user and post must "
                                    "be named");
        return error;
    }
    error = check_files(&r, files, count);
    for (size_t i = 0; i < count && !error && !log->stopped; i++)
        error = read_file(&r, files[i]);
    if (!error && !log->stopped && log->count == before)
        error = say_no_data(&r, count ? files[0] : "-", count);
    log_parser_free(r.parser);
    return error;
}

/* The length of the printable character at `text` in UTF-8; 0 = it is none. */
static size_t printable(const unsigned char *text, size_t length)
{
    static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
    unsigned char first = text[0];
    size_t bytes = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
    uint32_t c = first & (0x7fU >> bytes);

    if (bytes == 1)
        return first >= ' ' && first != 0x7f;
    if (!bytes || bytes > length || first > 0xf4)
        return 0;
    for (size_t i = 1; i < bytes; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (text[i] & 0x3f);
    }
    /* Overlong forms, half pairs, controls, and what turns the writing direction around. */
    bool bad = c < least[bytes] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) || c < 0xa0 ||
               (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
               (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
    return bad ? 0 : bytes;
}

char *log_printable(char *out, size_t characters, const char *text, size_t length)
{
    const unsigned char *at = (const unsigned char *)text, *end = at + length;
    size_t cut_at = 0, used = 0;

    for (size_t n = 0; at != end; n++) {
        if (n == characters) { /* too long: the last three make room */
            memcpy(out + cut_at, "...", 4);
            return out;
        }
        size_t bytes = printable(at, (size_t)(end - at));
        if (n + 3 == characters)
            cut_at = used;
        if (bytes)
            memcpy(out + used, at, bytes);
        else
            out[used] = '?';
        used += bytes ? bytes : 1;
        at += bytes ? bytes : 1;
    }
    out[used] = '\0';
    return out;
}
