/*
 * detect.h - `contend detect`: presence as failure detection, and what each detector pays for it.
 *
 * Three questions: does the boundary of a time to live matter; which detector notices a crash sooner
 * at how many mistakes; and how does it cost where many threads ask.  The first two are simulated.
 */
#ifndef CONTEND_BENCH_SERVE_LABS_DETECT_H
#define CONTEND_BENCH_SERVE_LABS_DETECT_H

#include "bench/report/experiment.h"
#include "bench/serve/detect/swim.h"
#include "bench/serve/labs/detect_quality.h"

enum { DETECT_ENTRIES = 12, DETECT_NETWORKS = 4, DETECT_STEPS = 8, DETECT_SWIMS = 6 };

struct detect_lab_options {
    struct experiment_options base;
    uint64_t users;   /* of the arithmetic */
    uint64_t minutes; /* that each of them lives */
    uint64_t clients; /* of each point of a curve */
};

/* A run of the arithmetic: false offlines a minute among all users. */
struct detect_boundary {
    bool done, jitter;
    unsigned beats; /* that must be lost one after the other for a mistake, without jitter */
    double expected, seen; /* a minute; expected NAN: no formula */
    double expected_count, count;
};

struct detect_point {
    bool done;
    double dial;
    struct quality q;
};

struct detect_cost {
    bool done;
    double alone_ns, beside_ns, heard_ns; /* asking with nobody beside it, and beside beats; a beat */
};

struct detect_swim {
    bool done;
    const char *what;
    struct swim_config config;
    double first, all, mistakes, messages; /* means; mistakes a member in 1,000 periods */
    unsigned runs;
};

struct detect_lab {
    const struct detect_lab_options *options;
    struct experiment e;
    const struct detect_ops *entries[DETECT_ENTRIES];
    unsigned count;
    struct detect_boundary boundaries[4]; /* inclusive and exclusive, without jitter and with it */
    struct detect_point points[DETECT_NETWORKS][DETECT_ENTRIES][DETECT_STEPS];
    struct quality certain; /* of a time to live without loss and jitter: its detection time */
    bool certain_done;
    struct detect_cost costs[DETECT_ENTRIES];
    struct detect_swim swims[DETECT_SWIMS];
};

extern const struct beats_network detect_networks[DETECT_NETWORKS];
enum { DETECT_INTERVAL_US = 10000000 }; /* a beat every 10 s, as everywhere in the lab */

/* Runs it; the exit status of the command. */
int detect_lab_command(const struct detect_lab_options *o);

/* For detect_lab_command(): the shapes, the text and the file. */
void detect_lab_judge(struct detect_lab *l);
void detect_lab_print(const struct detect_lab *l);
json_t *detect_lab_json(const struct detect_lab *l);

#endif
