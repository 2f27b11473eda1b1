/*
 * deciding.c - the figures of docs/stores-deciding.md are what the stores say of themselves.
 *
 * Usage: test_store_deciding PAGE
 *
 * Commands and units of a heartbeat are exact, bytes of a user to within a sixth: they differ a
 * little between versions.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/stores/stores.h"
#include "tests/support/support.h"

enum { USERS = 10000, FEW_USERS = 60, CHUNK = 500, BEATS = 20, LINE = 400, BORN = 1000000 };

struct figures {
    double commands, units, bytes; /* NAN: a dash */
};

static const char *page;

/* The cells of "| `name` | system | 1 | - | 112 |"; false without such a line. */
static bool stated(const char *name, struct figures *out)
{
    double *const cells[] = { &out->commands, &out->units, &out->bytes };
    char line[LINE], begin[64];
    FILE *file = fopen(page, "r");
    bool found = false;

    assert_non_null(file);
    snprintf(begin, sizeof begin, "| `%s` |", name);
    while (!found && fgets(line, sizeof line, file))
        found = strncmp(line, begin, strlen(begin)) == 0;
    fclose(file);
    char *at = found ? strchr(line + strlen(begin), '|') : NULL;
    for (size_t i = 0; at && i < 3; i++) {
        char *end;
        double n = strtod(at + 1, &end);
        *cells[i] = end == at + 1 ? NAN : n;
        at = strchr(at + 1, '|');
    }
    return at != NULL;
}

static void fill(struct map_rig *r, unsigned users)
{
    uint64_t ids[CHUNK];
    int results[CHUNK];

    for (unsigned next = 0; next < users; next += CHUNK) {
        unsigned count = users - next < CHUNK ? users - next : CHUNK;
        for (unsigned i = 0; i < count; i++)
            ids[i] = next + i;
        assert_int_equal(r->ops->heartbeat_many(r->object, r->handle, ids, count, BORN, results), 0);
        for (unsigned i = 0; i < count; i++)
            assert_int_equal(results[i], PRESENCE_CAME_ONLINE);
    }
}

static void measure(const struct store *s, struct figures *out)
{
    struct store_traffic before, after;
    struct map_rig r;
    /* What tells no bytes need not have many, which may take it milliseconds each. */
    struct figures page_says;
    unsigned users = stated(s->family->identity(s->ops)->name, &page_says) && isnan(page_says.bytes)
                         ? FEW_USERS : USERS;

    const struct presence_config config = { .expected = users };
    map_rig_up(&r, s->ops, &config);
    fill(&r, users);
    for (unsigned i = 0; i < BEATS; i++) /* whatever a connection has to be told first */
        assert_int_equal(r.ops->heartbeat(r.object, r.handle, i, BORN), PRESENCE_REFRESHED);
    s->traffic(r.object, &before);
    for (unsigned i = 0; i < BEATS; i++)
        assert_int_equal(r.ops->heartbeat(r.object, r.handle, i, BORN + 1), PRESENCE_REFRESHED);
    s->traffic(r.object, &after);
    out->commands = (double)(after.round_trips - before.round_trips) / BEATS;
    out->units = after.units > before.units ? (double)(after.units - before.units) / 1000 / BEATS : NAN;
    out->bytes = after.held_by ? (double)after.held / users : NAN;
    map_rig_down(&r);
}

static void compare(const char *name, const char *what, double wanted, double is, double part)
{
    bool same = isnan(wanted) ? isnan(is) : fabs(is - wanted) <= wanted * part;

    if (!same)
        fail_msg("%s: %s are %.3f, and %s says %.3f", name, what, is, page, wanted);
}

static void the_page_says_what_the_stores_say(void **state)
{
    char why[STORES_WHY];
    const struct store *s;
    unsigned compared = 0;

    (void)state;
    for (size_t i = 0; (s = stores_at(i)) != NULL; i++) {
        const char *name = s->family->identity(s->ops)->name;
        struct figures wanted, is;
        if (s->family != &family_presence)
            continue;
        if (!stores_ready(s, why) || !stated(name, &wanted)) {
            print_message("# %s: %s\n", name, why[0] ? why : "the page has no line for it");
            continue;
        }
        measure(s, &is);
        compare(name, "commands", wanted.commands, is.commands, 0.001);
        compare(name, "units", wanted.units, is.units, 0.001);
        compare(name, "bytes", wanted.bytes, is.bytes, 1.0 / 6);
        compared++;
    }
    if (compared == 0)
        skip();
}

int main(int argc, char **argv)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_says_what_the_stores_say),
    };

    if (argc != 2) {
        fputs("Usage: test_store_deciding PAGE\n", stderr);
        return 2;
    }
    page = argv[1];
    int failed = cmocka_run_group_tests_name("figures of the stores", tests, NULL, NULL);
    stores_end();
    return failed ? 1 : 0;
}
