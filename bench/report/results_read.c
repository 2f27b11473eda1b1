/* results_read.c - checks a results file before it is used. */
#include "bench/report/results_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/results.h"

static int refuse(const char *path, const char *who, const char *why)
{
    char text[1024];

    snprintf(text, sizeof text, "%s: %s: %s", who, path, why);
    fprintf(stderr, "%s\n", text_tame(text));
    return -EINVAL;
}

static int check_version(const json_t *root, const char *path, const char *who)
{
    const json_t *version = json_object_get(root, "version");
    char why[160];

    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return refuse(path, who, "it has no version of its schema");
    if (json_integer_value(version) > RESULTS_VERSION) {
        snprintf(why, sizeof why, "version %lld of the schema is newer than this program, which "
                 "reads up to %d", (long long)json_integer_value(version), RESULTS_VERSION);
        return refuse(path, who, why);
    }
    return 0;
}

/* What a file of each schema must have, an array. */
static const struct {
    const char *schema, *member;
} known[] = {
    { RESULTS_SCHEMA, "cells" },
    { "contend.latency", "curves" },
    { "contend.stall", "strategies" },
    { "contend.memory", "points" },
    { "contend.gallery", "harnesses" },
    { "contend.oversubscribe", "points" },
    { "contend.fairness", "points" },
};

static int check_schema(const json_t *root, const char *path, const char *who, size_t schemas)
{
    const char *schema = results_text(root, "schema");
    char why[160];

    for (size_t i = 0; i < schemas; i++) {
        if (strcmp(schema, known[i].schema) != 0)
            continue;
        if (check_version(root, path, who) != 0)
            return -EINVAL;
        snprintf(why, sizeof why, "it has no %s", known[i].member);
        return json_is_array(json_object_get(root, known[i].member)) ? 0 : refuse(path, who, why);
    }
    snprintf(why, sizeof why, "its schema is '%.40s', not '%s'%s: `contend run --json=FILE` "
             "writes such files", schema, RESULTS_SCHEMA,
             schemas > 1 ? " or that of another run" : "");
    return refuse(path, who, why);
}

/* Reads a file of one of the first `schemas` known ones. */
static int load(json_t **root, const char *path, const char *who, size_t schemas)
{
    json_error_t error;
    char why[JSON_ERROR_TEXT_LENGTH + 64];
    FILE *file = fopen(path, "re");

    *root = NULL;
    if (!file)
        return refuse(path, who, strerror(errno));
    *root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (*root)
        return check_schema(*root, path, who, schemas);
    snprintf(why, sizeof why, "not a JSON file: line %d: %s", error.line, error.text);
    return refuse(path, who, why);
}

int results_open(struct results_file *f, const char *path, const char *who)
{
    *f = (struct results_file){ .path = path };
    return load(&f->root, path, who, 1);
}

int results_load(json_t **root, const char *path, const char *who)
{
    int error = load(root, path, who, sizeof known / sizeof *known);

    if (error)
        json_decref(*root);
    return error;
}

void results_close(struct results_file *f)
{
    json_decref(f->root);
    f->root = NULL;
}

const char *results_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text ? text : "";
}

const char *results_session(const struct results_file *f, const char *key)
{
    const char *text = results_text(json_object_get(f->root, "session"), key);

    return text[0] ? text : "unavailable";
}

const char *results_reference(const struct results_file *f, const json_t *cell)
{
    const char *own = results_text(cell, "reference");

    return own[0] ? own : results_text(json_object_get(f->root, "run"), "reference");
}

json_t *results_cell(const struct results_file *f, const char *name)
{
    json_t *cell;
    size_t i;

    json_array_foreach(json_object_get(f->root, "cells"), i, cell)
        if (strcmp(results_text(cell, "name"), name) == 0)
            return cell;
    return NULL;
}

bool results_has(const json_t *cell, const char *strategy)
{
    json_t *entry;
    size_t i;

    json_array_foreach(json_object_get(cell, "strategies"), i, entry)
        if (strcmp(results_text(entry, "strategy"), strategy) == 0)
            return !json_is_true(json_object_get(entry, "again")) &&
                   strcmp(results_text(entry, "verdict"), verdict_word(VERDICT_FLOOR)) != 0;
    return false;
}

/* The strategy's rate in a block; NAN if its window failed or stood at another placement. */
static double rate_in(const json_t *block, const char *strategy, const char *placement)
{
    json_t *window;
    size_t i;

    json_array_foreach(json_object_get(block, "windows"), i, window)
        if (strcmp(results_text(window, "strategy"), strategy) == 0 &&
            strcmp(results_text(window, "placement"), placement) == 0) {
            double rate = json_number_value(json_object_get(window, "ops_per_s"));
            return rate > 0 ? rate : NAN;
        }
    return NAN;
}

size_t results_samples(const json_t *cell, const char *strategy, const char *reference,
                       double *logs, size_t most)
{
    const char *placement = results_text(cell, "placement");
    json_t *block;
    size_t i, n = 0;

    json_array_foreach(json_object_get(cell, "blocks"), i, block) {
        if (json_is_string(json_object_get(block, "rejected")))
            continue;
        double rate = rate_in(block, strategy, placement);
        if (reference)
            rate /= rate_in(block, reference, placement);
        double sample = log(rate); /* a ratio may be too large or too small for a double */
        if (isfinite(sample) && n < most)
            logs[n++] = sample;
    }
    return n;
}
