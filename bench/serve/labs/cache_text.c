/* cache_text.c - the shapes of `contend cache`, its tables, its plot and its file. */
#include <math.h>
#include <string.h>

#include "bench/base/text.h"
#include "bench/report/curves.h"
#include "bench/report/results.h"
#include "bench/serve/labs/cache.h"

static const char *name_of(const struct cache_lab *l, unsigned i)
{
    return l->entries[i]->traits->id.name;
}

static int index_of(const struct cache_lab *l, const char *name)
{
    for (unsigned i = 0; i < l->count; i++)
        if (strcmp(name_of(l, i), name) == 0)
            return (int)i;
    return -1;
}

/* ---- shapes ---- */

static void judge_staleness(struct cache_lab *l)
{
    uint64_t reads = 0, wrong = 0, broken = 0;
    const char *culprit = "";

    for (unsigned i = 0; i < l->count; i++) {
        const struct cache_run *r = &l->mixed[i];
        if (!r->done) {
            experiment_not_reached(&l->e, "staleness", "what the interval oracle says of every way");
            return;
        }
        reads += r->verdict.reads;
        broken += r->broken;
        if (r->verdict.stale || r->verdict.from_nowhere || r->broken)
            culprit = name_of(l, i);
        wrong += r->verdict.stale + r->verdict.from_nowhere;
    }
    experiment_shape(&l->e, "staleness", SHAPE_EXACT, wrong == 0 && broken == 0,
                     "no answer is staler than its way declares: %.0f looked at by the interval oracle, "
                     "%.0f wrong, %.0f not whole%s%s.", (double)reads, (double)wrong, (double)broken,
                     wrong || broken ? "; last " : "", culprit);
}

static void judge_stampede(struct cache_lab *l)
{
    uint64_t least = UINT64_MAX, single = 0;
    bool all = true;

    for (unsigned i = 0; i < l->count; i++) {
        all = all && l->stampede[i].done;
        if (l->entries[i]->traits->features & CACHE_SINGLE_FLIGHT)
            single = l->stampede[i].loads > single ? l->stampede[i].loads : single;
        else
            least = l->stampede[i].loads < least ? l->stampede[i].loads : least;
    }
    if (!all) {
        experiment_not_reached(&l->e, "single_flight", "a crowd that wants one key at once");
        return;
    }
    experiment_shape(&l->e, "single_flight", SHAPE_EXACT, single == 1,
                     "%.0f misses of one key at once ask the store once under single flight: %.0f.",
                     (double)l->options->crowd, (double)single);
    experiment_shape(&l->e, "stampede", SHAPE_MEASURED, least > 5,
                     "without it they ask it many times: at least %.0f.", (double)least);
}

static void judge_expiry(struct cache_lab *l)
{
    int ttl = index_of(l, "ttl"), xfetch = index_of(l, "xfetch");

    if (ttl < 0 || xfetch < 0 || !l->expiry[ttl].done || !l->expiry[xfetch].done)
        experiment_not_reached(&l->e, "early_expiry", "a hot key that expires");
    else
        experiment_shape(&l->e, "early_expiry", SHAPE_MEASURED,
                         l->expiry[xfetch].loads < l->expiry[ttl].loads / 2,
                         "early expiry spares the store when a hot key expires: %.1f loads a TTL, and "
                         "%.1f with a plain TTL.", l->expiry[xfetch].loads, l->expiry[ttl].loads);
}

/* Loads of the store for a thousand gets. */
static double per_1000(const struct cache_run *r)
{
    return r->gets > 0 ? 1000 * r->loads_per_s * r->seconds / r->gets : NAN;
}

static void judge_levels(struct cache_lab *l)
{
    bool all = true, fewer = true;
    double direct = l->mixed[0].done ? l->mixed[0].share[CACHE_SOURCE] : NAN, most = 0;

    for (unsigned i = 1; i < l->count; i++) {
        all = all && l->mixed[i].done;
        most = fmax(most, l->mixed[i].share[CACHE_SOURCE]);
        fewer = fewer && l->mixed[i].share[CACHE_SOURCE] < direct;
    }
    if (all && l->mixed[0].done)
        experiment_shape(&l->e, "hits", SHAPE_MEASURED, fewer && most < 0.9,
                         "every way answers gets without the store: it is asked for at most %.1f %% of "
                         "them.", 100 * most);
    else
        experiment_not_reached(&l->e, "hits", "the share of each level");
    if (l->cold.done && l->filed.done)
        experiment_shape(&l->e, "file_level", SHAPE_MEASURED,
                         per_1000(&l->filed) < per_1000(&l->cold) / 5,
                         "after a restart a level on a disk spares the store: %.1f loads for 1,000 gets "
                         "without it, %.1f with it (%.0f and %.0f a second).", per_1000(&l->cold),
                         per_1000(&l->filed), l->cold.loads_per_s, l->filed.loads_per_s);
    else
        experiment_not_reached(&l->e, "file_level", "a restart with a level on a disk");
}

void cache_lab_judge(struct cache_lab *l)
{
    judge_staleness(l);
    judge_stampede(l);
    judge_expiry(l);
    judge_levels(l);
    gateway_judge(&l->gateway, &l->e);
}

/* ---- text ---- */

