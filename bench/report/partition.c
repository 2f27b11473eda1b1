/* partition.c - the trials of `contend partition`, and what is expected of them. */
#include "bench/report/partition.h"

#include <errno.h>
#include <string.h>

#include "bench/base/arguments.h"
#include "bench/stores/parts/trouble.h"
#include "bench/stores/stores.h"

enum { STEPS = 1 + PARTITION_OUTAGES + PARTITION_ASYNC };

/* Says what a store complained about; whether there are figures. */
static bool has(struct partition *p, const char *shape, int error)
{
    char text[TROUBLE_TEXT] = "";

    if (!trouble_take(text) && error)
        snprintf(text, sizeof text, "%s", strerror(-error));
    if (error)
        experiment_not_reached(&p->e, shape, "%s: %s", shape, text);
    return error == 0;
}

/* ---- a further node ---- */

static void judge_moves(struct partition *p)
{
    static const unsigned nodes[PARTITION_MOVES] = { 1, 2, 4, 8, 16 };
    bool holds = true;

    for (unsigned i = 0; i < PARTITION_MOVES; i++) {
        struct moves_trial *m = &p->moves[i];
        moves_trial(m, nodes[i], p->options->users);
        double part = (double)m->moved / (double)m->users * (m->nodes + 1);
        /* 128 points a node: its part differs from an equal one by about a tenth. */
        holds = holds && m->astray == 0 && part > 0.6 && part < 1.4;
    }
    const struct moves_trial *m = &p->moves[2];
    experiment_shape(&p->e, "ring_moves_its_part", SHAPE_EXACT, holds,
                     "a node added to k on a consistent ring takes over about 1/(k + 1) of the users, and "
                     "nobody else moves: of 4 nodes %.1f %%, and with the number modulo k %.1f %%.",
                     100.0 * (double)m->moved / (double)m->users,
                     100.0 * (double)m->moved_modulo / (double)m->users);
}

static void judge_growth(struct partition *p)
{
    const struct growth_trial *g = &p->growth;

    p->has_growth = has(p, "further_server", growth_trial(&p->growth, 3, p->options->few));
    if (!p->has_growth)
        return;
    experiment_shape(&p->e, "further_server", SHAPE_EXACT,
                     g->offline > g->users / 8 && g->offline < g->users / 2 && !g->offline_after_a_beat,
                     "a fourth Redis server takes over %.0f of %.0f users, who are offline until they "
                     "beat again; after a beat of each nobody is (%.0f).",
                     (double)g->offline, (double)g->users, (double)g->offline_after_a_beat);
}

/* ---- an outage ---- */

static void judge_killed(struct partition *p)
{
    const struct outage *o = &p->outages[OUTAGE_KILLED];

    experiment_shape(&p->e, "killed_others_answer", SHAPE_EXACT,
                     o->answered == o->users - o->its_users && o->its_users > 0,
                     "with one of three masters killed, all users of the two others are answered: %.0f "
                     "of %.0f; of the dead one's %.0f users %.0f calls were refused and changed nothing, "
                     "and %.0f are unknown.", (double)o->answered, (double)o->users,
                     (double)o->its_users, (double)o->refused, (double)o->unknown);
    experiment_shape(&p->e, "killed_forgets", SHAPE_EXACT, o->forgotten == o->its_users,
                     "a master that comes back without its data has forgotten its own users and nobody "
                     "else: %.0f, until their next heartbeat.", (double)o->forgotten);
}

static void judge_silent(struct partition *p)
{
    const struct outage *o = &p->outages[OUTAGE_SILENT];

    experiment_shape(&p->e, "silent_others_answer", SHAPE_MEASURED,
                     o->answered == o->users - o->its_users && o->unknown > 0,
                     "with one master cut off, all users of the others are answered: %.0f of %.0f; a call "
                     "for one of its users ends when its time is up, %.0f ms, and its outcome is unknown.",
                     (double)o->answered, (double)o->users, (double)o->slowest_us / 1000);
    experiment_shape(&p->e, "silent_loses_nothing", SHAPE_EXACT, o->forgotten == 0,
                     "once it is back, nothing that was acknowledged is lost (%.0f users are).",
                     (double)o->forgotten);
}

static void judge_outages(struct partition *p)
{
    static const char *const names[] = { "killed", "silent" };
    static void (*const judges[])(struct partition *) = { judge_killed, judge_silent };

    for (int kind = 0; kind < PARTITION_OUTAGES && !experiment_is_over(&p->e); kind++) {
        experiment_progress(&p->e, 1 + (unsigned)kind, STEPS, names[kind]);
        int error = outage_trial(&p->outages[kind], (enum outage_kind)kind, p->options->few);
        p->has_outage[kind] = has(p, names[kind], error);
        if (p->has_outage[kind])
            judges[kind](p);
    }
}

/* ---- write-behind ---- */

static void judge_async(struct partition *p)
{
    const struct async_trial *a = p->async;
    bool all = true, loses = true;

    for (unsigned i = 0; i < PARTITION_ASYNC && !experiment_is_over(&p->e); i++) {
        experiment_progress(&p->e, 1 + PARTITION_OUTAGES + i, STEPS, "write-behind");
        int error = async_trial(&p->async[i], i < 2 ? 1000 : 30000, i % 2 == 1, p->options->few);
        p->has_async[i] = has(p, "async", error);
    }
    for (unsigned i = 0; i < PARTITION_ASYNC; i++) {
        all = all && p->has_async[i];
        loses = loses && a[i].lost > 0 && a[i].lost_users > 0;
    }
    if (!all)
        return;
    experiment_shape(&p->e, "async_loses", SHAPE_EXACT, loses,
                     "a queue that is written later loses acknowledged heartbeats at a kill: %.0f with a "
                     "second between writes, %.0f with 30 s.", (double)a[0].lost, (double)a[2].lost);
    experiment_shape(&p->e, "async_saves_nothing", SHAPE_EXACT,
                     a[0].commands == a[0].written && a[1].commands == a[1].written,
                     "and saves the database nothing: %.0f commands for %.0f heartbeats, also where "
                     "duplicates coalesce (%.0f), since nobody beats twice in a second.",
                     (double)a[0].commands, (double)a[0].written, (double)a[1].commands);
    experiment_shape(&p->e, "coalescing_needs_the_ttl", SHAPE_EXACT,
                     a[2].commands == a[2].written && 3 * a[3].commands == a[3].written,
                     "only a queue that is as old as the time to live, 30 s, is a third of the load: %.0f "
                     "commands for %.0f heartbeats; and users whom it forgets are offline.",
                     (double)a[3].commands, (double)a[3].written);
}

int partition_command(const struct partition_options *o)
{
    static struct partition p;

    memset(&p, 0, sizeof p);
    p.options = o;
    experiment_begin(&p.e, "partition", &o->base);
    judge_moves(&p);
    experiment_progress(&p.e, 0, STEPS, "a further server");
    if (!experiment_is_over(&p.e))
        judge_growth(&p);
    judge_outages(&p);
    judge_async(&p);
    stores_end();
    progress_end(&p.e.progress);
    partition_print(&p);
    return experiment_end(&p.e, partition_json(&p), false);
}
