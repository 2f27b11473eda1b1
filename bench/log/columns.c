/* columns.c - CSV and JSON records, and the names of their columns. */
#include "bench/log/columns.h"

#include <csv.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/log/stamp.h"

enum { TIME, USER, POST, ROLES, NUMBER_SIZE = 24 };

#define NOWHERE SIZE_MAX

/* A cell that was wanted: where it lies in the buffer. */
struct cell_text {
    size_t at, length;
    bool found;
};

struct log_records {
    const char *names[ROLES]; /* NULL = not asked for */
    bool numbered;
    char delimiter;

    struct csv_parser csv;
    bool csv_up, first, header_known;
    size_t place[ROLES];      /* column of each role, from 0 */
    size_t column;            /* of the cell that comes next */
    struct cell_text cells[ROLES];
    char *buffer;
    size_t used, capacity;
    bool no_memory;

    json_t *json; /* of the line before: its strings have been given away */
    char numbers[ROLES][NUMBER_SIZE];
};

static bool is_number(const char *text, unsigned *number)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);

    *number = (unsigned)n;
    return text[0] >= '0' && text[0] <= '9' && !*end && n >= 1 && n <= 1000000;
}

/* "role=name", or a name alone for the role that is next; NULL = wrong, *reason says why. */
static char **column_slot(struct log_columns *c, char **part, unsigned position, bool named,
                          const char **reason)
{
    static const char *const roles[] = { "time", "user", "post" };
    char **slots[] = { &c->time, &c->user, &c->post };
    char *name = strchr(*part, '=');
    unsigned role = position;

    *reason = named ? "each column must be named like time=..., user=..., post=..."
                    : "three columns at most are wanted: time,user,post";
    if (named && !name)
        return NULL;
    if (named) {
        *name++ = '\0';
        for (role = 0; role < ROLES && strcmp(roles[role], *part) != 0; role++)
            ;
        *part = name;
    }
    if (role >= ROLES)
        return NULL;
    *reason = **part ? "a column is named twice" : "a column has no name";
    return **part && !*slots[role] ? slots[role] : NULL;
}

int log_columns_parse(struct log_columns *columns, const char *spec, const char **reason)
{
    char *copy = strdup(spec), *rest = copy, *part;
    bool named = strchr(spec, '=') != NULL;
    int error = copy ? 0 : -ENOMEM;

    *reason = "out of memory";
    memset(columns, 0, sizeof *columns);
    for (unsigned i = 0; !error && (part = strsep(&rest, ",")); i++) {
        char **slot = column_slot(columns, &part, i, named, reason);
        if (!slot)
            error = -EINVAL;
        else if (!(*slot = strdup(part)))
            error = -ENOMEM;
    }
    if (!error && (!columns->time || !columns->user)) {
        *reason = "the columns for time and user are needed";
        error = -EINVAL;
    }
    free(copy);
    if (error) {
        log_columns_free(columns);
        return error;
    }
    unsigned at;
    columns->numbered = is_number(columns->time, &at) && is_number(columns->user, &at) &&
                        (!columns->post || is_number(columns->post, &at));
    return 0;
}

void log_columns_free(struct log_columns *columns)
{
    free(columns->time);
    free(columns->user);
    free(columns->post);
    memset(columns, 0, sizeof *columns);
}

int log_records_new(struct log_records **out, const struct log_columns *columns, char delimiter)
{
    struct log_records *r = calloc(1, sizeof *r);

    *out = r;
    if (!r)
        return -ENOMEM;
    r->names[TIME] = columns->time;
    r->names[USER] = columns->user;
    r->names[POST] = columns->post;
    r->numbered = columns->numbered;
    r->delimiter = delimiter;
    log_records_begin(r);
    return 0;
}

void log_records_free(struct log_records *r)
{
    if (!r)
        return;
    if (r->csv_up)
        csv_free(&r->csv);
    json_decref(r->json);
    free(r->buffer);
    free(r);
}

