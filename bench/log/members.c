/* members.c - JSON objects: their members by name or path. */
#include "bench/log/members.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_SIZE = 32, PATH_SIZE = 128, DEEPEST = 8 };

struct log_json {
    struct log_names names;
    json_t *object; /* of the line before: its strings have been given away */
    char numbers[LOG_ROLES][NUMBER_SIZE];
    char joined[2 * NUMBER_SIZE];
    char *tidy; /* a copy of a line that jansson did not take */
    size_t capacity;
    char reason[LOG_REASON_SIZE];
};

int log_json_new(struct log_json **out, const struct log_names *names)
{
    struct log_json *j = calloc(1, sizeof *j);

    *out = j;
    if (!j)
        return -ENOMEM;
    j->names = *names;
    for (unsigned role = 0; role < LOG_ROLES; role++) /* those lie in the copy now */
        if (names->of[role] == names->own[role])
            j->names.of[role] = j->names.own[role];
    return 0;
}

void log_json_free(struct log_json *j)
{
    if (!j)
        return;
    json_decref(j->object);
    free(j->tidy);
    free(j);
}

/* The value of a key, or of a path of keys with dots between. */
static json_t *find(json_t *object, const char *name, size_t length)
{
    json_t *value;

    for (;;) {
        value = json_object_getn(object, name, length);
        const char *dot = memchr(name, '.', length);
        if (value || !dot)
            break;
        object = json_object_getn(object, name, (size_t)(dot - name));
        length -= (size_t)(dot + 1 - name);
        name = dot + 1;
    }
    return json_is_array(value) ? json_array_get(value, 0) : value; /* headers have many values */
}

static bool is_scalar(const json_t *value)
{
    return json_is_string(value) || json_is_number(value);
}

/* The value of a key of the object itself that is the name but for case and how its words join. */
static json_t *find_alike(json_t *object, const char *name)
{
    const char *key;
    json_t *value;

    json_object_foreach (object, key, value)
        if (log_same_name(key, strlen(key), name, strlen(name)))
            return json_is_array(value) ? json_array_get(value, 0) : value;
    return NULL;
}

/* The value of a role: of the first of its names that has one. */
static json_t *find_role(struct log_json *j, unsigned role)
{
    json_t *value = NULL;

    for (const char *const *name = j->names.of[role]; *name; name++) {
        value = find(j->object, *name, strlen(*name));
        if ((value && !j->names.known) || is_scalar(value))
            return value;
    }
    for (const char *const *name = j->names.of[role]; *name; name++) {
        value = find_alike(j->object, *name);
        if ((value && !j->names.known) || is_scalar(value))
            return value;
    }
    return NULL;
}

/* A string or a number as text; pandas makes floats of whole numbers. */
static bool to_text(struct log_json *j, unsigned role, const json_t *value, const char **text,
                    size_t *length)
{
    char *number = j->numbers[role];

    *text = number;
    if (json_is_string(value)) {
        *text = json_string_value(value);
        *length = json_string_length(value);
    } else if (json_is_integer(value)) {
        *length = (size_t)snprintf(number, NUMBER_SIZE, "%" JSON_INTEGER_FORMAT,
                                   json_integer_value(value));
    } else if (json_is_real(value)) {
        *length = (size_t)snprintf(number, NUMBER_SIZE, "%.17g", json_real_value(value));
    } else {
        return false;
    }
    return true;
}

static bool is_space_or_end(char c)
{
    return !c || strchr(" \t\r\n,:[]{}", c);
}

/* The length of the UTF-8 character at `at`; 0 if there is none. */
static size_t utf8_length(const unsigned char *at, size_t left)
{
    size_t length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3
                    : at[0] < 0xf5 ? 4 : 0;

    if (length > left)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool bad = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xed && at[1] > 0x9f) ||
               (at[0] == 0xf0 && at[1] < 0x90) || (at[0] == 0xf4 && at[1] > 0x8f);
    return bad ? 0 : length;
}

/* A value without quotes that is no JSON, nginx's '-' or a float's "-Infinity": how long. */
static size_t no_value(const char *text, size_t left)
{
    static const char *const words[] = { "-", "NaN", "Infinity", "-Infinity" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t length = strlen(words[i]);
        if (left > length && memcmp(text, words[i], length) == 0 && is_space_or_end(text[length]))
            return length;
    }
    return 0;
}

/* Whether a ',' or '}' stands where a value should. */
static bool lacks_value(const char *tidy, size_t used, char c)
{
    while (used && tidy[used - 1] == ' ')
        used--;
    return used && tidy[used - 1] == ':' && (c == ',' || c == '}');
}

/* Makes JSON of what nearly is, in j->tidy: how many bytes, 0 = no memory. */
static size_t tidy(struct log_json *j, const char *text, size_t length)
{
    size_t used = 0, step, none;
    bool quoted = false;

    if (6 * length + 1 > j->capacity) {
        char *grown = realloc(j->tidy, 6 * length + 1);
        if (!grown)
            return 0;
        j->tidy = grown;
        j->capacity = 6 * length + 1;
    }
    for (size_t i = 0; i < length; i += step) {
        unsigned char c = (unsigned char)text[i];
        size_t bytes = utf8_length((const unsigned char *)text + i, length - i);
        step = bytes ? bytes : 1;
        if (quoted && c == '\\' && i + 3 < length && text[i + 1] == 'x') {
            used += (size_t)snprintf(j->tidy + used, j->capacity - used, "\\u00%.2s", text + i + 2);
            step = 4;
        } else if (quoted && (!bytes || c < ' ')) {
            used += (size_t)snprintf(j->tidy + used, j->capacity - used, "\\u%04x", c);
        } else if (!quoted && (none = no_value(text + i, length - i)) > 0) {
            used += (size_t)snprintf(j->tidy + used, j->capacity - used, "null");
            step = none;
        } else {
            if (c == '\\' && quoted && i + 1 < length)
                step = 2;
            if (!quoted && lacks_value(j->tidy, used, (char)c))
                used += (size_t)snprintf(j->tidy + used, j->capacity - used, "null");
            quoted ^= c == '"';
            memcpy(j->tidy + used, text + i, step);
            used += step;
        }
    }
    return used;
}

