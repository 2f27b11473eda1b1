/* parse.c - which format a file has, and what all formats have in common. */
#include "bench/log/parse.h"

#include <stdio.h>

#include "bench/log/client.h"
#include "bench/log/pattern.h"
#include "bench/log/readers.h"
#include "bench/log/stamp.h"

struct log_parser {
    struct log_parse_options options;
    enum log_format found; /* stays AUTO until lines of the file were good */
    enum log_unit unit;    /* of this file */
    bool prefixed;         /* JSON: something stands before the object */
    unsigned front;        /* CSV, W3C: which front each line has; 0: none */
    size_t weight;         /* of the lines that were last found good: events and posts */
    struct span around;    /* the time of the record that wraps this line, or nothing */
    struct log_parser *inner; /* JSON, CSV: reads the line that a record wraps */
    bool wrapped;          /* and does so in this file */
    bool is_inner;
    bool no_memory;        /* while it was looking */
    struct log_names names;
    struct log_csv *csv;
    struct log_json *json;
    struct log_rules *log, *rules; /* contend's own; those to be tried; NULL until needed */
    char reason[LOG_REASON_SIZE], address[CLIENT_ADDRESS];
};

static int parse_whole(struct log_parser *p, struct span line, struct log_fields *fields);

const char *log_format_name(enum log_format format)
{
    static const char *const names[] = { "auto", "log", "csv", "json", "w3c", "rules" };

    return names[format];
}

/* The first character that is not blank; zero: there is none. */
static char first_of(struct span line)
{
    size_t n = 0;

    while (n < line.length && memchr(" \t\r", line.text[n], 3))
        n++;
    return n == line.length ? '\0' : line.text[n] ? line.text[n] : '?';
}

static long user_number(const struct log_parse_options *o)
{
    char *end = NULL;
    long n = o->user_field ? strtol(o->user_field, &end, 10) : 0;

    return n && !*end ? n : 0;
}

static int load_rules(struct log_parser *p, char why[LOG_REASON_SIZE])
{
    long field = user_number(&p->options);
    const char *name = field ? NULL : p->options.user_field;
    int error = p->log ? 0 : log_rules_new(&p->log, NULL, field, name, why);

    if (!error && !p->rules && p->options.rules)
        error = log_rules_new(&p->rules, p->options.rules, field, name, why);
    if (!error && !p->rules)
        p->rules = p->log;
    if (!error && p->options.rule)
        error = log_rules_check(p->rules, p->options.rule, why);
    p->no_memory |= error == -ENOMEM;
    return error;
}

/* Cuts off what a container, a logger or grep puts in front of an object: maybe its time. */
static bool cut_front(struct span *text, struct span *time)
{
    static const char times[] =
        "(?|.*(?<!\\d)(\\d{4}[-/]\\d\\d?[-/]\\d\\d?[T ]\\d\\d?:[^\\s\\]]+(?: [-+]\\d{4})?"
        "|\\d+[-/ ][A-Za-z]{3}[-/ ]\\d{4}[: ]\\S+(?: [-+]\\d{4})?|\\d{8}T\\d{6}\\S*"
        "|[A-Z][a-z]{2} [A-Z][a-z]{2} +\\d+ [\\d:.]+ \\d{4})|^\\W?(\\d{9,}[.\\d]*))(?!\\S*\\S:)";
    static struct pattern object, stamp;
    struct span front;

    if (!pattern_find(&object, "^.*?[- \\t:\\x1e](?=\\{)", *text, 0))
        return false;
    pattern_group(&object, *text, 0, &front);
    if (pattern_find(&stamp, times, front, 0))
        pattern_group(&stamp, front, 1, time);
    *text = (struct span){ text->text + front.length, text->length - front.length };
    return true;
}

/* Numbers below 1e8 are no seconds since 1970, unless somebody said so. */
#define EARLIEST_MS UINT64_C(100000000000)

/* CSV, JSON, or the lines that their records wrap. */
static int parse_record(struct log_parser *p, enum log_format format, struct span text,
                        struct log_fields *fields)
{
    bool json = format == LOG_FORMAT_JSON;
    struct span line, around = p->around;

