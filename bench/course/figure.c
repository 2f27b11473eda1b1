/* figure.c - walks a results file with the objects that lead to where it stands. */
#include "bench/course/figure.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH = 16 };

/* ---- the question ---- */

/* Copies up to `end`, without blanks at its ends.  Whether it fits and is not empty. */
static bool take(char word[FIGURE_WORD], const char *begin, const char *end)
{
    while (begin < end && *begin == ' ')
        begin++;
    while (end > begin && end[-1] == ' ')
        end--;
    snprintf(word, FIGURE_WORD, "%.*s", (int)(end - begin), begin);
    return end > begin && end - begin < FIGURE_WORD;
}

bool figure_parse(struct figure_question *q, const char *text)
{
    const char *of = strstr(text, " of "), *at = of ? strstr(of + 4, " at ") : NULL;

    *q = (struct figure_question){ .most = strncmp(text, "most ", 5) == 0 };
    if (q->most)
        text += 5;
    if (!of || !take(q->field, text, of) ||
        !take(q->name, of + 4, at ? at : of + strlen(of)))
        return false;
    for (const char *part = at ? at + 4 : ""; *part;) {
        const char *end = part + strcspn(part, ","), *equals = memchr(part, '=', (size_t)(end - part));
        if (!equals || q->filter_count == FIGURE_FILTERS ||
            !take(q->filters[q->filter_count].key, part, equals) ||
            !take(q->filters[q->filter_count].value, equals + 1, end))
            return false;
        q->filter_count++;
        part = end + (*end == ',');
    }
    return true;
}

/* ---- the file ---- */

struct walk {
    const struct figure_question *question;
    struct figure_answer *out;
    const json_t *path[DEPTH]; /* the objects that lead here, the outermost first */
    unsigned depth, found, unknown;
};

static bool means(const json_t *value, const char *text)
{
    char *end;
    double number = strtod(text, &end);

    if (json_is_string(value))
        return strcmp(json_string_value(value), text) == 0;
    if (json_is_boolean(value))
        return strcmp(json_is_true(value) ? "true" : "false", text) == 0;
    return json_is_number(value) && end != text && !*end &&
           fabs(json_number_value(value) - number) <= 1e-9 * fabs(number);
}

/* The member of the innermost object that has it. */
static const json_t *member(const struct walk *w, const char *key)
{
    for (unsigned i = w->depth; i > 0; i--) {
        const json_t *value = json_object_get(w->path[i - 1], key);
        if (value && !json_is_object(value) && !json_is_array(value))
            return value;
    }
    return NULL;
}

/* The innermost object by any of its texts, an outer one by its name. */
static bool is_named(const struct walk *w)
{
    const json_t *name = member(w, "strategy");
    const char *key;
    json_t *value;

    name = name ? name : member(w, "name");
    if (name && means(name, w->question->name))
        return true;
    json_object_foreach((json_t *)w->path[w->depth - 1], key, value)
        if (json_is_string(value) && means(value, w->question->name))
            return true;
    return false;
}

static bool is_asked_for(const struct walk *w)
{
    const struct figure_question *q = w->question;

    if (!is_named(w))
        return false;
    for (unsigned i = 0; i < q->filter_count; i++) {
        const json_t *value = member(w, q->filters[i].key);
        if (!value || !means(value, q->filters[i].value))
            return false;
    }
    return true;
}

/* The field of an object, or of an object in it: "response.p99_ns". */
static const json_t *field(const json_t *object, const char *path)
{
    const char *dot = strchr(path, '.');
    char first[FIGURE_WORD];

    if (!dot)
        return json_object_get(object, path);
    snprintf(first, sizeof first, "%.*s", (int)(dot - path), path);
    const json_t *inner = json_object_get(object, first);
    return json_is_object(inner) ? field(inner, dot + 1) : NULL;
}

static void look(struct walk *w, const json_t *object)
{
    const json_t *value = field(object, w->question->field);

    if (!value || json_is_object(value) || json_is_array(value) || json_is_string(value) ||
        !is_asked_for(w))
        return;
    if (json_is_null(value)) {
        w->unknown++;
        return;
    }
    double figure = json_is_boolean(value) ? json_is_true(value) : json_number_value(value);
    w->out->value = w->found > 0 ? fmax(w->out->value, figure) : figure;
    w->out->disturbed = w->out->disturbed || json_is_true(member(w, "noisy"));
    w->found++;
}

static void walk(struct walk *w, const json_t *value)
{
    const char *key;
    json_t *inner;
    size_t i;

    if (json_is_object(value) && w->depth < DEPTH) {
        w->path[w->depth++] = value;
        look(w, value);
        json_object_foreach((json_t *)value, key, inner)
            if (strcmp(key, "blocks") != 0)
                walk(w, inner);
        w->depth--;
    }
    json_array_foreach(value, i, inner)
        walk(w, inner);
}

int figure_find(const json_t *root, const struct figure_question *q, struct figure_answer *out)
{
    struct walk w = { .question = q, .out = out };

    *out = (struct figure_answer){ .value = NAN };
    walk(&w, root);
    if (w.found == 1 || (w.found > 1 && q->most))
        return 0;
    out->value = NAN;
    snprintf(out->why, sizeof out->why, w.found ? "there is more than one %s of %s"
             : w.unknown ? "%s of %s could not be told" : "there is no %s of %s", q->field, q->name);
    return w.found ? -EEXIST : -ENOENT;
}
