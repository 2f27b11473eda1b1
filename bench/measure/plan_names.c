/* plan_names.c - the names of cells and of cases in them. */
#include <inttypes.h>
#include <string.h>

#include "bench/measure/plan.h"

const char *plan_cell_name(const struct cell *c, char buffer[PLAN_NAME])
{
    size_t n = (size_t)snprintf(buffer, PLAN_NAME, "%s/%s", c->workload->family->name,
                                c->workload->name);

    if (c->workload->keys == KEYS_USERS)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/users:%" PRIu64, c->users);
    if (c->workload->keys == KEYS_POSTS)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/posts:%" PRIu64, c->posts);
    if (c->skew != SKEW_UNIFORM)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/%s", skew_name(c->skew));
    if (c->disjoint)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/disjoint");
    if (c->ids != IDS_DENSE)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/%s", ids_name(c->ids));
    if (cell_batch(c))
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/batch:%u", cell_batch(c));
    if (c->readers)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/readers:%u", c->readers);
    if (c->hogs)
        n += (size_t)snprintf(buffer + n, PLAN_NAME - n, "/hogs:%u", c->hogs);
    snprintf(buffer + n, PLAN_NAME - n, "/threads:%u", c->threads);
    return buffer;
}

const char *plan_name(const struct plan_cell *c, unsigned contestant, char buffer[PLAN_NAME])
{
    char name[CONTESTANT_NAME];
    size_t n;

    plan_cell_name(&c->cell, buffer);
    n = strlen(buffer);
    snprintf(buffer + n, PLAN_NAME - n, "/%s",
             contestant_name(&c->contestants[contestant], name, sizeof name));
    return buffer;
}
