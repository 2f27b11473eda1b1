/* read.c - files become events. */
#include "bench/log/log.h"

#include <stdio.h>

#include "bench/base/text.h"
#include "locks/parts/platform.h"

static const uint64_t progress_every_ns = 100000000;

enum { LINES_BETWEEN_LOOKS = 1024, LINES_OF_A_RECORD = 1000 };

/* One call of log_read(). */
struct reader {
    struct log *log;
    const struct log_options *options;
    struct log_parser *parser;
    struct log_input *in; /* NULL while it is being opened */
    struct log_progress progress;
    uint64_t before;      /* bytes of the files that are done */
    uint64_t shown_ns;
    struct log_file *file;
    char lost[LOG_MESSAGE_SIZE]; /* the first in this archive of which no line could be read */
};

/* Counts an unreadable line, and keeps the first.  -EBADMSG if none may be. */
static int complain(struct reader *r, const struct log_line *line, const char *reason)
{
    struct log *log = r->log;
    struct log_complaint *c = &log->complaints[log->complaint_count];
    char hole[64];

    snprintf(hole, sizeof hole, "a hole of %llu bytes stands in front of it",
             (unsigned long long)line->hole);
    reason = line->hole ? hole : line->torn ? "a hole of zero bytes cuts it off" : reason;
    log->unreadable++;
    r->file->unreadable++;
    if (log->complaint_count == LOG_COMPLAINTS)
        return 0;
    log->complaint_count++;
    c->file = r->progress.file;
    c->line = line->number;
    snprintf(c->reason, sizeof c->reason, "%s", reason);
    text_printable(c->text, LOG_CUT, line->text, line->length);
    if (!r->options->strict)
        return 0;
    snprintf(log->message, sizeof log->message, "%s (%s:%llu): %s", reason, c->file,
             (unsigned long long)c->line, c->text);
    return -EBADMSG;
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

/* A record that will not be complete: each of its lines is unreadable. */
static int give_up(struct reader *r, const struct log_line *record)
{
    struct log_line line = *record;
    const char *end = record->text + record->length;
    int error = 0;

    for (const char *stop = line.text; stop && !error; line.number++) {
        stop = memchr(line.text, '\n', (size_t)(end - line.text));
        line.length = (size_t)((stop ? stop : end) - line.text);
        error = complain(r, &line, "its quotes do not match");
        line.text += line.length + 1;
    }
    return error;
}

/* What the parser makes of a line, or of what stands behind a zero byte in it (grep -Z). */
static int parse_line(struct reader *r, const struct log_line *line, struct log_fields *fields)
{
    const char *zero = memrchr(line->text, 0, line->length);

    if (zero) {
        size_t length = (size_t)(line->text + line->length - zero - 1);
        if (length && log_parse(r->parser, zero + 1, length, fields) == 0)
            return 0;
    }
    return log_parse(r->parser, line->text, line->length, fields);
}

/* Of "198.51.100.7 - -" a hole may leave "7 - -", which is no address, as the first visitor is. */
static bool lost_its_begin(const struct log *log, const struct log_line *line,
                           const struct log_fields *fields)
{
    struct span user = { fields->user, fields->user_length }, first = { NULL, 0 };

    if (line->hole && log->users.count)
        first.text = names_text(&log->users, 0, &first.length);
    return first.text && client_trim(&first) && !client_trim(&user);
}

static int take_parsed(struct reader *r, const struct log_line *line, int result,
                       const struct log_fields *fields)
{
    if (result == 0 && lost_its_begin(r->log, line, fields))
        return complain(r, line, "");
    if (result == 0 && !r->log->count && !fields->has_post)
        snprintf(r->log->no_post, LOG_REASON_SIZE, "%s", log_parser_no_post(r->parser));
    if (result == 0)
        result = log_append(r->log, fields);
    else if (result == -EINVAL)
        return complain(r, line, fields->reason);
    else if (result == 1)
        r->log->skipped++;
    return result >= 0 ? 0 : say_limit(r->log, result);
}

/*
 * A line that left a quote open, with those behind it.  If one of them is good by itself, the
 * quote was a mistake; else it belongs to the record.
 */
static int take_more(struct reader *r, struct log_line *record)
{
    struct log_fields fields;
    struct log_line line;

    for (size_t before = record->length, n = 1;; before = record->length, n++) {
        int more = log_input_extend(r->in, record, &line, r->log->message);
        if (more <= 0) {
            int error = give_up(r, record);
            return error && more == 0 ? error : more;
        }
        r->log->lines++;
        r->file->lines++;
        bool alone = log_parse(r->parser, line.text, line.length, &fields) == 0;
        if (alone || n == LINES_OF_A_RECORD || record->length > LOG_LINE_MAX) {
            record->length = alone ? before : record->length;
            int error = alone ? take_parsed(r, &line, 0, &fields) : 0;
            return error ? error : give_up(r, record);
        }
        int result = log_parse(r->parser, record->text, record->length, &fields);
        if (result != LOG_MORE)
            return take_parsed(r, record, result, &fields);
    }
}

static int take_line(struct reader *r, struct log_line *line)
{
    struct log_fields fields;

    r->log->lines++;
    r->file->lines++;
    if (line->too_long)
        return complain(r, line, *line->text != '{' ? "it is longer than 1 MiB"
                                 : "it is longer than 1 MiB; if it is one object around an array, "
                                   "jq -c '.NAME[]' prints its objects");
    int result = parse_line(r, line, &fields);
    return result == LOG_MORE ? take_more(r, line) : take_parsed(r, line, result, &fields);
}

/* What the format of the file is, from its first lines.  *count: so many there are. */
static int look_at_lines(struct reader *r, size_t *count)
{
    struct span lines[LOG_LOOK_LINES];
    const char *reason = "";
    int error = log_input_look(r->in, lines, count, r->log->message);

    if (error != -ENOMEM)
        error = *count ? log_parser_look(r->parser, lines, *count, &reason) : 0;
    if (error == -EINVAL)
        snprintf(r->log->message, sizeof r->log->message, "%s (%s)", reason, r->file->name);
    return error == -ENOMEM ? say_limit(r->log, error) : error;
}

static int read_lines(struct reader *r)
{
    struct log_line line;
    size_t seen;
    int error = look_at_lines(r, &seen);

    while (!error && (seen || !r->log->stopped)) {
        error = log_input_next(r->in, &line, r->log->message);
        if (error == 0) /* the end */
            return 0;
        if (error > 0)
            error = take_line(r, &line);
        seen -= seen > 0;
        if (!seen && r->log->lines % LINES_BETWEEN_LOOKS == 0) /* and before each block */
            look_at_clock(r);
    }
    return error;
}

/* The first damage of a file is kept. */
static void note_damage(struct log *log, struct log_file *file, const char *text)
{
    log->damaged += !file->damage[0];
    if (!file->damage[0])
        snprintf(file->damage, sizeof file->damage, "%s", text);
}

/* Damage ends a file, or one in an archive, and not the reading. */
static int forgive(struct reader *r, int error)
{
    bool damage = error == -EIO || error == -EILSEQ || error == -EACCES || error == -ENOENT;

    if (!damage || r->options->strict)
        return error;
    note_damage(r->log, r->file, r->log->message);
    return 0;
}

/* Adds the format of a member to those of its archive. */
static void note_format(struct reader *r)
{
    char *known = r->file->format, found[LOG_REASON_SIZE];
    size_t used = strlen(known), length = strlen(log_parser_found(r->parser, found));
    const char *semicolon = strrchr(known, ';');
    bool again = strcmp(semicolon ? semicolon + 2 : known, found) == 0;

    if (again || used + 2 + length >= LOG_REASON_SIZE)
        return;
    memcpy(known + used, "; ", 2);
    memcpy(known + used + (used ? 2 : 0), found, length + 1);
}

/* A file, or each in an archive, is read for itself. */
static int read_member(struct reader *r)
{
    const struct log *log = r->log;
    size_t count = log->count;
    uint64_t unreadable = log->unreadable;

    log_parser_begin(r->parser);
    int error = read_lines(r);
    if (log->count > count)
        note_format(r);
    else if (!error && log->unreadable > unreadable && !r->lost[0])
        snprintf(r->lost, sizeof r->lost, "%s:%s: no line of it could be read", r->file->name,
                 log_input_name(r->in));
    return error;
}

static int read_file(struct reader *r, const char *name)
{
    struct log *log = r->log;

    r->progress.file = name;
    r->lost[0] = '\0';
    r->file = &log->files[log->file_count++];
    *r->file = (struct log_file){ .name = name };
    int error = forgive(r, log_input_open(&r->in, name, look_at_clock, r, log->message));
    for (bool more = r->in != NULL; more && !error && !log->stopped;) {
        int result = log_input_member(r->in, log->message);
        more = result != 0;
        if (result > 0)
            result = read_member(r);
        more = more && (result == 0 || result == -EILSEQ);
        error = forgive(r, result);
    }
    if (r->file->format[0] && r->lost[0] && !error)
        note_damage(log, r->file, r->lost);
    r->file->bytes = r->in ? log_input_done(r->in) : 0;
    r->before += r->file->bytes;
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
    const char *others = count > 1 ? " and the others" : "";

    for (size_t i = 0; i < log->file_count; i++)
        if (log->files[i].damage[0]) {
            snprintf(log->message, sizeof log->message, "%s", log->files[i].damage);
            return -EILSEQ;
        }
    file = log->complaint_count ? c->file : file;
    file = strcmp(file, "-") == 0 ? "standard input" : file;
    if (log->complaint_count)
        snprintf(log->message, sizeof log->message,
                 "%s (%s:%llu), and no other line%s could be read.  Line %llu is '%s'.  Wanted "
                 "is %s", c->reason, file, (unsigned long long)c->line, others,
                 (unsigned long long)c->line, c->text, expected);
    else
        snprintf(log->message, sizeof log->message, "%s%s: there is nothing in it; wanted is %s",
                 file, others, expected);
    return -ENODATA;
}

int log_read(struct log *log, const char *const *files, size_t count,
             const struct log_options *options)
{
    struct reader r = { .log = log, .options = options, .shown_ns = contend_clock_ns() };
    struct log_file *list = realloc(log->files, (log->file_count + count + 1) * sizeof *list);
    size_t before = log->count;
    char why[LOG_REASON_SIZE] = "out of memory";
    int error = list ? log_parser_new(&r.parser, &options->parse, why) : -ENOMEM;

    log->stopped = false;
    log->files = list ? list : log->files;
    snprintf(log->message, sizeof log->message, "%s", error ? why : "");
    if (error)
        return error;
    error = check_files(&r, files, count);
    for (size_t i = 0; i < count && !error && !log->stopped; i++)
        error = read_file(&r, files[i]);
    if (!error && !log->stopped && log->count == before)
        error = say_no_data(&r, count ? files[0] : "-", count);
    for (size_t i = 0; i < log->file_count && !error; i++) {
        struct log_file *f = &log->files[i];
        if (f->format[0] || !f->unreadable)
            continue;
        snprintf(log->message, sizeof log->message, "%s: no line of it could be read", f->name);
        note_damage(log, f, log->message);
    }
    log_parser_free(r.parser);
    return error;
}
