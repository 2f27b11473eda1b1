/* partition_text.c - the tables of `contend partition`, and its file. */
#include <inttypes.h>
#include <stdio.h>

#include "bench/report/partition.h"

static const char *const outage_names[] = { "killed", "silent" };

static void print_moves(const struct partition *p)
{
    printf("A FURTHER NODE: who moves, of %" PRIu64 " users\n"
           "  nodes      equal part    on a ring   astray   modulo the nodes\n", p->options->users);
    for (unsigned i = 0; i < PARTITION_MOVES; i++) {
        const struct moves_trial *m = &p->moves[i];
        printf("  %2u to %-2u      %6.2f %%     %6.2f %%   %6" PRIu64 "           %6.2f %%\n", m->nodes,
               m->nodes + 1, 100.0 / (m->nodes + 1), 100.0 * (double)m->moved / (double)m->users,
               m->astray, 100.0 * (double)m->moved_modulo / (double)m->users);
    }
}

static void print_outages(const struct partition *p)
{
    printf("\nA MASTER OF THREE IS AWAY: heartbeats of %" PRIu64 " users, one each\n"
           "  master   its users  answered  refused  unknown  slowest ms  back in s  lost\n",
           p->options->few);
    for (int k = 0; k < PARTITION_OUTAGES; k++) {
        const struct outage *o = &p->outages[k];
        if (p->has_outage[k])
            printf("  %-8s %9" PRIu64 " %9" PRIu64 " %8" PRIu64 " %8" PRIu64 " %11.1f %10.2f %5" PRIu64
                   "\n", outage_names[k], o->its_users, o->answered, o->refused, o->unknown,
                   (double)o->slowest_us / 1000, o->back_s, o->forgotten);
    }
    printf("  refused: nothing has changed; unknown: the connection broke, or time was up.\n"
           "  silent: it stands still, as if the network were cut; 3 of its users are tried.\n");
}

static void print_async(const struct partition *p)
{
    printf("\nWRITE-BEHIND: %" PRIu64 " users beat every 10 s; a kill comes between two writes\n"
           "  written every  coalesces  acknowledged   written  commands    lost  users lost\n",
           p->options->few);
    for (unsigned i = 0; i < PARTITION_ASYNC; i++) {
        const struct async_trial *a = &p->async[i];
        if (p->has_async[i])
            printf("  %11.0f s  %-9s %13" PRIu64 " %9" PRIu64 " %9" PRIu64 " %7" PRIu64 " %11" PRIu64
                   "\n", (double)a->window_ms / 1000, a->coalesces ? "yes" : "no", a->acknowledged,
                   a->written, a->commands, a->lost, a->lost_users);
    }
    printf("\n");
}

void partition_print(const struct partition *p)
{
    print_moves(p);
    print_outages(p);
    print_async(p);
}

json_t *partition_json(const struct partition *p)
{
    json_t *moves = json_array(), *outages = json_array(), *async = json_array();

    for (unsigned i = 0; i < PARTITION_MOVES; i++) {
        const struct moves_trial *m = &p->moves[i];
        json_array_append_new(
            moves, json_pack("{s:I, s:I, s:I, s:I, s:I}", "nodes", (json_int_t)m->nodes, "users",
                             (json_int_t)m->users, "moved", (json_int_t)m->moved, "astray",
                             (json_int_t)m->astray, "moved_modulo", (json_int_t)m->moved_modulo));
    }
    for (int k = 0; k < PARTITION_OUTAGES; k++) {
        const struct outage *o = &p->outages[k];
        if (p->has_outage[k])
            json_array_append_new(
                outages,
                json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:f, s:I}", "master", outage_names[k],
                          "users", (json_int_t)o->users, "its_users", (json_int_t)o->its_users,
                          "answered", (json_int_t)o->answered, "refused", (json_int_t)o->refused,
                          "unknown", (json_int_t)o->unknown, "slowest_us", (json_int_t)o->slowest_us,
                          "back_s", o->back_s, "lost", (json_int_t)o->forgotten));
    }
    for (unsigned i = 0; i < PARTITION_ASYNC; i++) {
        const struct async_trial *a = &p->async[i];
        if (p->has_async[i])
            json_array_append_new(
                async, json_pack("{s:I, s:b, s:I, s:I, s:I, s:I, s:I, s:I}", "window_ms",
                                 (json_int_t)a->window_ms, "coalesces", a->coalesces, "users",
                                 (json_int_t)a->users, "acknowledged", (json_int_t)a->acknowledged,
                                 "written", (json_int_t)a->written, "commands",
                                 (json_int_t)a->commands, "lost", (json_int_t)a->lost, "lost_users",
                                 (json_int_t)a->lost_users));
    }
    json_t *all = json_pack("{s:o, s:o, s:o}", "moves", moves, "outages", outages, "async", async);
    if (all && p->has_growth)
        json_object_set_new(all, "growth",
                            json_pack("{s:I, s:I, s:I, s:I}", "nodes", (json_int_t)p->growth.nodes,
                                      "users", (json_int_t)p->growth.users, "offline",
                                      (json_int_t)p->growth.offline, "offline_after_a_beat",
                                      (json_int_t)p->growth.offline_after_a_beat));
    return all;
}