void log_records_begin(struct log_records *r)
{
    r->first = true;
    r->header_known = r->numbered;
    for (unsigned role = 0; role < ROLES; role++) {
        unsigned number = 0;
        r->place[role] = NOWHERE;
        if (r->numbered && r->names[role] && is_number(r->names[role], &number))
            r->place[role] = number - 1;
    }
}

/* The most frequent of the usual ones outside quotes; a comma if there is none. */
static char guess_delimiter(const char *text, size_t length)
{
    static const char usual[] = ",;\t";
    size_t counts[3] = { 0 }, best = 0;
    bool quoted = false;

    for (size_t i = 0; i < length; i++) {
        quoted ^= text[i] == '"';
        for (size_t k = 0; k < 3; k++)
            counts[k] += !quoted && text[i] == usual[k];
    }
    for (size_t k = 1; k < 3; k++)
        if (counts[k] > counts[best])
            best = k;
    return usual[best];
}

static int csv_begin(struct log_records *r, char delimiter)
{
    if (r->csv_up)
        csv_free(&r->csv);
    r->csv_up = csv_init(&r->csv, CSV_STRICT | CSV_STRICT_FINI) == 0;
    if (!r->csv_up)
        return -ENOMEM;
    csv_set_delim(&r->csv, (unsigned char)delimiter);
    return 0;
}

static void keep_cell(struct log_records *r, struct cell_text *cell, const char *text,
                      size_t length)
{
    if (r->used + length >= r->capacity) { /* so the buffer is never NULL */
        size_t capacity = 2 * (r->used + length) + 256;
        char *buffer = realloc(r->buffer, capacity);
        if (!buffer) {
            r->no_memory = true;
            return;
        }
        r->buffer = buffer;
        r->capacity = capacity;
    }
    if (length)
        memcpy(r->buffer + r->used, text, length);
    *cell = (struct cell_text){ .at = r->used, .length = length, .found = true };
    r->used += length;
}

/* libcsv has a cell. */
static void csv_cell(void *text, size_t length, void *context)
{
    struct log_records *r = context;

    for (unsigned role = 0; role < ROLES; role++) {
        const char *name = r->names[role];
        if (r->header_known ? r->place[role] == r->column
                            : name && r->place[role] == NOWHERE && strlen(name) == length &&
                                  memcmp(name, text, length) == 0) {
            r->place[role] = r->column;
            keep_cell(r, &r->cells[role], text, length);
        }
    }
    r->column++;
}

/* Cuts the line into r->cells: 0, -EINVAL, -ENOMEM. */
static int csv_cut(struct log_records *r, const char *text, size_t length, const char **reason)
{
    r->column = r->used = 0;
    r->no_memory = false;
    memset(r->cells, 0, sizeof r->cells);
    bool good = csv_parse(&r->csv, text, length, csv_cell, NULL, r) == length &&
                csv_fini(&r->csv, csv_cell, NULL, r) == 0;
    if (r->no_memory || (!good && csv_error(&r->csv) == CSV_ENOMEM))
        return -ENOMEM;
    if (good)
        return 0;
    *reason = "its quotes do not match";
    int error = csv_begin(r, (char)csv_get_delim(&r->csv)); /* it would stay in the quotes */
    return error ? error : -EINVAL;
}

/* Whether the line was the header. */
static int csv_header(struct log_records *r, const char **reason)
{
    for (unsigned role = 0; role < ROLES; role++)
        if (r->names[role] && r->place[role] == NOWHERE) {
            log_records_begin(r);
            r->first = false;
            *reason = "it comes before a header line with all the columns that were named";
            return -EINVAL;
        }
    r->header_known = true;
    return 1;
}

static bool cell_is(const struct log_records *r, const struct cell_text *cell, const char *name)
{
    return cell->found && cell->length == strlen(name) &&
           memcmp(r->buffer + cell->at, name, cell->length) == 0;
}