    if (json && first_of(text) != '{')
        p->prefixed |= cut_front(&text, &around);
    if (!p->wrapped)
        return json ? log_json_line(p->json, text, around, p->unit, fields)
                    : log_csv_line(p->csv, text, p->unit, fields);
    int error = json
        ? log_json_wrapped(p->json, text, &line, &p->inner->around, &fields->reason)
        : log_csv_wrapped(p->csv, text, &line, &p->inner->around, &fields->reason);
    return error ? error : parse_whole(p->inner, line, fields);
}

/* Tries one format. */
static int parse_as(struct log_parser *p, enum log_format format, struct span line,
                    struct log_fields *fields)
{
    bool rules = format == LOG_FORMAT_RULES;

    memset(fields, 0, sizeof *fields);
    line = client_cut_front(line, p->front);
    if (format == LOG_FORMAT_CSV || format == LOG_FORMAT_JSON) {
        int result = parse_record(p, format, line, fields);
        bool numbered = p->names.numbered && p->front && !p->wrapped; /* no header says so */
        if (result || !numbered || fields->time_ms >= EARLIEST_MS)
            return result;
        fields->reason = "its time stamp is not understood, and what stands behind colons in it "
                         "would be a second of 1970";
        return -EINVAL;
    }
    if (format == LOG_FORMAT_W3C)
        return log_csv_w3c_line(p->csv, line, p->unit, fields);
    return log_rules_line(rules ? p->rules : p->log, rules ? p->options.rule : "log", line, p->unit,
                          fields);
}

/* How many lines are good in a format: events, or a header in front of events, unless it would
 * be a header of lines that are not known. */
static size_t count_good(struct log_parser *p, enum log_format format, const struct span *lines,
                         size_t count)
{
    struct log_fields fields;
    size_t good = 0, headers = 0, posts = 0;

    log_csv_begin(p->csv);
    for (size_t i = 0; i < count; i++) {
        int result = !first_of(lines[i]) ? -EINVAL : parse_as(p, format, lines[i], &fields);
        good += result == 0;
        posts += result == 0 && fields.has_post;
        headers += result == 1;
        p->no_memory |= result == -ENOMEM;
        bool bare = p->front && client_cut_front(lines[i], p->front).text == lines[i].text;
        if (bare && result == 1 && format == LOG_FORMAT_CSV) { /* so it is a part of a column */
            good = posts = headers = 0;
            break;
        }
    }
    log_csv_begin(p->csv);
    p->weight = good || p->front ? 2 * good + posts : headers;
    return good || p->wrapped || p->front ? good : headers;
}

/* The lines that records wrap, and what these are.  How many are good. */
static size_t look_within(struct log_parser *p, enum log_format format, const struct span *lines,
                          size_t count)
{
    if (p->is_inner)
        return 0;
    if (!p->inner && log_parser_new(&p->inner, &p->options, p->reason)) {
        p->no_memory = true;
        return 0;
    }
    p->inner->is_inner = true;
    if (p->options.format == format)
        p->inner->options.format = LOG_FORMAT_AUTO;
    log_parser_begin(p->inner);
    p->wrapped = true;
    size_t good = count_good(p, format, lines, count);
    p->wrapped = good > 0;
    return good;
}

/* JSON objects, or the lines that they wrap.  How many are good. */
static size_t look_for_json(struct log_parser *p, const struct span *lines, size_t count)
{
    p->wrapped = false;
    size_t good = count_good(p, LOG_FORMAT_JSON, lines, count);
    return good ? good : look_within(p, LOG_FORMAT_JSON, lines, count);
}

