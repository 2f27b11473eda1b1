/* csv.c - records with a separator, by libcsv. */
#include <csv.h>
#include <stdio.h>
#include <strings.h>

#include "bench/log/readers.h"

struct cells {
    struct bytes text; /* each with a zero behind it */
    struct bytes ends; /* a size_t for each: where the next one begins */
};

struct log_csv {
    const struct log_names *names;
    char asked_delimiter;
    struct csv_parser csv;
    bool csv_up, first, header_known;
    struct cells header, line;
    const struct cells *values; /* of the record that is looked at */
    char day[16]; /* of W3C's line #Date, for files whose lines have the time alone */
    bool no_memory, row_ended;
    size_t wrapper; /* the column with whole lines */
    struct log_roles roles;
};

static size_t count_cells(const struct cells *c)
{
    return c->ends.used / sizeof(size_t);
}

static bool cell(const struct cells *c, size_t i, struct span *s)
{
    const size_t *ends = (const size_t *)(const void *)c->ends.at;

    if (i >= count_cells(c))
        return false;
    size_t begin = i ? ends[i - 1] : 0;
    *s = (struct span){ c->text.at + begin, ends[i] - 1 - begin };
    return true;
}

int log_csv_new(struct log_csv **out, const struct log_names *names, char delimiter)
{
    struct log_csv *c = *out = calloc(1, sizeof *c);

    if (!c)
        return -ENOMEM;
    c->names = names;
    c->asked_delimiter = delimiter;
    log_csv_begin(c);
    return 0;
}

void log_csv_free(struct log_csv *c)
{
    if (!c)
        return;
    if (c->csv_up)
        csv_free(&c->csv);
    free(c->header.text.at);
    free(c->header.ends.at);
    free(c->line.text.at);
    free(c->line.ends.at);
    free(c);
}

void log_csv_begin(struct log_csv *c)
{
    c->first = true;
    c->day[0] = '\0';
    c->header_known = c->names->numbered;
    c->header.ends.used = 0;
    memset(&c->roles, 0, sizeof c->roles);
}

/* The most frequent of the usual separators outside quotes; a comma if there is none. */
static char guess_delimiter(struct span line)
{
    static const char usual[] = ",;\t|";
    size_t counts[4] = { 0 }, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < line.length; i++) {
        quoted ^= line.text[i] == '"';
        for (size_t k = 0; k < 4; k++)
            counts[k] += !quoted && line.text[i] == usual[k];
    }
    for (size_t k = 1; k < 4; k++)
        if (counts[k] > counts[best])
            best = k;
    return usual[best];
}

static int csv_begin(struct log_csv *c, char delimiter)
{
    if (c->csv_up)
        csv_free(&c->csv);
    c->csv_up = csv_init(&c->csv, 0) == 0;
    if (!c->csv_up)
        return -ENOMEM;
    csv_set_delim(&c->csv, (unsigned char)delimiter);
    return 0;
}

/* libcsv has a cell. */
static void csv_cell(void *text, size_t length, void *context)
{
    struct log_csv *c = context;
    struct cells *line = &c->line;

    c->no_memory |= bytes_add(&line->text, text, length) || bytes_add(&line->text, "", 1) ||
                    bytes_add(&line->ends, (const char *)&line->text.used, sizeof(size_t));
}

static void csv_row(int separator, void *context)
{
    struct log_csv *c = context;

    (void)separator;
    c->row_ended = true;
}

/* Cuts the line into cells: 0, LOG_MORE, -ENOMEM. */
static int csv_cut(struct log_csv *c, struct span line, const char **reason)
{
    c->line.text.used = c->line.ends.used = 0;
    c->no_memory = c->row_ended = false;
    /* The line's end ends the row, unless a quote is open. */
    bool whole = csv_parse(&c->csv, line.text, line.length, csv_cell, NULL, c) == line.length &&
                 csv_parse(&c->csv, "\n", 1, csv_cell, csv_row, c) == 1;
    if (c->no_memory || (!whole && csv_error(&c->csv) == CSV_ENOMEM))
        return -ENOMEM;
    if (whole && c->row_ended)
        return 0;
    *reason = "its quotes do not match";
    int error = csv_begin(c, (char)csv_get_delim(&c->csv)); /* it would stay in the quotes */
    return error ? error : LOG_MORE;
}

static bool find_cell(void *of, struct span name, bool alike, struct log_value *value)
{
    const struct log_csv *c = of;
    struct span header;

    (void)alike; /* headers are what people write */
    value->null = false;
    if (c->names->numbered)
        return cell(c->values, log_column_number(name.text) - 1, &value->text);
    for (size_t i = 0; cell(&c->header, i, &header); i++)
        if (log_same_name(header, name))
            return cell(c->values, i, &value->text);
    value->text = (struct span){ c->day, strlen(c->day) };
    return c->day[0] && log_same_name(name, (struct span){ "date", 4 });
}

static void offer_header(void *of, struct log_offer *offer)
{
    const struct log_csv *c = of;
    struct span name;

    for (size_t i = 0; cell(&c->header, i, &name); i++)
        log_offer_add(offer, name.text);
}

/* What was cut becomes the header. */
static void keep_header(struct log_csv *c)
{
    struct cells line = c->line;

    c->line = c->header;
    c->header = line;
}

