/* stores_json.c - `contend run --stores` for programs; docs/results.md describes it. */
#include "bench/report/results.h"
#include "bench/report/stores_figures.h"

json_t *stores_json(const struct stores_results *r)
{
    json_t *o = series_json(&r->series, "contend.stores"), *entries = json_array();

    json_object_set_new(o, "rate_per_s", json_real(r->options->rate));
    for (unsigned i = 0; i < r->series.count; i++) {
        const struct stores_figures *f = &r->figures[i];
        const struct series_item *item = &r->series.items[i];
        json_t *entry = series_item_json(item);
        json_object_set_new(entry, "system", f->store ? json_string(f->store->system->name)
                                                      : json_null());
        json_object_set_new(entry, "exhibit",
                            json_boolean(contestant_identity(item->who)->flags & CONTEND_EXHIBIT));
        json_object_set_new(entry, "ops_per_s", results_number(f->per_s));
        json_object_set_new(entry, "round_trips", results_number(f->round_trips));
        json_object_set_new(entry, "bytes", results_number(f->bytes));
        json_object_set_new(entry, "units", f->units > 0 ? json_real(f->units) : json_null());
        json_object_set_new(entry, "client_cpu_ns", results_number(f->client_cpu_ns));
        json_object_set_new(entry, "server_cpu_ns", results_number(f->server_cpu_ns));
        json_object_set_new(entry, "held_per_item", results_number(f->held_per_item));
        json_object_set_new(entry, "copes_per_s", results_number(f->knee.copes));
        json_object_set_new(entry, "fails_per_s",
                            f->knee.fails > 0 ? json_real(f->knee.fails) : json_null());
        json_object_set_new(entry, "coarse", json_boolean(f->coarse));
        json_object_set_new(entry, "p50_ns", results_number(f->p50));
        json_object_set_new(entry, "p99_ns", results_number(f->p99));
        json_object_set_new(entry, "p999_ns", results_number(f->p999));
        if (f->trouble[0])
            json_object_set_new(entry, "trouble", json_string(f->trouble));
        json_array_append_new(entries, entry);
    }
    json_object_set_new(o, "entries", entries);
    return o;
}
