/*
 * replay.h - a recorded log as load, from its facts to the report.
 *
 * survey.c holds every strategy against the model and samples latencies, report.c
 * prints and describes; the command that brings them together is in bench/tool/.
 */
#ifndef CONTEND_BENCH_REPLAY_REPLAY_H
#define CONTEND_BENCH_REPLAY_REPLAY_H

#include <jansson.h>
#include <stdio.h>

#include "bench/measure/launch.h"
#include "bench/measure/plan.h"
#include "bench/judge/verdict.h"
#include "bench/replay/facts.h"
#include "bench/replay/drive.h"

struct replay_options {
    struct run_options run; /* first: the reader of a list of strategies gets a pointer to it */
    char *names[OPTION_STRATEGIES]; /* the strategies', which run points into */
    unsigned name_count;
    struct log_parse_options parse;
    struct log_columns columns;
    bool as_logged;
    bool strict;         /* the first damage or unreadable line ends it */
    unsigned tolerate;   /* percent of the log that may be lost */
    uint64_t scale, repeat, ttl_ms;
    double speed;        /* 0 = as fast as it goes */
    unsigned instants;   /* at which all answers are compared */
    unsigned top;        /* posts to name */
    const char *curve;   /* a CSV file for users online over time, or NULL */
    const char *const *files;
    size_t file_count;
};

enum { REPLAY_CURVE = 720, REPLAY_TOP = 100, REPLAY_LOADS = OPTION_LIST + 2 };

/* The results of one strategy outside of the timed windows. */
struct replay_survey {
    struct contestant who;
    unsigned threads;
    bool done, skipped;       /* skipped: too much memory or time, or ids beyond it; see why */
    int error;                /* -EILSEQ: an answer was wrong; else it failed: see why */
    char why[REPLAY_WHY];
    unsigned instants;        /* at which it agreed with the model */
    uint64_t bytes;           /* at the end */
    uint64_t late;            /* paced: operations more than a millisecond late */
    uint64_t operations;      /* paced: of the whole play; the histogram has those that were done */
    double seconds, whole_seconds; /* paced: how much of the log's time was played; all of it */
    struct histogram latency; /* ns */
};

/* A whole replay. */
struct replay {
    struct replay_options options;
    struct log log;
    struct log_facts facts;
    struct log_curve curve;
    struct log_top top[REPLAY_TOP];
    size_t top_found;
    cpu_set_t allowed;
    struct plan plan;
    struct launcher launcher; /* of the timed windows */
    struct replay_load *loads[REPLAY_LOADS]; /* by thread count, made when needed */
    struct replay_model model;              /* for timed windows; shared, one at a time */
    struct replay_survey *surveys; /* of apart_memory(): copies of the process fill them */
    size_t surveys_size;
    unsigned survey_count;
    bool interrupted;
    bool stopped; /* reading, by the user or the budget: what was read until then is the log */
    bool cut_short; /* the same by the budget */
};

/* The load for so many threads, or NULL without memory. */
const struct replay_load *replay_load_for(struct replay *r, unsigned threads);

/*
 * Checks each contestant of the plan at the most threads, and samples latencies or,
 * with a speed, plays paced.  Fills r->surveys.  0 or -ENOMEM.
 */
int replay_survey_all(struct replay *r);

/* Whether a strategy other than an exhibit gave a wrong answer, or failed. */
bool replay_any_failure(const struct replay *r);

/* The window in which the reference plays the log once, within bounds; ms. */
unsigned replay_window_ms(const struct replay *r);

/*
 * Makes what the timed windows of all blocks need, so that the process of each block need not.
 * What cannot be made is missed by the windows.
 */
void replay_prepare(struct replay *r);

/* window_engine's run, with struct replay as ctx. */
int replay_window(void *ctx, const struct cell *cell, const struct contestant *who,
                  const struct window_settings *settings, struct window_result *out);

/* Whether more of the log was lost than is tolerated. */
bool replay_lost_too_much(const struct replay *r);
/* Prints how the log was read: its formats, its first visitors, what was lost. */
void replay_print_reading(FILE *out, const struct replay *r);
/* Prints the doubts about the figures; returns whether there are any.  `out` may be NULL. */
bool replay_caveats(FILE *out, const struct replay *r);
json_t *replay_files_json(const struct replay *r); /* each file's lines and damage */

void replay_print_log(FILE *out, const struct replay *r);      /* the facts */
void replay_print_surveys(FILE *out, const struct replay *r);  /* agreement and latencies */
/* How many such logs' worth of load the picks bear; cells may be NULL. */
void replay_print_capacity(FILE *out, const struct replay *r, const struct cell_verdict *cells,
                           unsigned count);
json_t *replay_json(const struct replay *r);
int replay_write_curve(const struct replay *r); /* 0, or an error after a message */

#endif
