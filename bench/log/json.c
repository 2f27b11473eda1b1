/* json.c - JSON objects: their members by name or path. */
#include <jansson.h>
#include <stdio.h>

#include "bench/log/pattern.h"
#include "bench/log/readers.h"

enum { PATH_SIZE = 128, DEEPEST = 8 };

struct log_json {
    const struct log_names *names;
    json_t *object; /* of the line before: its strings have been given away */
    char array[PATH_SIZE]; /* of objects, in one that lacks what was asked for */
    struct log_roles roles;
};

int log_json_new(struct log_json **out, const struct log_names *names)
{
    *out = calloc(1, sizeof **out);
    if (*out)
        (*out)->names = names;
    return *out ? 0 : -ENOMEM;
}

void log_json_free(struct log_json *j)
{
    if (j)
        json_decref(j->object);
    free(j);
}

void log_json_begin(struct log_json *j)
{
    memset(&j->roles, 0, sizeof j->roles);
}

/* The value of a key, or of a path of keys with dots between. */
static const json_t *find(json_t *object, struct span name)
{
    const char *dot = memchr(name.text, '.', name.length);
    json_t *value = json_object_getn(object, name.text, name.length);

    if (value || !dot)
        return value;
    size_t used = (size_t)(dot + 1 - name.text);
    return find(json_object_getn(object, name.text, used - 1),
                (struct span){ dot + 1, name.length - used });
}

static bool find_member(void *of, struct span name, bool alike, struct log_value *v)
{
    struct log_json *j = of;
    const json_t *value = alike ? NULL : find(j->object, name);
    const char *key;
    json_t *member;
    size_t length;

    if (alike)
        json_object_foreach (j->object, key, member)
            if (!value && log_same_name((struct span){ key, strlen(key) }, name))
                value = member;
    if (json_is_array(value)) /* headers have many values */
        value = json_array_get(value, 0);
    v->null = json_is_null(value);
    v->text = (struct span){ json_string_value(value), json_string_length(value) };
    if (json_is_number(value)) {
        if (json_is_integer(value))
            length = (size_t)snprintf(v->number, sizeof v->number, "%" JSON_INTEGER_FORMAT,
                                      json_integer_value(value));
        else /* pandas makes floats of whole numbers */
            length = (size_t)snprintf(v->number, sizeof v->number, "%.16g",
                                      json_real_value(value));
        v->text = (struct span){ v->number, length };
    }
    return value != NULL;
}

/* Offers all keys of an object, with their paths, and keeps that of an array of objects. */
static void offer_keys(struct log_json *j, struct log_offer *offer, json_t *object, char *path,
                       size_t used, int depth)
{
    const char *key;
    json_t *value;

    json_object_foreach (object, key, value) {
        int n = snprintf(path + used, PATH_SIZE - used, "%s%s", used ? "." : "", key);
        if (n < 0 || used + (size_t)n >= PATH_SIZE)
            continue;
        const json_t *first = json_array_get(value, 0);
        if (json_is_object(first) && !j->array[0])
            snprintf(j->array, PATH_SIZE, "%.100s[]%s", path,
                     json_object_get(first, "_source") ? "._source" : ""); /* Elasticsearch */
        if (json_is_object(value) && depth < DEEPEST)
            offer_keys(j, offer, value, path, used + (size_t)n, depth + 1);
        else
            log_offer_add(offer, path);
    }
}

static void offer_members(void *of, struct log_offer *offer)
{
    struct log_json *j = of;
    char path[PATH_SIZE];

    offer_keys(j, offer, j->object, path, 0, 0);
}

/*
 * Makes JSON of what nearly is: nginx writes \x22, and - for no value; pandas NaN.  Bytes that are
 * no UTF-8 become characters of Latin-1, control characters blanks.  0 or -ENOMEM.
 */