/* W3C, lines that CSV wraps, or CSV behind the front that leaves most events and posts. */
static enum log_format look_behind_fronts(struct log_parser *p, const struct span *lines,
                                          size_t count)
{
    enum log_format asked = p->options.format;
    size_t best = p->weight;
    unsigned front = 0;

    for (p->front = 1; p->front < CLIENT_FRONTS && count > 1; p->front++) { /* a header, and a line */
        if (asked != LOG_FORMAT_CSV && !p->names.numbered &&
            count_good(p, LOG_FORMAT_W3C, lines, count))
            return LOG_FORMAT_W3C;
        if (asked == LOG_FORMAT_W3C)
            continue;
        if (count_good(p, LOG_FORMAT_CSV, lines, count)) {
            /* Of fronts that are as good, the longest, since a header has to stand behind it. */
            if (p->weight < best + (!front || p->names.numbered))
                continue;
            best = p->weight;
            front = p->front;
        } else if (!best && look_within(p, LOG_FORMAT_CSV, lines, count)) {
            return LOG_FORMAT_CSV;
        }
    }
    p->front = front;
    return best ? LOG_FORMAT_CSV : asked;
}

/* The format in which most lines are good; AUTO if none is. */
static enum log_format choose(struct log_parser *p, const struct span *lines, size_t count)
{
    size_t objects = 0, filled = 0, csv, log, within, rules;
    bool numbered = p->names.numbered;

    for (size_t i = 0; i < count; i++) {
        if (log_csv_is_w3c(lines[i]) && !numbered)
            return LOG_FORMAT_W3C;
        objects += first_of(lines[i]) == '{';
        filled += first_of(lines[i]) != '\0';
    }
    if (2 * objects > filled && !numbered && look_for_json(p, lines, count))
        return LOG_FORMAT_JSON;
    csv = count_good(p, LOG_FORMAT_CSV, lines, count);
    log = p->options.columns && csv ? 0 : log_rules_look(p->log, lines, count);
    if (csv > log)
        return look_behind_fronts(p, lines, count);
    /* A line in quotes looks like a log, too, with a quote before its visitor. */
    within = csv || numbered || p->options.rules ? 0 : look_within(p, LOG_FORMAT_CSV, lines, count);
    if (2 * within > log)
        return LOG_FORMAT_CSV;
    p->wrapped = false;
    rules = count_good(p, LOG_FORMAT_RULES, lines, count);
    if (rules && (2 * rules > log || p->options.rules))
        return LOG_FORMAT_RULES;
    if (!log && !numbered && look_for_json(p, lines, count))
        return LOG_FORMAT_JSON;
    p->wrapped = false;
    p->weight = 0;
    return log ? LOG_FORMAT_HTTP : look_behind_fronts(p, lines, count);
}

/* Of numbers that are no seconds since 1970, whole thousands are milliseconds. */
static bool counts_milliseconds(struct log_parser *p, const struct span *lines, size_t count)
{
    enum { ENOUGH = 4 };
    uint64_t last = UINT64_MAX;
    unsigned different = 0;

    for (size_t i = 0; i < count; i++) {
        struct log_fields f;
        if (parse_as(p, p->found, lines[i], &f) != 0)
            continue;
        if (f.time_ms % 1000000 || f.time_ms >= EARLIEST_MS)
            return false;
        different += f.time_ms != last;
        last = f.time_ms;
    }
    return different >= ENOUGH;
}

/* The key of the posts, if no line has it but one that is much like it: -EINVAL. */
static int check_posts(struct log_parser *p, const struct span *lines, size_t count)
{
    const char *missing = NULL;

    for (size_t i = 0; i < count; i++) {
        struct log_fields f;
        if (parse_as(p, LOG_FORMAT_JSON, lines[i], &f) != 0)
            continue;
        missing = log_json_no_post(p->json);
        if (!strstr(missing, "did you mean"))
            return 0;
    }
    snprintf(p->reason, sizeof p->reason, "%s", missing ? missing : "");
    return missing ? -EINVAL : 0;
}

