/*
 * swim.h - SWIM, simulated: members that ping each other, ask others to, and pass on what they know.
 *
 * Idea: in each period every member pings one other at random.  If no answer comes within a third of
 *   the period, it asks `helpers` others to try; if none comes until the period's end, it suspects
 *   the member, and counts it as dead when the suspicion is old.  What a member knows it passes on
 *   with its pings and answers.  A member that hears that it is suspected refutes it with a higher incarnation.
 * Load: constant for each member, whatever their number.  A crash is noticed first after 1 / (1 - 1/e)
 *   periods on average, whatever their number.
 * Network: that of beats.h.  Each message is lost and delayed by itself, so that one may overtake another.
 *   A member that stands still reads what has come meanwhile when it goes on, and then looks at its timers.
 *   Of two members the timers of one run too slow by the drift.
 * Simplified here: a message carries all that its sender knew when it was sent, not the newest few
 *   entries; a live member that was counted as dead hears of it from an answer, and joins again
 *   with a higher incarnation, which the original leaves to the application.
 * Reference: A. Das, I. Gupta and A. Motivala, "SWIM: Scalable Weakly-consistent Infection-style
 *   Process Group Membership Protocol", DSN 2002.
 */
#ifndef CONTEND_BENCH_SERVE_DETECT_SWIM_H
#define CONTEND_BENCH_SERVE_DETECT_SWIM_H

#include <stdbool.h>
#include <stdint.h>

#include "bench/serve/detect/beats.h"

enum { SWIM_MEMBERS = 256 };

struct swim_config {
    unsigned members; /* 2 .. SWIM_MEMBERS */
    unsigned helpers; /* asked for an indirect ping; 0 = none */
    double suspicion; /* periods for which a suspicion must stand; 0: dead at once */
    unsigned calm;    /* periods before the crash */
    unsigned wait;    /* periods after it, at most */
    bool together;    /* periods begin for all at once, and the crash comes before one; else at random */
    uint64_t period_us; /* at least 3 */
    struct beats_network network; /* pauses begin where a period would */
    uint64_t seed;
};

/*
 * Quality of service as each of the others sees it: of every pair of a watcher and a member that lives, in
 * the calm; then how soon the watchers notice the crash.
 */
struct swim_quality {
    uint64_t mistakes;   /* how often a live member came to be seen so */
    double wrong_us;     /* for how long in all, until it was refuted or the calm ended */
    double detection_us; /* from the crash until a watcher sees it so for good, on average; NAN: one never did */
    double detection_worst_us;
};

struct swim_result {
    double first;     /* periods from the crash until a member suspects it; NAN: nobody did */
    double all;       /* until every other member counts it as dead; NAN: not all did */
    uint64_t suspicions; /* live members suspected by a member's own ping, in the calm */
    double messages;  /* a member in a period of the calm */
    double lived_us;  /* of all pairs, in the calm */
    struct swim_quality suspected; /* seen as suspected or as dead */
    struct swim_quality dead;      /* seen as dead */
};

/* Runs it once: the calm, then one member crashes.  0, -ENOMEM, or -EINVAL for numbers out of range. */
int swim_run(const struct swim_config *config, struct swim_result *out);

#endif