static int mend(struct span text, struct bytes *out)
{
    static const char regex[] =
        "(\\\\x)(?=[[:xdigit:]]{2})|(?<=[^\\\\]\")(:)\\s*(?:-|NaN|-?Infinity)?\\s*(?=[,}])"
        "|(?:\\\\.|[\\xc2-\\xdf][\\x80-\\xbf]|(?:\\xe0[\\xa0-\\xbf]|[\\xe1-\\xec\\xee\\xef][\\x80-\\xbf]"
        "|\\xed[\\x80-\\x9f])[\\x80-\\xbf]|(?:\\xf0[\\x90-\\xbf]|[\\xf1-\\xf3][\\x80-\\xbf]"
        "|\\xf4[\\x80-\\x8f])[\\x80-\\xbf]{2})(*SKIP)(*F)|[^ -\\x7f]";
    static struct pattern odd;
    struct span match;
    size_t at = 0;
    int error = 0;

    while (!error && pattern_find(&odd, regex, text, at)) {
        char latin[8] = " ";
        bool hex = pattern_group(&odd, text, 1, &match), none = pattern_group(&odd, text, 2, &match);
        pattern_group(&odd, text, 0, &match);
        if ((unsigned char)*match.text > ' ')
            snprintf(latin, sizeof latin, "\\u%04x", (unsigned char)*match.text);
        const char *by = hex ? "\\u00" : none ? ":null" : latin;
        size_t kept = (size_t)(match.text - text.text) - at;
        error = bytes_add(out, text.text + at, kept);
        if (!error)
            error = bytes_add(out, by, strlen(by));
        at += kept + match.length;
    }
    return error ? error : bytes_add(out, text.text + at, text.length - at);
}

/* Reads the object: 0, -EINVAL, -ENOMEM. */
static int load(struct log_json *j, struct span text, const char **reason)
{
    struct bytes mended = { NULL, 0, 0 };
    json_error_t cause;
    int error = 0;

    while (text.length && strchr(", ", text.text[text.length - 1])) /* of an array */
        text.length--;
    json_decref(j->object);
    j->array[0] = '\0';
    j->object = json_loadb(text.text, text.length, JSON_ALLOW_NUL, &cause);
    if (!j->object && json_error_code(&cause) != json_error_out_of_memory && text.length &&
        text.text[text.length - 1] == '}') {
        error = mend(text, &mended);
        /* As doubles, numbers beyond 64 bits are readable as well. */
        j->object = error ? NULL : json_loadb(mended.at, mended.used, JSON_ALLOW_NUL |
                                              JSON_DECODE_INT_AS_REAL, &cause);
        free(mended.at);
    }
    if (!j->object && (error || json_error_code(&cause) == json_error_out_of_memory))
        return -ENOMEM;
    *reason = j->object ? "it is JSON, but no object" : "it is not valid JSON";
    return json_is_object(j->object) ? 0 : -EINVAL;
}

static struct log_record record_of(struct log_json *j)
{
    return (struct log_record){ .of = j, .what = "key", .find = find_member,
                                .offer = offer_members };
}

const char *log_json_no_post(struct log_json *j)
{
    const struct log_record record = record_of(j);

    return log_post_missing(&j->roles, &record, j->names);
}

int log_json_line(struct log_json *j, struct span text, struct span around, enum log_unit unit,
                  struct log_fields *fields)
{
    struct log_record record = record_of(j);
    int error = load(j, text, &fields->reason);

    record.around = around;
    error = error ? error : log_roles_take(&j->roles, &record, j->names, unit, fields);
    size_t used = strlen(j->roles.reason);
    if (error == -EINVAL && j->array[0])
        snprintf(j->roles.reason + used, sizeof j->roles.reason - used,
                 "; jq -c '.%s' prints the objects of its array", j->array);
    return error;
}

int log_json_wrapped(struct log_json *j, struct span text, struct span *line, struct span *time,
                     const char **reason)
{
    const struct log_record record = record_of(j);
    int error = load(j, text, reason);

    for (const char *const *name = log_line_names; !error && *name; name++) {
        const json_t *value = json_object_get(j->object, *name);
        if (!json_is_string(value))
            continue;
        *line = (struct span){ json_string_value(value), json_string_length(value) };
        while (line->length && strchr("\r\n", line->text[line->length - 1]))
            line->length--;
        log_role_find(&j->roles, &record, j->names, LOG_TIME);
        *time = j->roles.values[LOG_TIME].text;
        return 0;
    }
    *reason = error ? *reason : "it has no member with a line, such as 'log' or 'message'";
    return error ? error : -EINVAL;
}