static void print_row(const char *name, const struct cache_run *r)
{
    char gets[TEXT_NUMBER], loads[TEXT_NUMBER], worst[TEXT_NUMBER], bound[TEXT_NUMBER];

    printf("  %-15s  %8s  %5.1f  %5.1f  %5.1f  %8s  %9s  %9s\n", name,
           text_number(r->gets / r->seconds / 1000, 3, gets), 100 * r->share[CACHE_LEVEL_1],
           100 * r->share[CACHE_LEVEL_2], 100 * r->share[CACHE_SOURCE],
           text_number(r->loads_per_s, 4, loads), text_duration((double)r->verdict.worst_ns, worst),
           text_duration((double)r->bound_ns, bound));
}

static void print_mixed(const struct cache_lab *l)
{
    printf("4 threads, 4,096 keys (Zipf), 99 %% gets; store of %.0f us; TTL 50 ms\n\n",
           (double)l->options->latency_us);
    printf("  %-15s  %8s  %5s  %5s  %5s  %8s  %9s  %9s\n", "", "kgets/s", "L1 %", "L2 %", "store",
           "loads/s", "stalest", "declared");
    for (unsigned i = 0; i < l->count; i++)
        if (l->mixed[i].done)
            print_row(name_of(l, i), &l->mixed[i]);
    if (l->cold.done)
        print_row("cold ttl", &l->cold);
    if (l->filed.done)
        print_row("cold ttl, file", &l->filed);
    printf("\n");
    text_wrapped(stdout, "stalest: how old an answer certainly was; declared: how old it may be.  Cold: after "
                 "a restart, only gets, and with a file that a run before has filled.  There a hit in the "
                 "file counts as the store's share, and not as a load.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

static void print_crowds(const struct cache_lab *l)
{
    printf("Loads of one hot key\n\n  %-15s  %14s  %14s\n", "", "stampede", "a TTL");
    for (unsigned i = 0; i < l->count; i++) {
        char loads[TEXT_NUMBER];
        if (l->stampede[i].done)
            printf("  %-15s  %14.0f  %14s\n", name_of(l, i), (double)l->stampede[i].loads,
                   text_number(l->expiry[i].done ? l->expiry[i].loads : NAN, 3, loads));
    }
    printf("\n");
    text_wrapped(stdout, "stampede: the key is nowhere, and all want it at once.  a TTL: 32 threads ask again "
                 "and again, and the key expires; '-' for what does not expire.", 2, EXPERIMENT_WIDTH - 2);
    printf("\n");
}

void cache_lab_print(const struct cache_lab *l)
{
    static const char marks[] = "dtxwvemlopqr";
    double x[CACHE_ENTRIES], y[CACHE_ENTRIES];
    struct curve list[CACHE_ENTRIES];

    print_mixed(l);
    for (unsigned i = 0; i < l->count; i++) {
        const struct cache_run *r = &l->mixed[i];
        x[i] = r->done ? r->loads_per_s : NAN;
        y[i] = r->done ? r->gets / r->seconds : NAN;
        list[i] = (struct curve){ name_of(l, i), marks[i], &x[i], &y[i], 1 };
    }
    const struct curves plot = { .title = "What the store is asked, and what the readers get",
                                 .x_name = "loads a second", .y_name = "gets a second", .log_y = true,
                                 .list = list, .count = l->count };
    curves_print(stdout, &plot);
    printf("\n");
    print_crowds(l);
    gateway_print(&l->gateway);
}

/* ---- the file ---- */

static json_t *run_json(const char *name, const struct cache_run *r)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "cache", name,
                     "gets_per_s", results_number(r->gets / r->seconds), "level_1",
                     results_number(r->share[CACHE_LEVEL_1]), "level_2",
                     results_number(r->share[CACHE_LEVEL_2]), "source",
                     results_number(r->share[CACHE_SOURCE]), "loads_per_s",
                     results_number(r->loads_per_s), "reads_judged", (json_int_t)r->verdict.reads,
                     "stale", (json_int_t)r->verdict.stale, "from_nowhere",
                     (json_int_t)r->verdict.from_nowhere, "broken", (json_int_t)r->broken, "worst_ns",
                     (json_int_t)r->verdict.worst_ns, "declared_ns", (json_int_t)r->bound_ns);
}

json_t *cache_lab_json(const struct cache_lab *l)
{
    json_t *mixed = json_array(), *crowds = json_array(), *restart = json_array();

    for (unsigned i = 0; i < l->count; i++) {
        if (l->mixed[i].done)
            json_array_append_new(mixed, run_json(name_of(l, i), &l->mixed[i]));
        if (l->stampede[i].done)
            json_array_append_new(crowds, json_pack(
                "{s:s, s:I, s:o}", "cache", name_of(l, i), "stampede_loads",
                (json_int_t)l->stampede[i].loads, "loads_per_ttl",
                results_number(l->expiry[i].done ? l->expiry[i].loads : NAN)));
    }
    if (l->cold.done)
        json_array_append_new(restart, run_json("without", &l->cold));
    if (l->filed.done)
        json_array_append_new(restart, run_json("file", &l->filed));
    return json_pack("{s:I, s:I, s:I, s:o, s:o, s:o, s:o}", "crowd", (json_int_t)l->options->crowd, "latency_us",
                     (json_int_t)l->options->latency_us, "window_ms",
                     (json_int_t)l->options->window_ms, "mixed", mixed, "crowds", crowds, "restart",
                     restart, "gateway", gateway_json(&l->gateway));
}