static int csv_fields(struct log_records *r, bool first, struct log_fields *fields)
{
    const struct cell_text *time = &r->cells[TIME], *user = &r->cells[USER],
                           *post = &r->cells[POST];

    if (!time->found || !user->found) {
        fields->reason = "it has too few columns";
        return -EINVAL;
    }
    /* Files that were put together repeat their header. */
    if (!r->numbered && cell_is(r, time, r->names[TIME]) && cell_is(r, user, r->names[USER]))
        return 1;
    if (!log_time_column(r->buffer + time->at, time->length, &fields->time_ms, &fields->reason))
        return r->numbered && first ? 1 : -EINVAL;
    fields->user = r->buffer + user->at;
    fields->user_length = user->length;
    fields->has_post = post->found;
    if (post->found) {
        fields->post = r->buffer + post->at;
        fields->post_length = post->length;
    }
    return 0;
}

int log_records_csv(struct log_records *r, const char *text, size_t length,
                    struct log_fields *fields)
{
    bool first = r->first;
    int error = 0;

    if (first)
        error = csv_begin(r, r->delimiter ? r->delimiter : guess_delimiter(text, length));
    r->first = false;
    if (!error)
        error = csv_cut(r, text, length, &fields->reason);
    if (error)
        return error;
    return r->header_known ? csv_fields(r, first, fields) : csv_header(r, &fields->reason);
}

/* The value of a key, or of a path of keys with dots between. */
static json_t *json_find(json_t *object, const char *name)
{
    for (;;) {
        json_t *value = json_object_get(object, name);
        const char *dot = strchr(name, '.');
        if (value || !dot)
            return value;
        object = json_object_getn(object, name, (size_t)(dot - name));
        name = dot + 1;
    }
}

/* A string or a whole number as text. */
static bool json_text(struct log_records *r, unsigned role, const json_t *value, const char **text,
                      size_t *length)
{
    if (json_is_string(value)) {
        *text = json_string_value(value);
        *length = json_string_length(value);
        return true;
    }
    if (!json_is_integer(value))
        return false;
    *length = (size_t)snprintf(r->numbers[role], NUMBER_SIZE, "%" JSON_INTEGER_FORMAT,
                               json_integer_value(value));
    *text = r->numbers[role];
    return true;
}

static bool json_time(const json_t *value, uint64_t *time_ms, const char **reason)
{
    char digits[NUMBER_SIZE];

    if (json_is_string(value))
        return log_time_column(json_string_value(value), json_string_length(value), time_ms,
                               reason);
    if (json_is_real(value))
        return log_time_real(json_real_value(value), time_ms, reason);
    if (!json_is_integer(value)) {
        *reason = value ? "the time stamp is neither a number nor a string"
                        : "the key of the time stamp is missing";
        return false;
    }
    int length = snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT,
                          json_integer_value(value));
    return log_time_column(digits, (size_t)length, time_ms, reason);
}

int log_records_json(struct log_records *r, const char *text, size_t length,
                     struct log_fields *fields)
{
    json_error_t error;

    json_decref(r->json);
    r->json = json_loadb(text, length, JSON_ALLOW_NUL, &error);
    if (!r->json && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (!json_is_object(r->json)) {
        fields->reason = r->json ? "it is JSON, but no object" : "it is not valid JSON";
        return -EINVAL;
    }
    if (!json_time(json_find(r->json, r->names[TIME]), &fields->time_ms, &fields->reason))
        return -EINVAL;
    if (!json_text(r, USER, json_find(r->json, r->names[USER]), &fields->user,
                   &fields->user_length)) {
        fields->reason = "the visitor is neither a string nor a whole number";
        return -EINVAL;
    }
    json_t *post = r->names[POST] ? json_find(r->json, r->names[POST]) : NULL;
    fields->has_post = post && !json_is_null(post);
    if (fields->has_post && !json_text(r, POST, post, &fields->post, &fields->post_length)) {
        fields->reason = "the post is neither a string nor a whole number";
        return -EINVAL;
    }
    return 0;
}
