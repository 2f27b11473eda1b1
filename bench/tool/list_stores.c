/* list_stores.c - the datastores in `contend list`. */
#include "bench/tool/list_stores.h"

#include <stdio.h>

#include "bench/base/entries.h"
#include "bench/base/text.h"
#include "bench/stores/stores.h"

static const char *state_of(const struct store *s, char why[STORES_WHY])
{
    unsigned flags = s->family->identity(s->ops)->flags;

    return !stores_ready(s, why)      ? "absent"
           : flags & CONTEND_EXHIBIT  ? "broken"
           : flags & CONTEND_REAL_TIME ? "own clock"
                                      : "";
}

static struct entry entry_of(const struct store *s)
{
    return (struct entry){ s->family, s->ops, s->family->identity(s->ops), s->family->header(s->ops) };
}

void list_print_stores(bool wide)
{
    char name[ENTRY_NAME], why[STORES_WHY];
    const struct store *s;

    puts("STORES: datastores behind the same tables, compared by `contend run --stores`\n");
    if (stores_at(0))
        printf("  %-30s %-13s %-9s\n", "name", "system", "");
    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        const struct entry e = entry_of(s);
        const char *state = state_of(s, why);
        printf("  %-30s %-13s ", entry_name(&e, name), s->system->name);
        if (wide)
            printf("%-9s %s\n", state, why[0] ? why : e.id->title);
        else
            puts(state);
        if (!wide && why[0])
            text_wrapped(stdout, why, 6, 74);
    }
    for (const struct contend_missing *m = stores_missing; m->name; m++) {
        char line[320];
        snprintf(line, sizeof line, "left out: %s (%s)", m->name, m->why);
        text_wrapped(stdout, line, 2, wide ? (int)sizeof line : 78);
    }
    puts("  absent    cannot be used here, and why; broken, as above; own clock: expiry\n"
         "            goes by the store's clock, not by the caller's\n");
}

json_t *list_stores_json(void)
{
    json_t *list = json_array();
    char why[STORES_WHY];
    const struct store *s;

    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        const struct contend_identity *id = s->family->identity(s->ops);
        bool ready = stores_ready(s, why);
        json_array_append_new(
            list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:s?}", "name", id->name,
                            "object", s->family->name, "system", s->system->name, "title", id->title,
                            "header", s->family->header(s->ops), "reference", id->reference, "needs",
                            s->system->needs, "broken", !!(id->flags & CONTEND_EXHIBIT), "real_time",
                            !!(id->flags & CONTEND_REAL_TIME), "ready", ready, "why",
                            ready ? NULL : why));
    }
    for (const struct contend_missing *m = stores_missing; m->name; m++)
        json_array_append_new(list, json_pack("{s:s, s:b, s:s}", "name", m->name, "ready", 0, "why",
                                              m->why));
    return list;
}
