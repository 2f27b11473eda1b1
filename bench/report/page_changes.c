/* page_changes.c - what the page says of two runs: as `contend compare` judges them, from the raw windows. */
#include <string.h>

#include "bench/report/change.h"
#include "bench/report/page.h"
#include "bench/report/results.h"

/* The first or the last file of a run. */
static struct results_file run_of(const json_t *files, bool last)
{
    struct results_file found = { NULL, NULL };
    json_t *file;
    size_t i;

    json_array_foreach(files, i, file) {
        json_t *data = json_object_get(file, "data");
        if (strcmp(results_text(data, "schema"), RESULTS_SCHEMA) == 0 && (last || !found.root))
            found = (struct results_file){ results_text(file, "name"), data };
    }
    return found;
}

static json_t *strategies_json(const json_t *a, const json_t *b, const char *reference)
{
    json_t *list = json_array(), *entry;
    size_t i;

    json_array_foreach(json_object_get(a, "strategies"), i, entry) {
        const char *strategy = results_text(entry, "strategy");
        if (!results_has(a, strategy) || !results_has(b, strategy))
            continue;
        struct change change = change_of(a, b, strategy, reference, !reference);
        json_array_append_new(list, change_json(strategy, &change));
    }
    return list;
}

/* The cells that both have. */
static json_t *cells_json(const struct results_file *a, const struct results_file *b, bool by_rate)
{
    json_t *list = json_array(), *cell;
    size_t i;

    json_array_foreach(json_object_get(a->root, "cells"), i, cell) {
        const char *name = results_text(cell, "name"), *reference = by_rate ? NULL : results_reference(a, cell);
        const json_t *other = results_cell(b, name);
        const char *why = other ? change_obstacle(cell, other) : NULL;
        if (other)
            json_array_append_new(list, json_pack("{s:s, s:s?, s:s?, s:o}", "name", name, "reference", reference,
                                                  "not_compared", why, "strategies",
                                                  why ? json_array() : strategies_json(cell, other, reference)));
    }
    return list;
}

json_t *page_changes(const json_t *files)
{
    struct results_file a = run_of(files, false), b = run_of(files, true);

    if (a.root == b.root)
        return json_null();
    const char *why = change_refused(&a, &b);
    bool by_rate = change_needs_rates(&a, &b);
    return json_pack("{s:s, s:s, s:s?, s:s, s:f, s:o}", "a", a.path, "b", b.path, "refused", why, "by",
                     by_rate ? "rate" : "ratio", "margin", VERDICT_MARGIN, "cells",
                     why ? json_array() : cells_json(&a, &b, by_rate));
}
