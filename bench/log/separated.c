/* separated.c - records with a separator, by libcsv. */
#include "bench/log/separated.h"

#include <csv.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The cells that are kept of a record: each role's, and the date in front of a time. */
enum { DATE = LOG_ROLES, KEPT };

#define NOWHERE SIZE_MAX

/* A cell: where it lies in the buffer. */
struct cell {
    size_t at, length;
    bool found;
};

struct log_csv {
    struct log_names names;
    char asked_delimiter;

    struct csv_parser csv;
    bool csv_up, first, header_known;
    size_t place[KEPT];     /* column of each, from 0 */
    size_t column;          /* of the cell that comes next */
    struct cell cells[KEPT];
    struct cell *header;    /* of the line that may be one: all its cells */
    size_t header_capacity;
    char *buffer;
    size_t used, capacity;
    char day[16];           /* of W3C's line #Date, for files whose lines have the time alone */
    bool no_memory, row_ended;
    char reason[LOG_REASON_SIZE];
};

int log_csv_new(struct log_csv **out, const struct log_names *names, char delimiter)
{
    struct log_csv *c = calloc(1, sizeof *c);

    *out = c;
    if (!c)
        return -ENOMEM;
    c->names = *names;
    for (unsigned role = 0; role < LOG_ROLES; role++) /* those lie in the copy now */
        if (names->of[role] == names->own[role])
            c->names.of[role] = c->names.own[role];
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
    free(c->header);
    free(c->buffer);
    free(c);
}

void log_csv_begin(struct log_csv *c)
{
    c->first = true;
    c->day[0] = '\0';
    c->header_known = c->names.numbered;
    for (unsigned kept = 0; kept < KEPT; kept++) {
        const char *name = kept < LOG_ROLES ? c->names.of[kept][0] : NULL;
        unsigned number = 0;
        c->place[kept] = NOWHERE;
        if (c->names.numbered && name && log_column_number(name, &number))
            c->place[kept] = number - 1;
    }
}