int log_parser_look(struct log_parser *p, const struct span *lines, size_t count,
                    const char **reason)
{
    int error = load_rules(p, p->reason);
    bool records;

    *reason = p->reason;
    if (error)
        return error;
    p->found = p->options.format;
    p->no_memory = false;
    if (p->found == LOG_FORMAT_AUTO)
        p->found = choose(p, lines, count);
    else if (p->found == LOG_FORMAT_HTTP)
        log_rules_look(p->log, lines, count);
    else if (p->found == LOG_FORMAT_W3C && !count_good(p, LOG_FORMAT_W3C, lines, count))
        look_behind_fronts(p, lines, count);
    else if (p->found == LOG_FORMAT_CSV && (count_good(p, LOG_FORMAT_CSV, lines, count) ||
                                            !look_within(p, LOG_FORMAT_CSV, lines, count)))
        look_behind_fronts(p, lines, count);
    else if (p->found == LOG_FORMAT_JSON)
        look_for_json(p, lines, count);
    log_csv_begin(p->csv);
    records = !p->wrapped && (p->found == LOG_FORMAT_CSV || p->found == LOG_FORMAT_JSON);
    if (records && p->unit == LOG_UNIT_AUTO && counts_milliseconds(p, lines, count))
        p->unit = LOG_UNIT_MS;
    log_csv_begin(p->csv);
    if (p->no_memory)
        return -ENOMEM;
    return records && p->found == LOG_FORMAT_JSON && p->options.columns
               ? check_posts(p, lines, count) : 0;
}

/* No format is known yet: this line decides, or says what was wrong with it. */
static int parse_unknown(struct log_parser *p, struct span line, struct log_fields *fields)
{
    int error = log_parser_look(p, &line, 1, &fields->reason);
    enum log_format format = p->found;

    if (error)
        return error;
    if (format == LOG_FORMAT_AUTO) {
        p->wrapped = false;
        format = first_of(line) == '{' && !p->names.numbered ? LOG_FORMAT_JSON
                 : p->options.columns ? LOG_FORMAT_CSV : LOG_FORMAT_HTTP;
        if (format == LOG_FORMAT_HTTP && parse_as(p, LOG_FORMAT_CSV, line, fields) == -EINVAL &&
            log_csv_knows_some(p->csv))
            return -EINVAL;
    }
    return parse_as(p, format, line, fields);
}

static void trim_user(struct log_parser *p, struct log_fields *fields)
{
    struct span user = { fields->user, fields->user_length };

    if (user.length == 1 && user.text[0] == '-')
        user.length = 0;
    bool odd = memchr(user.text, ':', user.length) || memchr(user.text, ',', user.length) ||
               memchr(user.text, '-', user.length);
    if (odd && client_trim(&user) && memchr(user.text, ':', user.length))
        user = (struct span){ p->address, client_spell(user, p->address) };
    fields->user = user.text;
    fields->user_length = user.length;
}

static void tidy_post(const struct log_parser *p, struct log_fields *f)
{
    if (f->has_post && !f->is_path && f->post_length &&
        memmem(f->post, f->post_length, " HTTP/", 6))
        log_request((struct span){ f->post, f->post_length }, f);
    if (f->has_post && f->post_length && !p->options.keep_query &&
        (f->is_path || f->post[0] == '/' || memmem(f->post, f->post_length, "://", 3))) {
        const char *query = memchr(f->post, '?', f->post_length);
        f->post_length = query ? (size_t)(query - f->post) : f->post_length;
    }
    f->has_post = f->has_post && f->post_length > 0;
}

static int parse_whole(struct log_parser *p, struct span line, struct log_fields *fields)
{
    int result;

    if (!first_of(line) || (line.length == 2 && memcmp(line.text, "--", 2) == 0)) /* of grep -C */
        return 1;
    result = p->found == LOG_FORMAT_AUTO ? parse_unknown(p, line, fields)
                                         : parse_as(p, p->found, line, fields);
    if (result || p->wrapped)
        return result;
    trim_user(p, fields);
    if (!fields->user_length) {
        fields->reason = "the visitor is empty";
        return -EINVAL;
    }
    tidy_post(p, fields);
    return 0;
}

int log_parse(struct log_parser *p, const char *text, size_t length, struct log_fields *fields)
{
    return parse_whole(p, (struct span){ text, length }, fields);
}