/* Reads the object: 0, -EINVAL, -ENOMEM. */
static int load(struct log_json *j, const char *text, size_t length, const char **reason)
{
    json_error_t error;

    while (length && (text[length - 1] == ',' || text[length - 1] == ' ')) /* of an array */
        length--;
    json_decref(j->object);
    j->object = json_loadb(text, length, JSON_ALLOW_NUL, &error);
    if (!j->object && json_error_code(&error) != json_error_out_of_memory && length &&
        text[length - 1] == '}') {
        size_t used = tidy(j, text, length);
        /* As doubles, numbers beyond 64 bits are readable as well. */
        j->object = used ? json_loadb(j->tidy, used, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL,
                                      &error) : NULL;
        if (!used)
            return -ENOMEM;
    }
    if (!j->object && json_error_code(&error) == json_error_out_of_memory)
        return -ENOMEM;
    if (json_is_object(j->object))
        return 0;
    *reason = j->object ? "it is JSON, but no object" : "it is not valid JSON";
    return -EINVAL;
}

/* Offers all keys of an object, with their paths. */
static void offer_keys(struct log_offer *offer, json_t *object, char *path, size_t used, int depth)
{
    const char *key;
    json_t *value;

    json_object_foreach (object, key, value) {
        int n = snprintf(path + used, PATH_SIZE - used, "%s%s", used ? "." : "", key);
        if (n < 0 || used + (size_t)n >= PATH_SIZE)
            continue;
        if (json_is_object(value) && depth < DEEPEST)
            offer_keys(offer, value, path, used + (size_t)n, depth + 1);
        else
            log_offer_add(offer, path);
    }
}

const char *log_json_missing(struct log_json *j, enum log_role role)
{
    struct log_offer offer;
    char path[PATH_SIZE];

    if (!j->names.of[role][0] || !json_is_object(j->object) || find_role(j, role))
        return NULL;
    log_offer_begin(&offer, &j->names, role);
    offer_keys(&offer, j->object, path, 0, 0);
    return log_offer_say(&offer, "key", j->reason);
}

/* "date+time": the two as one. */
static bool joined_time(struct log_json *j, const char **text, size_t *length)
{
    for (const char *const *name = j->names.of[LOG_TIME]; *name; name++) {
        const char *plus = strchr(*name, '+');
        json_t *date = plus ? find(j->object, *name, (size_t)(plus - *name)) : NULL;
        json_t *time = date ? find(j->object, plus + 1, strlen(plus + 1)) : NULL;
        if (json_is_string(date) && json_is_string(time)) {
            *length = (size_t)snprintf(j->joined, sizeof j->joined, "%.31s %.31s",
                                       json_string_value(date), json_string_value(time));
            *text = j->joined;
            return true;
        }
    }
    return false;
}

static bool read_time(struct log_json *j, enum log_unit unit, struct log_fields *fields)
{
    const char *text;
    size_t length;

    if (joined_time(j, &text, &length))
        return log_time_column(text, length, unit, &fields->time_ms, &fields->reason);
    const json_t *value = find_role(j, LOG_TIME);
    if (json_is_real(value))
        return log_time_real(json_real_value(value), unit, &fields->time_ms, &fields->reason);
    if (to_text(j, LOG_TIME, value, &text, &length))
        return log_time_column(text, length, unit, &fields->time_ms, &fields->reason);
    fields->reason = value ? "the time stamp is neither a number nor a string"
                           : log_json_missing(j, LOG_TIME);
    return false;
}

int log_json_line(struct log_json *j, const char *text, size_t length, enum log_unit unit,
                  struct log_fields *fields)
{
    int error = load(j, text, length, &fields->reason);

    if (error)
        return error;
    if (!read_time(j, unit, fields))
        return -EINVAL;
    json_t *user = find_role(j, LOG_USER);
    if (!to_text(j, LOG_USER, user, &fields->user, &fields->user_length)) {
        fields->reason = user ? "the visitor is neither a string nor a number"
                              : log_json_missing(j, LOG_USER);
        return -EINVAL;
    }
    json_t *post = j->names.of[LOG_POST][0] ? find_role(j, LOG_POST) : NULL;
    fields->has_post = post && !json_is_null(post);
    if (fields->has_post && !to_text(j, LOG_POST, post, &fields->post, &fields->post_length)) {
        fields->reason = "the post is neither a string nor a number";
        return -EINVAL;
    }
    return 0;
}

int log_json_wrapped(struct log_json *j, const char *text, size_t length, struct span *line,
                     const char **reason)
{
    static const char *const wrappers[] = { "log", "message", "msg", "MESSAGE", "textPayload",
                                            "line", "event" };
    int error = load(j, text, length, reason);

    for (size_t i = 0; !error && i < sizeof wrappers / sizeof *wrappers; i++) {
        const json_t *value = json_object_get(j->object, wrappers[i]);
        if (!json_is_string(value))
            continue;
        *line = (struct span){ json_string_value(value), json_string_length(value) };
        while (line->length && strchr("\r\n", line->text[line->length - 1]))
            line->length--;
        return 0;
    }
    *reason = error ? *reason : "it has no member with a line, such as 'log' or 'message'";
    return error ? error : -EINVAL;
}