/* The most frequent of the usual separators outside quotes; a comma if there is none. */
static char guess_delimiter(const char *text, size_t length)
{
    static const char usual[] = ",;\t|";
    size_t counts[4] = { 0 }, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < length; i++) {
        quoted ^= text[i] == '"';
        for (size_t k = 0; k < 4; k++)
            counts[k] += !quoted && text[i] == usual[k];
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

static void keep_cell(struct log_csv *c, struct cell *cell, const char *text, size_t length)
{
    if (c->used + length >= c->capacity) { /* so the buffer is never NULL */
        size_t capacity = 2 * (c->used + length) + 256;
        char *buffer = realloc(c->buffer, capacity);
        if (!buffer) {
            c->no_memory = true;
            return;
        }
        c->buffer = buffer;
        c->capacity = capacity;
    }
    if (length)
        memcpy(c->buffer + c->used, text, length);
    c->buffer[c->used + length] = '\0';
    *cell = (struct cell){ .at = c->used, .length = length, .found = true };
    c->used += length + 1;
}

static void keep_header(struct log_csv *c, const char *text, size_t length)
{
    if (c->column == c->header_capacity) {
        size_t capacity = 2 * c->header_capacity + 32;
        struct cell *header = realloc(c->header, capacity * sizeof *header);
        if (!header) {
            c->no_memory = true;
            return;
        }
        c->header = header;
        c->header_capacity = capacity;
    }
    keep_cell(c, &c->header[c->column], text, length);
}

/* libcsv has a cell. */
static void csv_cell(void *text, size_t length, void *context)
{
    struct log_csv *c = context;

    if (c->no_memory)
        return;
    if (!c->header_known)
        keep_header(c, text, length);
    for (unsigned kept = 0; kept < KEPT; kept++)
        if (c->header_known && c->place[kept] == c->column)
            keep_cell(c, &c->cells[kept], text, length);
    c->column++;
}

static void csv_row(int separator, void *context)
{
    struct log_csv *c = context;

    (void)separator;
    c->row_ended = true;
}

/* Cuts the line into cells: 0, LOG_MORE, -EINVAL, -ENOMEM. */
static int csv_cut(struct log_csv *c, const char *text, size_t length, const char **reason)
{
    c->column = c->used = 0;
    c->no_memory = c->row_ended = false;
    memset(c->cells, 0, sizeof c->cells);
    /* The line's end ends the row, unless a quote is open. */
    bool whole = csv_parse(&c->csv, text, length, csv_cell, NULL, c) == length &&
                 csv_parse(&c->csv, "\n", 1, csv_cell, csv_row, c) == 1;
    if (c->no_memory || (!whole && csv_error(&c->csv) == CSV_ENOMEM))
        return -ENOMEM;
    if (whole && c->row_ended)
        return 0;
    *reason = "its quotes do not match";
    int error = csv_begin(c, (char)csv_get_delim(&c->csv)); /* it would stay in the quotes */
    return error ? error : LOG_MORE;
}

static size_t find_column(const struct log_csv *c, const char *name, size_t length)
{
    for (size_t i = 0; i < c->column; i++)
        if (log_same_name(c->buffer + c->header[i].at, c->header[i].length, name, length))
            return i;
    return NOWHERE;
}

/* Finds a role's column in the header; "date+time" are two. */
static void place_role(struct log_csv *c, unsigned role)
{
    for (const char *const *name = c->names.of[role]; *name; name++) {
        const char *plus = role == LOG_TIME ? strchr(*name, '+') : NULL;
        c->place[role] = find_column(c, *name, strlen(*name));
        if (c->place[role] == NOWHERE && plus) {
            c->place[DATE] = find_column(c, *name, (size_t)(plus - *name));
            c->place[role] = c->place[DATE] == NOWHERE
                                 ? NOWHERE : find_column(c, plus + 1, strlen(plus + 1));
        }
        if (c->place[role] != NOWHERE)
            return;
        if (role == LOG_TIME)
            c->place[DATE] = NOWHERE;
    }
}

/* Whether the line was the header: 1 or -EINVAL. */
static int csv_header(struct log_csv *c, struct log_fields *fields)
{
    for (unsigned role = 0; role < LOG_ROLES; role++) {
        struct log_offer offer;
        place_role(c, role);
        if (c->place[role] != NOWHERE || !c->names.of[role][0] ||
            (role == LOG_POST && c->names.known))
            continue;
        log_offer_begin(&offer, &c->names, role);
        for (size_t i = 0; i < c->column; i++)
            log_offer_add(&offer, c->buffer + c->header[i].at);
        fields->reason = log_offer_say(&offer, "column", c->reason);
        log_csv_begin(c);
        c->first = false;
        return -EINVAL;
    }
    c->header_known = true;
    return 1;
}

static bool cell_names(const struct log_csv *c, unsigned role)
{
    const struct cell *cell = &c->cells[role];

    for (const char *const *name = c->names.of[role]; *name; name++)
        if (log_same_name(*name, strlen(*name), c->buffer + cell->at, cell->length))
            return true;
    return false;
}

static int csv_fields(struct log_csv *c, bool first, enum log_unit unit,
                      struct log_fields *fields)
{
    const struct cell *time = &c->cells[LOG_TIME], *user = &c->cells[LOG_USER],
                      *post = &c->cells[LOG_POST], *date = &c->cells[DATE];
    struct cell joined = *time;

    if (!time->found || !user->found) {
        fields->reason = "it has too few columns";
        return -EINVAL;
    }
    /* Files that were put together repeat their header. */
    if (!c->names.numbered && cell_names(c, LOG_TIME) && cell_names(c, LOG_USER))
        return 1;
    bool day = !date->found && c->day[0] && time->length > 2 && c->buffer[time->at + 2] == ':';
    if (date->found || day) {
        char text[64];
        int length = snprintf(text, sizeof text, "%.31s %.31s", day ? c->day : c->buffer + date->at,
                              c->buffer + time->at);
        keep_cell(c, &joined, text, (size_t)length);
        if (c->no_memory)
            return -ENOMEM;
    }
    if (!log_time_column(c->buffer + joined.at, joined.length, unit, &fields->time_ms,
                         &fields->reason))
        return c->names.numbered && first ? 1 : -EINVAL;
    fields->user = c->buffer + user->at;
    fields->user_length = user->length;
    fields->has_post = post->found;
    if (post->found) {
        fields->post = c->buffer + post->at;
        fields->post_length = post->length;
    }
    return 0;
}

int log_csv_line(struct log_csv *c, const char *text, size_t length, enum log_unit unit,
                 struct log_fields *fields)
{
    bool first = c->first;
    int error = 0;

    if (first)
        error = csv_begin(c, c->asked_delimiter ? c->asked_delimiter
                                                : guess_delimiter(text, length));
    c->first = false;
    if (!error)
        error = csv_cut(c, text, length, &fields->reason);
    if (error)
        return error;
    return c->header_known ? csv_fields(c, first, unit, fields) : csv_header(c, fields);
}

static const char directive[] = "#fields";
static const char of_day[] = "#date: ";

bool log_csv_is_w3c(const char *text, size_t length)
{
    return length > sizeof directive && strncasecmp(text, directive, sizeof directive - 1) == 0;
}

int log_csv_w3c_line(struct log_csv *c, const char *text, size_t length, enum log_unit unit,
                     struct log_fields *fields)
{
    bool header = log_csv_is_w3c(text, length);
    size_t skip = header ? sizeof directive : 0;

    if (!header && length >= sizeof of_day + 9 &&
        strncasecmp(text, of_day, sizeof of_day - 1) == 0)
        snprintf(c->day, sizeof c->day, "%.10s", text + sizeof of_day - 1);
    if (!header && text[0] == '#')
        return 1;
    if (header) {
        c->header_known = false;
        while (skip < length && (text[skip] == ' ' || text[skip] == '\t'))
            skip++;
    } else if (!c->header_known) {
        fields->reason = "it comes before a line #Fields";
        return -EINVAL;
    }
    text += skip;
    length -= skip;
    char delimiter = memchr(text, '\t', length) ? '\t' : ' ';
    int error = 0;
    if (!c->csv_up || (char)csv_get_delim(&c->csv) != delimiter)
        error = csv_begin(c, delimiter);
    if (!error)
        error = csv_cut(c, text, length, &fields->reason);
    if (error)
        return error == LOG_MORE ? -EINVAL : error;
    return header ? csv_header(c, fields) : csv_fields(c, false, unit, fields);
}