const char *log_parser_no_post(const struct log_parser *outer)
{
    const struct log_parser *p = outer->wrapped ? outer->inner : outer;

    return p->found == LOG_FORMAT_JSON ? log_json_no_post(p->json)
           : p->found == LOG_FORMAT_CSV || p->found == LOG_FORMAT_W3C ? log_csv_no_post(p->csv)
           : "what is in quotes is not like GET /path, with a method in front";
}

int log_parser_new(struct log_parser **out, const struct log_parse_options *options,
                   char why[LOG_REASON_SIZE])
{
    struct log_parser *p = *out = calloc(1, sizeof *p);
    char unwanted[LOG_REASON_SIZE];

    if (!p)
        return -ENOMEM;
    p->options = *options;
    log_names_set(&p->names, options->columns, options->user_field);
    int error = log_csv_new(&p->csv, &p->names, options->delimiter);
    if (!error)
        error = log_json_new(&p->json, &p->names);
    if (!error && (options->rules || options->format == LOG_FORMAT_RULES ||
                   options->format == LOG_FORMAT_HTTP))
        error = load_rules(p, why ? why : unwanted);
    if (error) {
        log_parser_free(p);
        *out = NULL;
    } else {
        log_parser_begin(p);
    }
    return error;
}

void log_parser_free(struct log_parser *p)
{
    if (!p)
        return;
    log_parser_free(p->inner);
    log_csv_free(p->csv);
    log_json_free(p->json);
    if (p->rules != p->log)
        log_rules_free(p->rules);
    log_rules_free(p->log);
    free(p);
}

void log_parser_begin(struct log_parser *p)
{
    p->found = p->options.format;
    p->unit = p->options.unit;
    p->prefixed = p->wrapped = false;
    p->front = 0;
    log_csv_begin(p->csv);
    log_json_begin(p->json);
    if (p->inner)
        log_parser_begin(p->inner);
}

const char *log_parser_found(const struct log_parser *outer, char buffer[LOG_REASON_SIZE])
{
    const struct log_parser *p = outer->wrapped ? outer->inner : outer;
    bool front = p->front || (p->prefixed && p->found == LOG_FORMAT_JSON);
    const char *outside = outer->wrapped ? log_format_name(outer->found) : "text";
    const char *name = log_format_name(p->found);
    int used;

    if (p->found == LOG_FORMAT_RULES && p->rules)
        name = log_rules_last(p->rules);
    long field = p->found == LOG_FORMAT_HTTP && p->log ? log_rules_field(p->log) : 1;
    used = snprintf(buffer, LOG_REASON_SIZE, "%s%s%s", outer->wrapped || front ? outside : "",
                    outer->wrapped ? " around " : front ? " and " : "", name);
    if (field != 0 && field != 1)
        snprintf(buffer + used, LOG_REASON_SIZE - (size_t)used, ", field %ld is the visitor",
                 field);
    if (p->unit == LOG_UNIT_MS && p->options.unit == LOG_UNIT_AUTO)
        snprintf(buffer + used, LOG_REASON_SIZE - (size_t)used, ", times in milliseconds");
    return buffer;
}

#define HTTP_LIKE                                                                                  \
    "the common or combined log format (HOST IDENT USER [17/May/2015:10:05:03 +0000] "             \
    "\"GET /path HTTP/1.1\" 200 512)"

const char *log_parser_expected(const struct log_parser *p)
{
    static const char *const wanted[] = {
        HTTP_LIKE "; for CSV and JSON, name the columns: --columns=time=NAME,user=NAME,post=NAME, "
                  "or number those of a CSV without a header: --columns=1,2,3",
        HTTP_LIKE, "CSV with the columns that were named, in a header line or by number",
        "JSON objects with the keys that were named",
        "the W3C extended format, with a line #Fields", "lines that a rule is like",
    };

    return p->options.columns && p->options.format == LOG_FORMAT_AUTO
               ? "CSV or JSON with the columns that were named"
               : wanted[p->found == LOG_FORMAT_W3C ? p->found : p->options.format];
}