/* Whether the line is the header: 1 or -EINVAL. */
static int csv_header(struct log_csv *c, const struct log_record *record,
                      struct log_fields *fields)
{
    keep_header(c);
    c->values = &c->header;
    for (unsigned role = LOG_ROLES; role-- > 0;)
        if (c->names->of[role][0] && !(role == LOG_POST && !c->names->own[role][0]) &&
            !log_role_find(&c->roles, record, c->names, role))
            fields->reason = log_role_missing(&c->roles, record, c->names, role);
    c->header_known = !fields->reason;
    c->first = false;
    return c->header_known ? 1 : -EINVAL;
}

bool log_csv_knows_some(const struct log_csv *c)
{
    return count_cells(&c->header) > 1 && (c->roles.found[LOG_TIME] || c->roles.found[LOG_USER]);
}

/* Files that were put together repeat their header. */
static bool is_header(const struct log_csv *c)
{
    struct span a, b;
    size_t i = 0;

    while (cell(&c->line, i, &a) && cell(&c->header, i, &b) && log_same_name(a, b))
        i++;
    return i > 0 && i == count_cells(&c->header);
}

static struct log_record record_of(struct log_csv *c)
{
    return (struct log_record){ .of = c, .what = "column", .find = find_cell,
                                .offer = offer_header };
}

const char *log_csv_no_post(struct log_csv *c)
{
    const struct log_record record = record_of(c);

    return log_post_missing(&c->roles, &record, c->names);
}

static int csv_record(struct log_csv *c, struct span line, bool is_first, enum log_unit unit,
                      struct log_fields *fields)
{
    struct log_record record = record_of(c);
    int error = csv_cut(c, line, &fields->reason);
    uint64_t time_ms;

    if (error)
        return error;
    if (!c->header_known)
        return csv_header(c, &record, fields);
    if (is_header(c))
        return 1;
    record.cells = c->names->numbered ? count_cells(&c->line) : 0;
    record.missing = "it has too few columns";
    c->values = &c->line;
    error = log_roles_take(&c->roles, &record, c->names, unit, fields);
    struct span time = c->roles.values[LOG_TIME].text;
    bool header = error && is_first && c->names->numbered && time.text &&
                  !log_time(time.text, time.length, unit, &time_ms, &fields->reason);
    return header ? 1 : error;
}

/* The first line of a file says what separates its cells. */
static int begin_with(struct log_csv *c, struct span line)
{
    int error = c->first ? csv_begin(c, c->asked_delimiter ? c->asked_delimiter
                                                           : guess_delimiter(line)) : 0;

    c->first = false;
    return error;
}

int log_csv_line(struct log_csv *c, struct span line, enum log_unit unit,
                 struct log_fields *fields)
{
    bool first = c->first;
    int error = begin_with(c, line);

    return error ? error : csv_record(c, line, first, unit, fields);
}

/* Whether the record that was cut is a header, and which of its columns has whole lines. */
static bool names_wrapper(struct log_csv *c)
{
    struct span name;

    for (const char *const *known = log_line_names; *known; known++)
        for (c->wrapper = 0; cell(&c->line, c->wrapper, &name); c->wrapper++)
            if (log_same_name(name, (struct span){ *known, strlen(*known) }))
                return true;
    c->wrapper = 0; /* the only one, whatever it is called: lines of a log have blanks */
    return count_cells(&c->line) == 1 && cell(&c->line, 0, &name) &&
           !memchr(name.text, ' ', name.length);
}

int log_csv_wrapped(struct log_csv *c, struct span text, struct span *line, struct span *time,
                    const char **reason)
{
    const struct log_record record = record_of(c);
    bool first = c->first;
    int error = begin_with(c, text);

    if (!error)
        error = csv_cut(c, text, reason);
    if (error)
        return error;
    if (first && names_wrapper(c)) {
        keep_header(c);
        return 1;
    }
    if (is_header(c))
        return 1;
    size_t columns = count_cells(&c->header);
    bool quoted = columns > 1 || (text.text[0] == '"' && count_cells(&c->line) == 1);
    if (!quoted || count_cells(&c->line) < columns || !cell(&c->line, c->wrapper, line)) {
        *reason = "it has no column with a line, such as 'message', and is no line in quotes";
        return -EINVAL;
    }
    c->values = &c->line;
    log_role_find(&c->roles, &record, c->names, LOG_TIME);
    *time = c->roles.values[LOG_TIME].text;
    return 0;
}

static bool begins(struct span line, const char *word)
{
    return line.length > strlen(word) && strncasecmp(line.text, word, strlen(word)) == 0;
}

bool log_csv_is_w3c(struct span line)
{
    return begins(line, "#fields");
}

int log_csv_w3c_line(struct log_csv *c, struct span line, enum log_unit unit,
                     struct log_fields *fields)
{
    bool header = log_csv_is_w3c(line);

    if (begins(line, "#date: "))
        snprintf(c->day, sizeof c->day, "%.*s", line.length < 17 ? 0 : 10, line.text + 7);
    if (!header && line.text[0] == '#')
        return 1;
    size_t skip = header ? 8 : 0;
    while (header && skip < line.length && memchr(" \t", line.text[skip], 2))
        skip++;
    line = (struct span){ line.text + skip, line.length - skip };
    c->header_known &= !header;
    if (!header && !c->header_known) {
        fields->reason = "it comes before a line #Fields";
        return -EINVAL;
    }
    char delimiter = memchr(line.text, '\t', line.length) ? '\t' : ' ';
    int error = 0;
    if (!c->csv_up || (char)csv_get_delim(&c->csv) != delimiter)
        error = csv_begin(c, delimiter);
    if (!error)
        error = csv_record(c, line, false, unit, fields);
    return error == LOG_MORE ? -EINVAL : error;
}
