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

/* What of SWIM is compared with the detectors, see detect_swim_views. */
enum { DETECT_SWIM_DEAD, DETECT_SWIM_SUSPECTED, DETECT_SWIM_VIEWS };

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
    double first, all, messages; /* means */
    double mistakes;       /* live members counted as dead, by each other one that does: a member in 1,000 periods */
    struct quality suspected, dead; /* as a watcher sees a member; here an interval is a period */
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
    struct detect_point swim_points[DETECT_NETWORKS][DETECT_SWIM_VIEWS][DETECT_STEPS];
    double swim_messages[DETECT_NETWORKS][DETECT_SWIM_VIEWS][DETECT_STEPS]; /* a member in a period */
};

/* A view of SWIM as if it was a detector: its name, what its dial is, and how it is drawn. */
struct detect_swim_view {
    const char *name;
    const char *dial;
    char mark;
};

extern const struct detect_swim_view detect_swim_views[DETECT_SWIM_VIEWS];
extern const struct beats_network detect_networks[DETECT_NETWORKS];
enum { DETECT_INTERVAL_US = 10000000 }; /* a beat every 10 s, as everywhere in the lab */

/* Runs it; the exit status of the command. */
int detect_lab_command(const struct detect_lab_options *o);

/*
 * For detect_lab_command().  SWIM in its own periods, and over the networks of the curves; 0, or a negative errno
 * value.  Then its shapes, its table and its parts of the file.
 */
int detect_swim_run(struct detect_lab *l);
void detect_swim_judge(struct detect_lab *l);
void detect_swim_print(const struct detect_lab *l);
json_t *detect_swim_json(const struct detect_lab *l);
void detect_swim_add_points(const struct detect_lab *l, json_t *points);

/* For detect_lab_command(): the shapes, the text and the file. */
void detect_lab_judge(struct detect_lab *l);
void detect_lab_print(const struct detect_lab *l);
json_t *detect_lab_json(const struct detect_lab *l);
json_t *detect_point_json(const char *network, const char *detector, const struct detect_point *p);

#endif
