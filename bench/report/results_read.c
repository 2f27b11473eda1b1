/* results_read.c - checks a results file before it is used. */
#include "bench/report/results_read.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "bench/report/results.h"

static int refuse(const struct results_file *f, const char *who, const char *why)
{
    fprintf(stderr, "%s: %s: %s\n", who, f->path, why);
    return -EINVAL;
}

static int check_schema(const struct results_file *f, const char *who)
{
    const json_t *version = json_object_get(f->root, "version");
    char why[160];

    if (strcmp(results_text(f->root, "schema"), RESULTS_SCHEMA) != 0) {
        snprintf(why, sizeof why, "its schema is '%.40s', not '%s': `contend run --json=FILE` "
                 "writes such files", results_text(f->root, "schema"), RESULTS_SCHEMA);
        return refuse(f, who, why);
    }
    if (!json_is_integer(version) || json_integer_value(version) < 1)
        return refuse(f, who, "it has no version of its schema");
    if (json_integer_value(version) > RESULTS_VERSION) {
        snprintf(why, sizeof why, "version %lld of the schema is newer than this program, which "
                 "reads up to %d", (long long)json_integer_value(version), RESULTS_VERSION);
        return refuse(f, who, why);
    }
    if (!json_is_array(json_object_get(f->root, "cells")))
        return refuse(f, who, "it has no cells");
    return 0;
}

int results_open(struct results_file *f, const char *path, const char *who)
{
    json_error_t error;
    char why[JSON_ERROR_TEXT_LENGTH + 64];
    FILE *file = fopen(path, "re");

    *f = (struct results_file){ .path = path };
    if (!file)
        return refuse(f, who, strerror(errno));
    f->root = json_loadf(file, JSON_REJECT_DUPLICATES, &error);
    fclose(file);
    if (!f->root) {
        snprintf(why, sizeof why, "not a JSON file: line %d: %s", error.line, error.text);
        return refuse(f, who, why);
    }
    return check_schema(f, who);
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
